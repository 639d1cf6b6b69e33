// Orders with nothing to ship: no carrier is asked, and the confirmation of the stock is the pivot. Cancels, time-outs and
// lost answers at every position, the pivot's above all.
import type { Cancelled } from '../../src/commands/cancel-order';
import { cleanUp } from 'azure-local/testing/durable-harness';
import type { Fault, Operation } from '../support/fake-services';
import type { orderRequest } from '../support/orders';
import { digitalRequest as digital } from '../support/orders';
import { openSaga, registerSaga, type Finished, type SagaHarness } from '../support/saga-harness';

const WORKING_TIME_MS = 20_000;
const HAPPY = ['stockReserved', 'charged', 'stockConfirmed'];

beforeAll(registerSaga);
afterEach(cleanUp);

interface Position {
  readonly at: string;
  readonly operation: Operation;
  readonly moment: 'before' | 'after';
  readonly faults: Partial<Record<Operation, Fault[]>>;
}

const position = (
  operation: Operation,
  moment: Position['moment'],
  faults: Position['faults'] = {},
): Position => ({ at: `${moment} ${operation}`, operation, moment, faults });
const positions = [
  ...(['reserve', 'charge', 'confirm'] as const).flatMap((operation) => [
    position(operation, 'before'),
    position(operation, 'after'),
  ]),
  ...(['refund', 'release'] as const).map((operation) =>
    position(operation, 'before', { confirm: ['refuse'] }),
  ),
];

/** Runs an order with nothing to ship, and lets `interrupt` happen once at the position. */
async function interruptedAt(
  { operation, moment, faults }: Position,
  interrupt: (saga: SagaHarness, orderId: string) => Promise<void> | void,
): Promise<Finished> {
  const saga = await openSaga({ workingTimeMs: WORKING_TIME_MS });
  Object.assign(saga.services.faults, structuredClone(faults));
  let due = true;
  saga.services.around = async (when, what, { orderId }) => {
    if (!due || when !== moment || what !== operation) return;
    due = false;
    await interrupt(saga, orderId);
  };
  return saga.finish(await saga.place(digital));
}

/** All of it, or what was done and all of that undone: a confirmation by the release of its reservation. */
function expectBalanced({ effects, order, events }: Finished): void {
  expect(effects).not.toContain('shipmentCreated');
  expect(order.saga.needsIntervention).toBe(false);
  if (order.status === 'completed') {
    expect(effects).toEqual(HAPPY);
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['StockConfirmed', 'OrderCompleted']);
    return;
  }
  const times = (effect: string): number => effects.filter((one) => one === effect).length;
  expect(times('stockReleased')).toBe(times('stockReserved'));
  expect(times('refunded')).toBe(times('charged'));
  expect(events.map(({ type }) => type)).not.toContain('StockConfirmed');
}

test('an order with nothing to ship schedules no shipment, in a history without one', async () => {
  const saga = await openSaga();
  const finished = await saga.finish(await saga.place(digital));
  expect(finished.scheduled).toEqual({ ReserveInventory: 1, ProcessPayment: 1, ConfirmInventory: 1 });
  expect(finished.result).toMatchObject({ success: true, finalStatus: 'completed' });
  expect(finished.result).not.toHaveProperty('trackingId');
  expectBalanced(finished);
});

test('of a mixed order the carrier is told of the physical pieces', async () => {
  const saga = await openSaga();
  const [first, ...rest] = digital.lines;
  const lines = [{ ...(first ?? digital.lines[0]), kind: undefined }, ...rest] as typeof orderRequest.lines;
  let asked = 0;
  const { shipping } = saga.services;
  const ship = shipping.ship.bind(shipping);
  shipping.ship = (call, parcel) => {
    asked = parcel.itemCount;
    return ship(call, parcel);
  };
  const { order } = await saga.finish(await saga.place({ lines }));
  expect([order.itemCount, order.physicalCount, asked]).toEqual([7, 2, 2]);
});

describe.each(positions)('$at', (at) => {
  test('S7, S23: a cancel before the confirmation is recorded is accepted, and everything is undone', async () => {
    let answer: Cancelled | undefined;
    const finished = await interruptedAt(at, async (saga, orderId) => {
      answer = await saga.cancel(orderId);
    });
    expect(answer?.kind).toBe('accepted');
    expect(finished.order.status).toBe('cancelled');
    expectBalanced(finished);
  });

  test('S8: a saga timeout undoes everything, unless the stock was confirmed', async () => {
    const finished = await interruptedAt(at, (saga) => saga.clock.advance(WORKING_TIME_MS));
    expect(finished.order.status).toBe(at.operation === 'confirm' ? 'completed' : 'failed');
    expectBalanced(finished);
  });
});

test('S7: a cancel is refused from the moment the confirmation is in the stream', async () => {
  const saga = await openSaga();
  const orderId = await saga.place(digital);
  const { order } = await saga.finish(orderId);
  expect(order.saga.completedSteps).toContain('ConfirmInventory');
  expect(await saga.cancel(orderId)).toMatchObject({ kind: 'tooLate' });
});

test('S3: a confirmation that acted and lost its answer is found by its key, and the order completes', async () => {
  const saga = await openSaga();
  saga.services.faults.confirm = ['loseAnswer'];
  const finished = await saga.finish(await saga.place(digital));
  expect(finished.order.status).toBe('completed');
  expectBalanced(finished);
});

test.each<[Fault, readonly string[]]>([
  ['loseAnswer', [...HAPPY, 'refunded', 'stockReleased']],
  ['hang', ['stockReserved', 'charged', 'refunded', 'stockReleased']],
])(
  'S1, S3: a confirmation that may have happened (%s) and cannot be looked up is taken back',
  async (fault, effects) => {
    const saga = await openSaga();
    saga.services.faults.confirm = [fault];
    saga.services.lookUps = false;
    saga.services.around = (moment, operation) => {
      if (moment === 'before' && operation === 'refund') saga.services.lookUps = true;
      return Promise.resolve();
    };
    const finished = await saga.finish(await saga.place(digital));
    expect(finished.order.status).toBe('failed');
    expect(finished.effects).toEqual(effects);
    expectBalanced(finished);
  },
);

test('a refused confirmation fails the order, and no operator is asked', async () => {
  const saga = await openSaga();
  saga.services.faults.confirm = ['refuse'];
  const finished = await saga.finish(await saga.place(digital));
  expect(finished.order).toMatchObject({ status: 'failed', failureCode: 'INVENTORY_ERROR' });
  expect(finished.events.map(({ type }) => type)).toContain('StockConfirmationFailed');
  expectBalanced(finished);
});
