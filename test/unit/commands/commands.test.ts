import { anyTraceId } from '../../support/log-lines';
import { cancelOrder } from '../../../src/commands/cancel-order';
import { placeOrder } from '../../../src/commands/place-order';
import { openStream } from '../../../src/events/order-stream';
import {
  openCommandPorts as open,
  orderCommand,
  placed,
  QUIET_MS,
  reconcile,
} from '../../support/command-ports';
import { SCOPE, facts, orderRequest } from '../../support/orders';

describe('placing an order', () => {
  test('S6: stores it with OrderCreated and SagaStarted, then starts it', async () => {
    const app = open();
    const orderId = await placed(app);
    expect((await app.orders.eventsAfter(SCOPE, orderId, 0)).map(({ type }) => type)).toEqual([
      'OrderCreated',
      'SagaStarted',
    ]);
    expect(app.calls).toEqual(['start']);
  });

  test('S6: the same key and body is the same order, started once, also 50 times at once', async () => {
    const app = open();
    const ids = await Promise.all(Array.from({ length: 50 }, () => placed(app)));
    expect(new Set(ids).size).toBe(1);
    expect(app.calls).toEqual(['start']);
  });

  test('the same key with another body is refused and changes nothing', async () => {
    const app = open();
    const orderId = await placed(app);
    const other = { ...orderRequest, customerId: 'cust-2' };
    const result = await placeOrder(app.ports, { ...orderCommand, request: other });
    expect(result).toEqual({ kind: 'keyReused', orderId });
    expect((await app.orders.read(SCOPE, orderId))?.order.customerId).toBe('cust-1');
  });

  test('without a key is a new order every time', async () => {
    const app = open();
    const keyless = { idempotencyKey: undefined };
    expect(await placed(app, keyless)).not.toBe(await placed(app, keyless));
  });

  test('keys of two tenants never meet', async () => {
    const app = open();
    expect(await placed(app)).not.toBe(await placed(app, { scope: { tenantId: 'other' } }));
  });

  test('S6: a task hub that is away does not lose the order: the reconciler starts it, once', async () => {
    const app = open();
    app.hub.away = true;
    const orderId = await placed(app);
    app.hub.away = false;
    expect(app.lines.warn).toEqual([
      ['saga not started', { orderId, correlationId: 'corr-1', traceId: anyTraceId(), error: 'away' }],
    ]);
    app.pass(QUIET_MS + 1);
    expect(await reconcile(app)).toMatchObject({ started: 1 });
    expect(await reconcile(app)).toMatchObject({ started: 0 });
    expect(app.calls).toEqual(['start']);
  });

  test('a store that is away is a transient error, and nothing is started', async () => {
    const app = open();
    app.orders.away = true;
    await expect(placed(app)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(app.calls).toEqual([]);
  });
});

describe('cancelling an order', () => {
  const cancel = (app: ReturnType<typeof open>, orderId: string) =>
    cancelOrder(app.ports, { scope: SCOPE, orderId, requestedBy: 'customer', reason: null });

  test('S7: is a fact first and a signal second', async () => {
    const app = open();
    const orderId = await placed(app);
    expect((await cancel(app, orderId)).kind).toBe('accepted');
    expect((await app.orders.eventsAfter(SCOPE, orderId, 2)).map(({ type }) => type)).toEqual([
      'CancelRequested',
    ]);
    expect(app.calls).toEqual(['start', 'cancel']);
  });

  test('S7: twice is one request in the stream and the same answer', async () => {
    const app = open();
    const orderId = await placed(app);
    await cancel(app, orderId);
    expect((await cancel(app, orderId)).kind).toBe('accepted');
    expect(await app.orders.eventsAfter(SCOPE, orderId, 2)).toHaveLength(1);
  });

  test('S7: a signal that is lost is raised again by the reconciler', async () => {
    const app = open();
    const orderId = await placed(app);
    app.hub.away = true;
    expect((await cancel(app, orderId)).kind).toBe('accepted');
    app.hub.away = false;
    app.pass(QUIET_MS + 1);
    expect(await reconcile(app)).toMatchObject({ signalled: 1 });
    expect(app.calls).toEqual(['start', 'cancel']);
  });

  test('S7: a signal that is lost is told as a warning; one that a bug kept back is an error', async () => {
    const app = open();
    const orderId = await placed(app);
    app.hub.away = true;
    await cancel(app, orderId);
    expect(app.lines.warn).toEqual([
      ['cancel not signalled', { orderId, correlationId: 'corr-1', traceId: anyTraceId(), error: 'away' }],
    ]);
    app.ports.sagas.signalCancel = () => Promise.reject(new TypeError('a bug'));
    await expect(cancel(app, orderId)).rejects.toThrow('a bug');
  });

  test('S7: of an order that ended cancelled is accepted again, and its saga is signalled no more', async () => {
    const app = open();
    const orderId = await placed(app);
    await cancel(app, orderId);
    const stored = await app.orders.read(SCOPE, orderId);
    if (stored === undefined) throw new Error('the order is gone');
    const fact = { actor: 'test', key: null, facts: () => [facts.cancelled] };
    await openStream(app.ports, stored).append(fact);
    expect(await cancel(app, orderId)).toMatchObject({ kind: 'accepted', order: { status: 'cancelled' } });
    expect(app.calls).toEqual(['start', 'cancel']);
  });

  test('an order that does not exist is not found', async () => {
    expect(await cancel(open(), 'nobody')).toEqual({ kind: 'notFound' });
  });
});
