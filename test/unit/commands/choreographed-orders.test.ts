// Commands in the saga mode choreography: what placing, repairing, cancelling and controlling an order does to its saga.
import { cancelOrder } from '../../../src/commands/cancel-order';
import { findSaga } from '../../../src/commands/saga-status';
import { controlSaga } from '../../../src/operations/control-saga';
import type { SagaMessage } from '../../../src/ports/saga-messages';
import {
  done,
  effectsOf,
  happened,
  openCommandPorts,
  orderCommand,
  placed,
  QUIET_MS,
  reconcile,
} from '../../support/command-ports';
import { orderRequest, SCOPE } from '../../support/orders';

type App = ReturnType<typeof openCommandPorts>;

/** Commands in the mode, over a queue that only remembers; `expected` is what it answers the reconciler. */
function openChoreographed(): App & {
  sent: { message: SagaMessage; dueMs: number }[];
  queue: { expected: boolean };
} {
  const app = openCommandPorts();
  const sent: { message: SagaMessage; dueMs: number }[] = [];
  const queue = { expected: false };
  const sagaMessages = {
    send: (message: SagaMessage, dueMs: number) => Promise.resolve(void sent.push({ message, dueMs })),
    isExpected: () => Promise.resolve(queue.expected),
  };
  return { ...app, ports: { ...app.ports, sagaMessages }, sent, queue };
}

const read = async ({ ports }: App, orderId: string) => {
  const stored = await ports.orders.read(SCOPE, orderId);
  if (stored === undefined) throw new Error(`no order ${orderId}`);
  return stored.order;
};

describe('in the saga mode choreography', () => {
  test('S17: a new order says its mode in its first event, and no instance is started for it', async () => {
    const app = openChoreographed();
    const orderId = await placed(app);
    const [created, started] = await app.orders.eventsAfter(SCOPE, orderId, 0);
    expect([created?.data, started?.type]).toMatchObject([{ sagaMode: 'choreography' }, 'SagaStarted']);
    expect((await read(app, orderId)).sagaMode).toBe('choreography');
    expect([app.calls, app.sent]).toEqual([[], []]);
  });

  test('S17: an order that waits for its time is woken by a message for then', async () => {
    const app = openChoreographed();
    const notBefore = '2026-01-02T00:00:00.000Z';
    const orderId = await placed(app, { request: { ...orderRequest, notBefore } });
    expect(app.sent).toMatchObject([{ message: { orderId }, dueMs: Date.parse(notBefore) }]);
  });

  test('S17: a quiet order is woken, unless a message for it is on its way', async () => {
    const app = openChoreographed();
    const orderId = await placed(app);
    app.queue.expected = true;
    app.pass(QUIET_MS);
    expect(await reconcile(app)).toMatchObject({ looked: 1, signalled: 0 });
    app.queue.expected = false;
    app.pass(QUIET_MS);
    expect(await reconcile(app)).toMatchObject({ looked: 1, signalled: 1 });
    expect(app.sent).toMatchObject([{ message: { orderId, tenantId: SCOPE.tenantId } }]);
    expect(app.calls).toEqual([]);
  });

  test('S17: a quiet order is brought to its end by a host of the other mode, from where it stands', async () => {
    const app = openChoreographed();
    const orderId = await placed(app);
    await done(app, orderId, 'ReserveInventory');
    app.pass(QUIET_MS);
    const { sagaMessages: _, ...ports } = app.ports;
    expect(await reconcile({ ports })).toMatchObject({ looked: 1, repaired: 1 });
    expect((await read(app, orderId)).status).toBe('completed');
    expect(effectsOf(app, orderId)).toEqual([
      'stockReserved',
      'charged',
      'shipmentCreated',
      'stockConfirmed',
    ]);
    expect(app.calls).toEqual([]);
  });

  test('S7, S17: a cancel is accepted, and signalled by its event only', async () => {
    const app = openChoreographed();
    const orderId = await placed(app);
    const request = { scope: SCOPE, orderId, requestedBy: 'customer', reason: null };
    expect((await cancelOrder(app.ports, request)).kind).toBe('accepted');
    expect(app.calls).toEqual([]);
  });

  test.each(['suspend', 'resume', 'terminate'] as const)('S17: %s is refused by name', async (action) => {
    const app = openChoreographed();
    const orderId = await placed(app);
    const request = { scope: SCOPE, orderId, action, operator: 'op-1', reason: 'test' };
    expect(await controlSaga(app.ports, request)).toMatchObject({ refusal: { code: 'SAGA_CHOREOGRAPHED' } });
    expect(app.calls).toEqual([]);
  });

  test('S17: what an instance would be is in the stream: running, failed with an operator asked, completed', async () => {
    const app = openChoreographed();
    const orderId = await placed(app);
    const statuses: unknown[] = [];
    const look = async (): Promise<void> => {
      const instance = await findSaga(app.ports.sagas, await read(app, orderId));
      statuses.push([instance?.runtimeStatus, instance?.customStatus]);
    };
    await look();
    const failed = {
      step: 'ReserveInventory',
      attempts: 1,
      lastError: null,
      code: 'X',
      detailCode: 'Y',
      reason: 'z',
    };
    await happened(app, orderId, { type: 'InterventionOpened', data: failed });
    await look();
    const failure = { kind: 'failed', code: 'X', detailCode: 'Y', reason: 'z', failedStep: null } as const;
    await happened(app, orderId, { type: 'OrderFailed', data: failure });
    await look();
    expect(statuses).toEqual([
      ['running', 'ReserveInventory'],
      ['failed', 'ReserveInventory'],
      ['completed', null],
    ]);
  });
});

test('S17: an order of the mode orchestration is left to its instance by a host in choreography', async () => {
  const app = openChoreographed();
  const { sagaMessages: _, ...ports } = app.ports;
  const orderId = await placed({ ports }, orderCommand);
  app.pass(QUIET_MS);
  await reconcile(app);
  expect((await read(app, orderId)).sagaMode).toBeUndefined();
  expect([app.calls, app.sent]).toEqual([['start'], []]);
});
