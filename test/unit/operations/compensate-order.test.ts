// *Compensate now*, and what cancelling answers once nothing carries an order on.
import { cancelOrder } from '../../../src/commands/cancel-order';
import { compensateOrder, type Compensated } from '../../../src/operations/compensate-order';
import { controlSaga } from '../../../src/operations/control-saga';
import {
  done,
  effectsOf,
  happened,
  openCommandPorts as open,
  placed,
  QUIET_MS,
  reconcile,
} from '../../support/command-ports';
import { SCOPE, facts } from '../../support/orders';

type App = ReturnType<typeof open>;

const compensate = (app: App, orderId: string): Promise<Compensated> =>
  compensateOrder(app.ports, { scope: SCOPE, orderId, operator: 'operator:ann', reason: 'a recall' });
const cancel = (app: App, orderId: string): ReturnType<typeof cancelOrder> =>
  cancelOrder(app.ports, { scope: SCOPE, orderId, requestedBy: 'customer', reason: null });

/** An order that is charged, and whose saga an operator has terminated. */
async function terminated(app: App): Promise<string> {
  const orderId = await placed(app);
  await happened(app, orderId, facts.stockReserved, facts.paymentProcessed);
  await done(app, orderId, 'ProcessPayment');
  await controlSaga(app.ports, {
    scope: SCOPE,
    orderId,
    action: 'terminate',
    operator: 'operator:ann',
    reason: 'a recall',
  });
  return orderId;
}

const typesOf = async (app: App, orderId: string): Promise<string[]> =>
  (await app.orders.eventsAfter(SCOPE, orderId, 4)).map(({ type }) => type);

describe('compensate now', () => {
  test('S1: undoes what was done and ends the order failed, with who asked for it', async () => {
    const app = open();
    const orderId = await terminated(app);
    expect(await compensate(app, orderId)).toMatchObject({
      ...{ kind: 'accepted', notUndone: [] },
      order: {
        status: 'failed',
        failureCode: 'SAGA_LOST',
        failureReason: 'undone by operator:ann: a recall',
      },
    });
    expect(effectsOf(app, orderId)).toEqual(['stockReserved', 'charged', 'refunded', 'stockReleased']);
    const events = await app.orders.eventsAfter(SCOPE, orderId, 5);
    expect(events.map(({ type, actor }) => [type, actor])).toEqual([
      ['CompensationStarted', 'operator:ann'],
      ['PaymentRefunded', 'saga'],
      ['StockReleased', 'saga'],
      ['OrderFailed', 'saga'],
      ['InterventionResolved', 'saga'],
    ]);
  });

  test('undoes also the step that was under way when the saga ended', async () => {
    const app = open();
    const orderId = await terminated(app);
    await done(app, orderId, 'CreateShipment');
    await compensate(app, orderId);
    expect(effectsOf(app, orderId).slice(3)).toEqual(['shipmentCancelled', 'refunded', 'stockReleased']);
  });

  test('gives the same answer when it is repeated, and does nothing twice', async () => {
    const app = open();
    const orderId = await terminated(app);
    const first = await compensate(app, orderId);
    const events = await typesOf(app, orderId);
    expect(await compensate(app, orderId)).toEqual(first);
    expect(await typesOf(app, orderId)).toEqual(events);
    const both = await Promise.all([compensate(app, orderId), compensate(app, orderId)]);
    expect(both).toEqual([first, first]);
    expect(effectsOf(app, orderId)).toHaveLength(4);
  });

  test('is done once by two operators at the same moment', async () => {
    const app = open();
    const orderId = await terminated(app);
    const both = await Promise.all([compensate(app, orderId), compensate(app, orderId)]);
    expect(both).toMatchObject([{ kind: 'accepted' }, { kind: 'accepted' }]);
    expect(effectsOf(app, orderId)).toEqual(['stockReserved', 'charged', 'refunded', 'stockReleased']);
    const types = await typesOf(app, orderId);
    expect(new Set(types).size).toBe(types.length);
  });

  test('S7: ends an order cancelled whose cancel was accepted', async () => {
    const app = open();
    const orderId = await placed(app);
    await happened(app, orderId, facts.stockReserved);
    await done(app, orderId, 'ReserveInventory');
    expect((await cancel(app, orderId)).kind).toBe('accepted');
    await controlSaga(app.ports, {
      ...{ scope: SCOPE, orderId, action: 'terminate', operator: 'operator', reason: 'it hangs' },
    });
    expect((await cancel(app, orderId)).kind).toBe('accepted');
    expect(await compensate(app, orderId)).toMatchObject({
      order: { status: 'cancelled', failureCode: 'ORDER_CANCELLED' },
    });
    expect(effectsOf(app, orderId)).toEqual(['stockReserved', 'stockReleased']);
  });

  test.each(['running', 'pending', 'suspended'] as const)(
    'is refused while the saga is %s',
    async (status) => {
      const app = open();
      const orderId = await placed(app);
      app.instances.set(orderId, { runtimeStatus: status, output: null });
      const result = await compensate(app, orderId);
      expect(result).toMatchObject({ kind: 'refused', why: expect.stringContaining(status) as string });
      expect(await typesOf(app, orderId)).toEqual([]);
    },
  );

  test('S9: is refused for what is shipped or completed, also when that happens at the same moment', async () => {
    const app = open();
    const orderId = await terminated(app);
    app.orders.beforeAppend = async () => {
      app.orders.beforeAppend = () => Promise.resolve();
      await happened(app, orderId, facts.shipmentCreated);
    };
    const refused = { kind: 'refused', why: 'the order is shipped: what is shipped is not undone' };
    expect(await compensate(app, orderId)).toEqual(refused);
    expect(await compensate(app, orderId)).toEqual(refused);
    await happened(app, orderId, facts.stockConfirmed, facts.completed);
    expect(await compensate(app, orderId)).toMatchObject({ kind: 'refused' });
    expect(effectsOf(app, orderId)).toEqual(['stockReserved', 'charged']);
  });

  test('S4: tries compensations again that failed, before the end and after it', async () => {
    const app = open();
    const orderId = await terminated(app);
    app.services.faults.refund = ['refuse', 'refuse'];
    expect(await compensate(app, orderId)).toMatchObject({
      ...{ kind: 'accepted', notUndone: ['ProcessPayment'], order: { status: 'failed' } },
    });
    expect(await compensate(app, orderId)).toMatchObject({ notUndone: ['ProcessPayment'] });
    expect(await compensate(app, orderId)).toMatchObject({ notUndone: [], order: { status: 'failed' } });
    expect(effectsOf(app, orderId).at(-1)).toBe('refunded');
  });

  test('is gone on with by the reconciler when a service is away longer than a caller waits', async () => {
    const app = open();
    const orderId = await terminated(app);
    app.services.faults.refund = ['down'];
    app.services.forever.add('refund');
    expect(await compensate(app, orderId)).toMatchObject({
      ...{
        kind: 'accepted',
        notUndone: ['ReserveInventory', 'ProcessPayment'],
        order: { status: 'compensating' },
      },
    });
    app.services.forever.clear();
    app.services.faults.refund = [];
    app.pass(QUIET_MS + 1);
    expect(await reconcile(app)).toMatchObject({ repaired: 1 });
    expect(effectsOf(app, orderId)).toEqual(['stockReserved', 'charged', 'refunded', 'stockReleased']);
  });

  test('knows no order that is not there', async () => {
    expect(await compensate(open(), 'nobody')).toEqual({ kind: 'notFound' });
  });
});

