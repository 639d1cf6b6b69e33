// An operator lets a saga begin again that was terminated half-way. What it did before is found and not done again (S2),
// nor told again (S5).
import { cleanUp } from '../support/durable-harness';
import type { FakeServices, Operation } from '../support/fake-services';
import { openSaga, registerSaga, type Finished, type SagaHarness } from '../support/saga-harness';

beforeAll(registerSaga);
afterEach(cleanUp);

async function restarted(saga: SagaHarness, orderId: string): Promise<Finished> {
  await saga.call('POST', `/instances/${orderId}/restart?restartWithNewInstanceId=false`);
  return saga.finish(orderId);
}

/** Terminates the saga at `operation`, which goes on or is `lost` with its record, and begins the saga again. */
async function restartedAt(
  operation: Operation,
  moment: 'before' | 'after' | 'lost',
  faults: FakeServices['faults'] = {},
): Promise<Finished> {
  const saga = await openSaga();
  Object.assign(saga.services.faults, faults);
  let due = true;
  saga.services.around = async (when, what, { orderId }) => {
    if (!due || when !== (moment === 'lost' ? 'after' : moment) || what !== operation) return;
    due = false;
    await saga.sagas.terminate(orderId, 'test');
    if (moment === 'lost') throw new Error('the activity was killed');
  };
  const orderId = await saga.place();
  expect((await saga.settled(orderId)).runtimeStatus).toBe('Terminated');
  return restarted(saga, orderId);
}

test.each([
  ['reserve', 'before'],
  ['reserve', 'after'],
  ['charge', 'before'],
  ['charge', 'after'],
  ['charge', 'lost'],
  ['ship', 'before'],
  ['ship', 'after'],
  ['ship', 'lost'],
  ['confirm', 'lost'],
] as const)(
  'S5: a saga that is restarted at %s (%s) completes, and records each step once',
  async (operation, moment) => {
    const { effects, events, result } = await restartedAt(operation, moment);
    expect(result.finalStatus).toBe('completed');
    expect(effects).toEqual(['stockReserved', 'charged', 'shipmentCreated', 'stockConfirmed']);
    expect(events.map(({ type }) => type)).toEqual([
      ...['OrderCreated', 'SagaStarted', 'StockReserved', 'PaymentProcessed'],
      ...['ShipmentCreated', 'StockConfirmed', 'OrderCompleted'],
    ]);
  },
);

test('S3: a reservation that is confirmed proves to a restarted saga that it was made', async () => {
  const { effects, order } = await restartedAt('confirm', 'lost', { reserve: ['loseAnswer', 'loseAnswer'] });
  expect(order.status).toBe('completed');
  expect(effects).toEqual(['stockReserved', 'charged', 'shipmentCreated', 'stockConfirmed']);
});

test.each([
  ['refund', 'before'],
  ['refund', 'after'],
  ['release', 'before'],
  ['release', 'after'],
] as const)(
  'S2: a saga that is restarted at %s (%s) goes on undoing, each effect once',
  async (operation, moment) => {
    const { effects, order } = await restartedAt(operation, moment, { ship: ['refuse'] });
    expect(effects).toEqual(['stockReserved', 'charged', 'refunded', 'stockReleased']);
    expect(order.status).toBe('failed');
  },
);

test('S2: a saga that is restarted after its order failed ships nothing', async () => {
  const saga = await openSaga();
  Object.assign(saga.services.faults, { ship: ['refuse'], release: ['refuse'] });
  const orderId = await saga.place();
  expect((await saga.finish(orderId)).order.saga.needsIntervention).toBe(true);
  const { effects, order } = await restarted(saga, orderId);
  expect(effects.slice(0, 3)).toEqual(['stockReserved', 'charged', 'refunded']);
  expect(effects).not.toContain('shipmentCreated');
  expect(order.status).toBe('failed');
});
