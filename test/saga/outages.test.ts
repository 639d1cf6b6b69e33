// The order saga when a service or the store is away, or the working time runs out.
import { cleanUp } from '../support/durable-harness';
import { openSaga, registerSaga, WORKING_TIME_MS } from '../support/saga-harness';

const HAPPY = ['stockReserved', 'charged', 'shipmentCreated', 'stockConfirmed'];

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
      compensatedSteps: ['ProcessPayment', 'ReserveInventory'],
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
});
