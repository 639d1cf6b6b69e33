// Cancel and saga timeout arriving at every position of a saga: before and after every effect, during a backoff, during
// a compensation, with the signal delivered, lost or doubled, and while the instance is suspended.
import { cancelOrder, type Cancelled } from '../../src/commands/cancel-order';
import { cleanUp } from 'azure-local/testing/durable-harness';
import type { Fault, Operation } from '../support/fake-services';
import { SCOPE } from '../support/orders';
import { openSaga, registerSaga, type Finished, type SagaHarness } from '../support/saga-harness';

/** Short enough for one call to use it up. */
const WORKING_TIME_MS = 20_000;

const UNDOES: Readonly<Record<string, string>> = {
  stockReleased: 'stockReserved',
  refunded: 'charged',
  shipmentCancelled: 'shipmentCreated',
};
const HAPPY = ['stockReserved', 'charged', 'shipmentCreated', 'stockConfirmed'];

type Moment = 'before' | 'after';
interface Position {
  readonly at: string;
  readonly operation: Operation;
  readonly moment: Moment;
  readonly faults: Partial<Record<Operation, Fault[]>>;
}

const position = (operation: Operation, moment: Moment, faults: Position['faults'] = {}): Position => ({
  at: `${moment} ${operation}${Object.keys(faults).length === 0 ? '' : ` with ${JSON.stringify(faults)}`}`,
  operation,
  moment,
  faults,
});
const moments: readonly Moment[] = ['before', 'after'];
const positions = [
  ...(['reserve', 'charge', 'ship', 'confirm'] as const).flatMap((operation) =>
    moments.map((moment) => position(operation, moment)),
  ),
  // During a backoff: the next call finds it.
  position('charge', 'before', { charge: ['error', 'error'] }),
  position('ship', 'before', { ship: ['down', 'down'] }),
  // During a compensation.
  ...(['refund', 'release'] as const).flatMap((operation) =>
    moments.map((moment) => position(operation, moment, { ship: ['refuse'] })),
  ),
];

beforeAll(registerSaga);
afterEach(cleanUp);

/** Runs one order and lets `interrupt` happen once, at the position. */
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
  const finished = await saga.finish(await saga.place());
  expect(due).toBe(false);
  return finished;
}

/** Every effect is undone once, latest first, or none is. */
function expectBalanced({ effects, order, scheduled }: Finished): void {
  if (order.status === 'completed') {
    expect(effects).toEqual(HAPPY);
  } else {
    const done = effects.filter((effect) => !(effect in UNDOES));
    const undone = effects.filter((effect) => effect in UNDOES).map((effect) => UNDOES[effect]);
    expect(undone).toEqual([...done].reverse());
  }
  // S13: what an any holds is scheduled once: no activity ran that the order does not know of.
  for (const [activity, times] of Object.entries(scheduled)) {
    expect({ activity, times: order.saga.attempts[activity] ?? times }).toEqual({ activity, times });
  }
}

describe.each(positions)('$at', (at) => {
  test.each<[string, (saga: SagaHarness, orderId: string) => Promise<Cancelled>]>([
    ['a cancel', (saga, orderId) => saga.cancel(orderId)],
    [
      'a cancel whose signal is lost',
      (saga, orderId) =>
        cancelOrder(
          { ...saga.ports, sagas: { ...saga.sagas, signalCancel: () => Promise.resolve() } },
          { scope: SCOPE, orderId, requestedBy: 'customer', reason: null },
        ),
    ],
    [
      'a cancel that comes twice',
      async (saga, orderId) => {
        await saga.cancel(orderId);
        return saga.cancel(orderId);
      },
    ],
  ])(
    'S7, S13: %s is kept: the order ends cancelled with everything undone, or was shipped',
    async (_, cancel) => {
      let answer: Cancelled | undefined;
      const finished = await interruptedAt(at, async (saga, orderId) => {
        answer = await cancel(saga, orderId);
      });
      expect(finished.order.status).toBe(answer?.kind === 'accepted' ? 'cancelled' : 'completed');
      expect(finished.result.finalStatus).toBe(finished.order.status);
      expectBalanced(finished);
    },
  );

  test('S8, S13: a saga timeout undoes everything, unless the order is shipped', async () => {
    const finished = await interruptedAt(at, (saga) => saga.clock.advance(WORKING_TIME_MS));
    // A carrier that is asked in time and answers late has shipped: the pivot is its recorded answer.
    const shipped = at.operation === 'confirm' || (at.operation === 'ship' && at.faults.ship === undefined);
    const compensating = at.operation === 'refund' || at.operation === 'release';
    expect(finished.order.status).toBe(shipped ? 'completed' : 'failed');
    if (!shipped && !compensating) expect(finished.result.failureCode).toBe('SAGA_TIMED_OUT');
    expectBalanced(finished);
  });

  test('S13: cancel and timeout at once end cancelled or shipped', async () => {
    let answer: Cancelled | undefined;
    const finished = await interruptedAt(at, async (saga, orderId) => {
      answer = await saga.cancel(orderId);
      saga.clock.advance(WORKING_TIME_MS);
    });
    expect(finished.order.status).toBe(answer?.kind === 'accepted' ? 'cancelled' : 'completed');
    expectBalanced(finished);
  });
});

