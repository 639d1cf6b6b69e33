// The return saga on the durable engine: parcel, inspection, refund and restocking, with time-outs, cancels and faults at
// every position. Effects are those of the services' ledger.
import fc from 'fast-check';
import type { ReturnState } from '../../src/domain/return-state';
import { returnInstanceId } from '../../src/saga/returns/return-saga';
import { RETURN_SIGNAL } from '../../src/saga/returns/return-steps';
import { retryReturn } from '../../src/commands/retry-return';
import { returnOf } from '../../src/domain/return-state';
import { cleanUp } from 'azure-local/testing/durable-harness';
import type { Fault } from '../support/fake-services';
import { SCOPE } from '../support/orders';
import { allAccepted, returnFlow, type ReturnFlow } from '../support/return-flow';
import { openSaga, PARCEL_TIMEOUT_MS, registerSaga, type SagaHarness } from '../support/saga-harness';

const TOTAL = 14_993;

beforeAll(registerSaga);
afterEach(cleanUp);

interface Completed {
  readonly saga: SagaHarness;
  readonly orderId: string;
  readonly flow: ReturnFlow;
}

async function completedOrder(): Promise<Completed> {
  const saga = await openSaga();
  const orderId = await saga.place();
  await saga.finish(orderId);
  return { saga, orderId, flow: returnFlow(saga.ports, orderId) };
}

async function settle({ saga, orderId }: Completed, number = 1): Promise<ReturnState> {
  await saga.settled(returnInstanceId(orderId, number));
  return read({ saga, orderId }, number);
}

async function read(
  { saga, orderId }: Pick<Completed, 'saga' | 'orderId'>,
  number = 1,
): Promise<ReturnState> {
  const stored = await saga.orders.read(SCOPE, orderId);
  const found = stored && returnOf(stored.order, number);
  if (found === undefined) throw new Error(`no return ${number}`);
  return found;
}

/** Lets time pass, timer by timer, until the return's saga has ended. */
async function toTheEnd(at: Completed, number = 1): Promise<ReturnState> {
  const id = returnInstanceId(at.orderId, number);
  for (let timers = 0; timers < 100; timers++) {
    const { runtimeStatus } = await at.saga.settled(id);
    if (runtimeStatus !== 'Running' && runtimeStatus !== 'Pending') break;
    const dueMs = at.saga.clock.nextDueMs();
    if (dueMs === undefined) throw new Error('stuck');
    at.saga.clock.advance(Math.max(0, dueMs - at.saga.clock.now()));
  }
  return read(at, number);
}

const refundedIn = ({ saga }: Completed): number =>
  saga.services.ledger
    .filter(({ effect }) => effect === 'refunded')
    .reduce((sum, { amountMinor = 0 }) => sum + amountMinor, 0);

const timesOf = ({ saga }: Completed, effect: string): number =>
  saga.services.ledger.filter((line) => line.effect === effect).length;

/** Up to the inspection, which is answered and not yet acted upon. */
async function inspected(at: Completed): Promise<void> {
  await at.flow.request();
  await settle(at);
  await at.flow.receive();
  await settle(at);
  await at.flow.inspect();
}

test('a whole return gives back what was charged and puts everything back on the shelf, once', async () => {
  const at = await completedOrder();
  await inspected(at);
  expect(await toTheEnd(at)).toMatchObject({ status: 'closed', amountMinor: TOTAL, rejection: null });
  expect([refundedIn(at), timesOf(at, 'restocked')]).toEqual([TOTAL, 1]);
  const { output } = await at.saga.settled(returnInstanceId(at.orderId, 1));
  expect(output).toMatchObject({ success: true, finalStatus: 'closed', refundedMinor: TOTAL });
});

test('damaged pieces are refunded and not put back; what is not accepted is neither', async () => {
  const at = await completedOrder();
  await at.flow.request();
  await settle(at);
  await at.flow.receive();
  await at.flow.inspect([{ productId: 'prod-001', accepted: 1, damaged: 1 }]);
  expect(await toTheEnd(at)).toMatchObject({ status: 'closed', amountMinor: 4_999 });
  expect([refundedIn(at), timesOf(at, 'restocked')]).toEqual([4_999, 0]);
});