describe('a cancel', () => {
  test('of an order whose saga was terminated is refused, and writes nothing', async () => {
    const app = open();
    const orderId = await terminated(app);
    expect((await cancel(app, orderId)).kind).toBe('sagaGone');
    expect(await typesOf(app, orderId)).toEqual(['InterventionOpened']);
  });

  test('of an order whose saga is lost after a step is refused', async () => {
    const app = open();
    const orderId = await placed(app);
    await happened(app, orderId, facts.stockReserved);
    app.instances.clear();
    expect((await cancel(app, orderId)).kind).toBe('sagaGone');
  });

  test('of an order whose saga the reconciler will start is accepted', async () => {
    const app = open();
    app.hub.away = true;
    const orderId = await placed(app);
    app.hub.away = false;
    expect((await cancel(app, orderId)).kind).toBe('accepted');
  });

  test('of an order that goes back is accepted whoever undoes it', async () => {
    const app = open();
    const orderId = await terminated(app);
    await happened(app, orderId, facts.compensationStarted);
    expect((await cancel(app, orderId)).kind).toBe('accepted');
  });

  test('S7: is accepted while the task hub is away', async () => {
    const app = open();
    const orderId = await placed(app);
    app.ports.sagas.find = () => app.ports.sagas.signalCancel(orderId).then(() => undefined);
    app.hub.away = true;
    expect((await cancel(app, orderId)).kind).toBe('accepted');
  });

  test('of an order that ends while its saga is asked for is too late, and nobody is sent to an operator', async () => {
    const app = open();
    const orderId = await placed(app);
    app.ports.sagas.find = async () => {
      await happened(app, orderId, facts.failed);
      return { runtimeStatus: 'completed', output: null, customStatus: null };
    };
    expect((await cancel(app, orderId)).kind).toBe('tooLate');
  });
});