describe('a cancel', () => {
  test('S7: during a backoff is acted on at once, not after the wait', async () => {
    const saga = await openSaga();
    saga.services.faults.charge = ['error', 'error', 'error'];
    const orderId = await saga.place();
    await saga.settled(orderId);
    const startedMs = saga.clock.now();
    await saga.cancel(orderId);
    const { order, effects } = await saga.finish(orderId);
    expect(order.status).toBe('cancelled');
    expect(effects).toEqual(['stockReserved', 'stockReleased']);
    expect(saga.clock.now()).toBe(startedMs);
  });

  test('S7: whose signal is lost stops the saga at its next write', async () => {
    const finished = await interruptedAt(position('reserve', 'after'), async (saga, orderId) => {
      await cancelOrder(
        { ...saga.ports, sagas: { ...saga.sagas, signalCancel: () => Promise.resolve() } },
        { scope: SCOPE, orderId, requestedBy: 'customer', reason: null },
      );
    });
    expect(finished.order.status).toBe('cancelled');
    expect(finished.effects).toEqual(['stockReserved', 'stockReleased']);
  });

  test.each([
    ['StockReserved', ['stockReserved', 'stockReleased']],
    ['PaymentProcessed', ['stockReserved', 'charged', 'refunded', 'stockReleased']],
  ])(
    'S7, S13: that is signalled between the record of a step (%s) and its answer lets no other step begin',
    async (type, effects) => {
      const saga = await openSaga();
      const append = saga.orders.append.bind(saga.orders);
      saga.orders.append = async (...request) => {
        const answer = await append(...request);
        const [, { orderId }, , , events] = request;
        if (events.some((event) => event.type === type)) await saga.cancel(orderId);
        return answer;
      };
      const { order, effects: seen, scheduled } = await saga.finish(await saga.place());
      expect(order.status).toBe('cancelled');
      expect(seen).toEqual(effects);
      if (type === 'StockReserved') expect(scheduled['ProcessPayment']).toBeUndefined();
      expect(scheduled['CreateShipment']).toBeUndefined();
    },
  );

  test('S7: of a suspended saga is carried out when it is resumed', async () => {
    const saga = await openSaga();
    saga.services.faults.charge = ['error'];
    const orderId = await saga.place();
    await saga.settled(orderId);
    expect((await saga.call('POST', `/instances/${orderId}/suspend?reason=look`)).status).toBe(202);
    await saga.settled(orderId);
    expect((await saga.cancel(orderId)).kind).toBe('accepted');
    await saga.call('POST', `/instances/${orderId}/resume?reason=go`);
    const { order, effects } = await saga.finish(orderId);
    expect(order.status).toBe('cancelled');
    expect(effects).toEqual(['stockReserved', 'stockReleased']);
  });

  test('S7: of a shipped order is refused, and a repeated cancel gets the same answer as the first', async () => {
    const saga = await openSaga();
    const shipped = await saga.place();
    await saga.finish(shipped);
    expect((await saga.cancel(shipped)).kind).toBe('tooLate');

    saga.services.faults.charge = ['error'];
    const cancelled = await saga.place();
    await saga.settled(cancelled);
    expect((await saga.cancel(cancelled)).kind).toBe('accepted');
    await saga.finish(cancelled);
    expect((await saga.cancel(cancelled)).kind).toBe('accepted');
  });

  test('S7: that the carrier overtook is undone by calling the parcel back', async () => {
    const finished = await interruptedAt(position('ship', 'after'), async (saga, orderId) => {
      await saga.cancel(orderId);
    });
    expect(finished.effects).toEqual([
      'stockReserved',
      'charged',
      'shipmentCreated',
      'shipmentCancelled',
      'refunded',
      'stockReleased',
    ]);
    expect(finished.events.map(({ type }) => type)).not.toContain('ShipmentCreated');
  });
});