test('S23: a parcel that does not come in time rejects the return; one that comes later asks for an operator', async () => {
  const at = await completedOrder();
  await at.flow.request();
  await settle(at);
  at.saga.clock.advance(PARCEL_TIMEOUT_MS);
  expect(await toTheEnd(at)).toMatchObject({
    status: 'rejected',
    rejection: { kind: 'timedOut', detailCode: 'PARCEL_NOT_RECEIVED' },
  });
  expect(await at.flow.receive()).toMatchObject({ kind: 'accepted' });
  const late = await read(at);
  expect(late).toMatchObject({ status: 'rejected', saga: { needsIntervention: true } });
  expect(late.receivedAt).not.toBeNull();
  expect(at.saga.lines).toContainEqual(
    expect.objectContaining({ level: 'error', event: 'manual intervention required' }),
  );
  expect(refundedIn(at)).toBe(0);
});

test('a cancel ends a return until something of it was accepted, and not after that', async () => {
  const at = await completedOrder();
  await at.flow.request();
  await settle(at);
  expect(await at.flow.cancel()).toMatchObject({ kind: 'accepted', found: { status: 'rejected' } });
  expect(await at.flow.cancel()).toMatchObject({ kind: 'accepted' });
  const { runtimeStatus } = await at.saga.settled(returnInstanceId(at.orderId, 1));
  expect(runtimeStatus).toBe('Completed');
  expect(await at.flow.receive()).toMatchObject({ kind: 'accepted' });
  await at.flow.request();
  await settle(at, 2);
  await at.flow.receive(2);
  await at.flow.inspect(allAccepted, 2);
  expect(await at.flow.cancel(2)).toMatchObject({ kind: 'wrongStatus' });
  expect(await toTheEnd(at, 2)).toMatchObject({ status: 'closed' });
});

test('S16: a refund that is refused asks for an operator, closes nothing, and can be tried again', async () => {
  const at = await completedOrder();
  at.saga.services.faults.refundPart = ['refuse'];
  await inspected(at);
  expect(await toTheEnd(at)).toMatchObject({ status: 'inspected', saga: { needsIntervention: true } });
  expect(refundedIn(at)).toBe(0);
  const change = { scope: SCOPE, orderId: at.orderId, returnNumber: 1, by: 'operator', reason: 'test' };
  expect(await retryReturn(at.saga.ports, change)).toMatchObject({
    kind: 'accepted',
    found: { status: 'closed', amountMinor: TOTAL },
  });
  expect([refundedIn(at), timesOf(at, 'refunded'), timesOf(at, 'restocked')]).toEqual([TOTAL, 1, 1]);
  expect(await retryReturn(at.saga.ports, change)).toMatchObject({ kind: 'wrongStatus' });
});

test('an operator is asked about an order until the retry of its return succeeds, and the return closes', async () => {
  const at = await completedOrder();
  at.saga.services.faults.restock = ['refuse', 'refuse'];
  await inspected(at);
  await toTheEnd(at);
  expect(await operatorAsked(at)).toEqual([true, true]);
  const change = { scope: SCOPE, orderId: at.orderId, returnNumber: 1, by: 'operator', reason: 'test' };
  expect(await retryReturn(at.saga.ports, change)).toMatchObject({ found: { status: 'refunded' } });
  expect(await operatorAsked(at)).toEqual([true, true]);
  expect(await retryReturn(at.saga.ports, change)).toMatchObject({ found: { status: 'closed' } });
  expect(await operatorAsked(at)).toEqual([false, false]);
  const events = await at.saga.orders.eventsAfter(SCOPE, at.orderId, 0);
  expect(events.at(-1)).toMatchObject({ type: 'InterventionResolved', data: { stillOpen: 0 } });
});

test('a return that closes leaves the operator whom another return of the order has asked', async () => {
  const at = await completedOrder();
  await at.flow.request([{ productId: 'prod-001', quantity: 1 }]);
  await settle(at);
  at.saga.clock.advance(PARCEL_TIMEOUT_MS);
  await toTheEnd(at);
  await at.flow.receive();
  await at.flow.request([{ productId: 'prod-002', quantity: 1 }]);
  await settle(at, 2);
  await at.flow.receive(2);
  await at.flow.inspect([{ productId: 'prod-002', accepted: 1, damaged: 0 }], 2);
  expect(await toTheEnd(at, 2)).toMatchObject({ status: 'closed', saga: { needsIntervention: false } });
  const stored = await at.saga.orders.read(SCOPE, at.orderId);
  expect(stored && stored.order.saga.needsIntervention).toBe(true);
  const events = await at.saga.orders.eventsAfter(SCOPE, at.orderId, 0);
  expect(events.at(-1)).toMatchObject({ type: 'ReturnClosed' });
  expect(stored?.order.openReturns).toBe(1);
});

