// The order saga when a service or the store is away, or the working time runs out.
import { cleanUp } from 'azure-local/testing/durable-harness';
import type { Operation } from '../support/fake-services';
import { openSaga, registerSaga, WORKING_TIME_MS, type SagaHarness } from '../support/saga-harness';
import { TransientError } from '../../src/errors';

const HAPPY = ['stockReserved', 'charged', 'shipmentCreated', 'stockConfirmed'];

/** Writes what `type` tells of, gives no answer, and has `operation` fail from then on. */
function loseAnswerTo(saga: SagaHarness, type: string, operation: Operation): void {
  const append = saga.orders.append.bind(saga.orders);
  saga.orders.append = async (...request) => {
    const result = await append(...request);
    if (!request[4].some((event) => event.type === type)) return result;
    saga.services.faults[operation] = ['loseAnswer'];
    saga.services.forever.add(operation);
    saga.services.lookUps = false;
    throw new TransientError('STORE_UNAVAILABLE', 'the answer is lost', { outage: true });
  };
}

beforeAll(registerSaga);
afterEach(cleanUp);

describe('the order saga', () => {
  test('S11: an outage of two minutes is waited for', async () => {
    const saga = await openSaga();
    saga.services.faults.charge = ['down'];
    saga.services.forever.add('charge');
    const orderId = await saga.place();
    await saga.settled(orderId);
    for (let passed = 0; passed < 120; passed++) {
      saga.clock.advance(1_000);
      await saga.engine.idle();
    }
    saga.services.forever.clear();
    saga.services.faults.charge = [];
    expect((await saga.finish(orderId)).effects).toEqual(HAPPY);
  });

  test('S11: with DownstreamOutagePolicy fail an outage uses up attempts', async () => {
    const saga = await openSaga({ waitForOutages: false });
    saga.services.faults.charge = ['down', 'down', 'down'];
    const { result, scheduled } = await saga.finish(await saga.place());
    expect(result).toMatchObject({ success: false, failureCode: 'PAYMENT_FAILED' });
    expect(scheduled.ProcessPayment).toBe(3);
  });

  test('S8: an outage that outlasts the working time ends in SAGA_TIMED_OUT with everything undone', async () => {
    const saga = await openSaga();
    saga.services.faults.charge = ['down'];
    saga.services.forever.add('charge');
    const startedMs = saga.clock.now();
    const { result, effects } = await saga.finish(await saga.place());
    expect(result).toMatchObject({ success: false, finalStatus: 'failed', failureCode: 'SAGA_TIMED_OUT' });
    expect(effects).toEqual(['stockReserved', 'stockReleased']);
    expect(saga.clock.now() - startedMs).toBe(WORKING_TIME_MS);
  });

  test('S2: a hanging call is aborted at the saga deadline, and what it may have done is undone', async () => {
    const saga = await openSaga({ workingTimeMs: 3_000 });
    saga.services.faults.charge = ['hang'];
    const { result, order } = await saga.finish(await saga.place());
    expect(result).toMatchObject({
      failureCode: 'SAGA_TIMED_OUT',
      // Nothing was charged, so nothing is told to be refunded (S25).
      compensatedSteps: ['ReserveInventory'],
    });
    expect(Date.parse(order.updatedAt) - Date.parse(order.createdAt)).toBe(3_000);
  });

  test('S11: a store that is away while the saga compensates is waited for, and nothing is left untold', async () => {
    const saga = await openSaga();
    saga.services.faults.charge = ['refuse'];
    saga.services.around = (moment, operation) => {
      if (moment === 'before' && operation === 'charge') saga.orders.away = true;
      return Promise.resolve();
    };
    const orderId = await saga.place();
    await saga.settled(orderId);
    for (let seconds = 0; seconds < 600; seconds++) {
      saga.clock.advance(1_000);
      await saga.engine.idle();
    }
    saga.orders.away = false;
    const { order, events, effects } = await saga.finish(orderId);
    expect(events.slice(3).map(({ type }) => type)).toEqual([
      'PaymentFailed',
      'CompensationStarted',
      'StockReleased',
      'OrderFailed',
    ]);
    expect(effects).toEqual(['stockReserved', 'stockReleased']);
    expect(order.saga.needsIntervention).toBe(false);
  });

  test.each([
    ['StockReserved', 'reserve'],
    ['PaymentProcessed', 'charge'],
    ['ShipmentCreated', 'ship'],
    ['StockConfirmed', 'confirm'],
  ] as const)(
    'S5: %s that was written and not answered is done, whatever becomes of %s when it is called again',
    async (type, operation) => {
      const saga = await openSaga();
      loseAnswerTo(saga, type, operation);
      const { events, effects, order } = await saga.finish(await saga.place());
      expect(order.status).toBe('completed');
      expect(effects).toEqual(HAPPY);
      expect(events.map((event) => event.type)).toEqual([
        ...['OrderCreated', 'SagaStarted', 'StockReserved', 'PaymentProcessed'],
        ...['ShipmentCreated', 'StockConfirmed', 'OrderCompleted'],
      ]);
    },
  );

  test.each([
    ['PaymentRefunded', 'refund'],
    ['StockReleased', 'release'],
  ] as const)(
    'S4: %s that was written and not answered asks no operator, whatever becomes of %s when it is called again',
    async (type, operation) => {
      const saga = await openSaga();
      saga.services.faults.ship = ['refuse'];
      loseAnswerTo(saga, type, operation);
      const { events, order } = await saga.finish(await saga.place());
      expect(order).toMatchObject({ status: 'failed', saga: { needsIntervention: false } });
      expect(events.slice(4).map((event) => event.type)).toEqual([
        ...['ShipmentFailed', 'CompensationStarted', 'PaymentRefunded', 'StockReleased', 'OrderFailed'],
      ]);
    },
  );

  test('S28: an hour in which an operator had suspended the saga is no working time', async () => {
    const saga = await openSaga();
    saga.services.faults.charge = ['error'];
    const orderId = await saga.place();
    await saga.settled(orderId);
    await saga.sagas.suspend(orderId, 'look');
    await saga.settled(orderId);
    saga.clock.advance(3_600_000);
    await saga.sagas.resume(orderId, 'go');
    const { order, effects } = await saga.finish(orderId);
    expect(order.status).toBe('completed');
    expect(effects).toEqual(HAPPY);
  });

  test('S4, S26: a refund that meets the charge at work waits for it, also when the working time is over', async () => {
    const saga = await openSaga({ workingTimeMs: 3_000 });
    saga.services.faults.charge = ['hang'];
    saga.services.faults.refund = ['busy', 'busy'];
    const { order, result } = await saga.finish(await saga.place());
    expect(result.failureCode).toBe('SAGA_TIMED_OUT');
    expect(order.saga.needsIntervention).toBe(false);
  });
});
