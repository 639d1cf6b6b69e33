// An operator lets a saga begin again that was terminated half-way. What it did before is found and not done again (S2),
// nor told again (S5).
import { controlSaga } from '../../src/operations/control-saga';
import { cleanUp } from 'azure-local/testing/durable-harness';
import type { FakeServices, Operation } from '../support/fake-services';
import { SCOPE } from '../support/orders';
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

test.each([
  ['charge', 'after', ['refunded', 'stockReleased']],
  ['charge', 'lost', ['refunded', 'stockReleased']],
  ['ship', 'after', ['shipmentCancelled', 'refunded', 'stockReleased']],
  ['ship', 'lost', ['shipmentCancelled', 'refunded', 'stockReleased']],
  ['cancel', 'lost', ['shipmentCancelled', 'refunded', 'stockReleased']],
  ['refund', 'lost', ['shipmentCancelled', 'refunded', 'stockReleased']],
] as const)(
  'S2, S7: a saga whose order is cancelled, terminated at %s (%s) and restarted undoes all that was done, latest first',
  async (operation, moment, undone) => {
    const saga = await openSaga();
    const atFirst = operation === 'charge' ? 'charge' : 'ship';
    let due = true;
    saga.services.around = async (when, what, { orderId }) => {
      if (!due || when !== 'after') return;
      if (what === atFirst) await saga.cancel(orderId);
      if (what !== operation) return;
      due = false;
      // The task hub marks no order; until the reconciler comes, only recorded steps tell of the first run.
      if (moment === 'after') return saga.sagas.terminate(orderId, 'it hangs');
      await controlSaga(saga.ports, {
        scope: SCOPE,
        orderId,
        action: 'terminate',
        operator: 'operator',
        reason: 'it hangs',
      });
      throw new Error('the activity was killed');
    };
    const orderId = await saga.place();
    expect((await saga.settled(orderId)).runtimeStatus).toBe('Terminated');
    const { effects, order } = await restarted(saga, orderId);
    expect(effects.slice(-undone.length)).toEqual(undone);
    expect(effects).toHaveLength(2 * undone.length);
    expect(order.status).toBe('cancelled');
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

test.each(['charge', 'ship'] as const)(
  'S10: a saga that is restarted after its order failed at %s ends at once as the order did, without an error',
  async (operation) => {
    const saga = await openSaga();
    saga.services.faults[operation] = ['refuse'];
    const orderId = await saga.place();
    const first = await saga.finish(orderId);
    saga.lines.length = 0;
    const again = await restarted(saga, orderId);
    expect(again.result).toEqual(first.result);
    expect(again.effects).toEqual(first.effects);
    expect(again.events).toEqual(first.events);
    expect(saga.lines.filter(({ level }) => level !== 'info')).toEqual([]);
  },
);

test('S10: a saga that is restarted after its order completed ends at once as the order did', async () => {
  const saga = await openSaga();
  const orderId = await saga.place();
  const first = await saga.finish(orderId);
  const again = await restarted(saga, orderId);
  expect(again.result).toEqual(first.result);
  expect(again.events).toEqual(first.events);
  expect(again.scheduled).toEqual({ ReserveInventory: 1 });
});