/** Whether an operator is asked about the order, as its reader sees it, and about its return. */
async function operatorAsked({ saga, orderId }: Completed): Promise<(boolean | undefined)[]> {
  const stored = await saga.orders.read(SCOPE, orderId);
  return [
    stored && stored.order.saga.needsIntervention,
    stored && returnOf(stored.order, 1)?.saga.needsIntervention,
  ];
}

const FAULTS: readonly Fault[] = ['error', 'down', 'hang', 'loseAnswer', 'busy'];

test.each(['refundPart', 'restock'] as const)(
  'S9: whatever %s meets behind the pivot is tried again under its key, and acts once',
  async (operation) => {
    const at = await completedOrder();
    at.saga.services.faults[operation] = [...FAULTS];
    await inspected(at);
    expect(await toTheEnd(at)).toMatchObject({ status: 'closed' });
    expect([refundedIn(at), timesOf(at, 'refunded'), timesOf(at, 'restocked')]).toEqual([TOTAL, 1, 1]);
  },
);

test('S22: a signal that the stream does not bear out changes nothing', async () => {
  const at = await completedOrder();
  await at.flow.request();
  await settle(at);
  for (const signal of [RETURN_SIGNAL, 'cancel'])
    await at.saga.raise(returnInstanceId(at.orderId, 1), signal, { accepted: 100 });
  expect(await settle(at)).toMatchObject({ status: 'authorised' });
  await at.flow.receive();
  await at.flow.inspect();
  expect(await toTheEnd(at)).toMatchObject({ status: 'closed', amountMinor: TOTAL });
});

const MOVES = [
  'request',
  'receive',
  'inspectAll',
  'inspectSome',
  'cancel',
  'settle',
  'wake',
  'late',
] as const;

test('money is conserved whatever comes in which order: parcels, inspections, cancels, signals, time-outs', async () => {
  const plan = fc.array(
    fc.record({ move: fc.constantFrom(...MOVES), number: fc.integer({ min: 1, max: 3 }) }),
    { maxLength: 14 },
  );
  await fc.assert(
    fc.asyncProperty(plan, async (moves) => {
      const at = await completedOrder();
      for (const { move, number } of moves) await make(at, move, number);
      const stored = await at.saga.orders.read(SCOPE, at.orderId);
      const returns = stored?.order.returns ?? [];
      for (const { number } of returns) await toTheEndOrWaiting(at, number);
      const after = (await at.saga.orders.read(SCOPE, at.orderId))?.order.returns ?? [];
      const given = after.flatMap(({ refunds }) => refunds).reduce((sum, part) => sum + part.amountMinor, 0);
      expect(refundedIn(at)).toBe(given);
      expect(given).toBeLessThanOrEqual(TOTAL);
      for (const one of after) {
        if (one.status === 'rejected') expect(one.refunds).toEqual([]);
        if (one.status === 'closed')
          expect(one.refunds.every(({ refundId }) => refundId !== null)).toBe(true);
      }
      await cleanUp();
    }),
    { numRuns: 25 },
  );
});

async function make(at: Completed, move: (typeof MOVES)[number], number: number): Promise<void> {
  const { flow, saga, orderId } = at;
  const known = returnOf((await saga.orders.read(SCOPE, orderId))?.order ?? {}, number) !== undefined;
  switch (move) {
    case 'request':
      await flow.request([{ productId: 'prod-002', quantity: number }]);
      return;
    case 'receive':
      await flow.receive(number);
      return;
    case 'inspectAll':
      await flow.inspect([{ productId: 'prod-002', accepted: number, damaged: 0 }], number);
      return;
    case 'inspectSome':
      await flow.inspect([{ productId: 'prod-002', accepted: 1, damaged: 1 }], number);
      return;
    case 'cancel':
      await flow.cancel(number);
      return;
    case 'settle':
      if (known) await saga.settled(returnInstanceId(orderId, number));
      return;
    case 'wake':
      if (known) await saga.raise(returnInstanceId(orderId, number), RETURN_SIGNAL, {});
      return;
    case 'late':
      saga.clock.advance(PARCEL_TIMEOUT_MS);
  }
}

/** Until it has ended, or waits for people. */
async function toTheEndOrWaiting(at: Completed, number: number): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await at.saga.settled(returnInstanceId(at.orderId, number));
    const { status } = await read(at, number);
    if (status !== 'inspected' && status !== 'refunded') return;
    at.saga.clock.advance(1_000);
  }
}
