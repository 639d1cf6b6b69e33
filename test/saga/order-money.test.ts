// Orders with a coupon and a split payment, whatever the services answer and whenever the customer cancels: money and coupon
// agree with the order in the end.
import fc from 'fast-check';
import { cleanUp } from 'azure-local/testing/durable-harness';
import type { OrderRequest } from '../../src/commands/order-request';
import type { CouponFailurePolicy } from '../../src/domain/order-events';
import type { Charge } from '../../src/ports/downstream';
import { isCharged } from '../../src/domain/payments';
import type { Fault, Operation } from '../support/fake-services';
import { inThreeParts, withCoupon } from '../support/orders';
import { openSaga, registerSaga, type Finished, type SagaHarness } from '../support/saga-harness';

beforeAll(registerSaga);
afterEach(cleanUp);

const OPERATIONS = [
  'reserve',
  'redeem',
  'charge',
  'ship',
  'confirm',
  'refund',
  'cancelCoupon',
  'release',
] as const;
/** Those that an undoing may meet end well by themselves, so that no operator is asked. */
const UNDOINGS: readonly Operation[] = ['refund', 'cancelCoupon', 'release'];

interface Course {
  readonly request: Partial<OrderRequest>;
  readonly couponFailurePolicy: CouponFailurePolicy;
  readonly takes: 'tenth' | 'most' | 'all';
  /** What the nth call of each operation meets. */
  readonly faults: Readonly<Partial<Record<Operation, readonly (Fault | 'none')[]>>>;
  /** The call, counted over all operations, before or after which the customer cancels. */
  readonly cancel: { readonly at: number; readonly moment: 'before' | 'after' } | null;
}

const fault = (operation: Operation): fc.Arbitrary<Fault | 'none'> =>
  UNDOINGS.includes(operation)
    ? fc.constantFrom('none', 'none', 'loseAnswer')
    : fc.constantFrom('none', 'none', 'none', 'refuse', 'error', 'hang', 'loseAnswer', 'busy');

const course: fc.Arbitrary<Course> = fc.record({
  request: fc.constantFrom<Partial<OrderRequest>>(
    {},
    inThreeParts,
    withCoupon,
    { couponCode: 'SAVE10' },
    { ...withCoupon, payments: [...withCoupon.payments].reverse() },
    {
      ...inThreeParts,
      couponCode: 'SAVE10',
      payments: [...inThreeParts.payments.slice(0, 2), { method: 'card', amountMinor: null }],
    },
  ),
  couponFailurePolicy: fc.constantFrom('continue', 'fail'),
  takes: fc.constantFrom('tenth', 'most', 'all'),
  faults: fc.record(
    Object.fromEntries(
      OPERATIONS.map((operation) => [operation, fc.array(fault(operation), { maxLength: 3 })]),
    ),
  ),
  cancel: fc.option(
    fc.record({ at: fc.integer({ min: 1, max: 9 }), moment: fc.constantFrom('before', 'after') }),
  ),
});

async function run({
  request,
  couponFailurePolicy,
  takes,
  faults,
  cancel,
}: Course): Promise<[SagaHarness, Finished]> {
  const saga = await openSaga({ couponFailurePolicy });
  const { services } = saga;
  const taken = { tenth: 10, most: 1.2, all: 1 }[takes];
  services.discountOf = (totalMinor) => Math.floor(totalMinor / taken);
  const calls: Partial<Record<Operation, number>> = {};
  let all = 0;
  services.around = async (moment, operation, { orderId }) => {
    if (moment === 'before') {
      const nth = (calls[operation] = (calls[operation] ?? 0) + 1);
      const planned = faults[operation]?.[nth - 1] ?? 'none';
      services.faults[operation] = planned === 'none' ? [] : [planned];
      all += 1;
    }
    if (cancel?.at === all && cancel.moment === moment) await saga.cancel(orderId);
  };
  return [saga, await saga.finish(await saga.place(request))];
}

const sumOf = (saga: SagaHarness, effect: string): number =>
  saga.services.ledger
    .filter((entry) => entry.effect === effect)
    .reduce((sum, { amountMinor = 0 }) => sum + amountMinor, 0);

/** What holds of an order in the end; an operator is asked where the saga cannot make it hold. */
function expectBalanced(saga: SagaHarness, { order, events, result }: Finished): void {
  const { ledger } = saga.services;
  const keys = (effect: string): string[] => ledger.filter((e) => e.effect === effect).map(({ key }) => key);
  for (const effect of ['charged', 'refunded', 'couponRedeemed', 'couponCancelled'])
    expect(new Set(keys(effect)).size).toBe(keys(effect).length);
  // payments.M1: each key is over what was fixed, and the shares add up.
  const shares = order.payments.map(({ amountMinor }) => amountMinor);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBe(order.amountDueMinor);
  expect(order.amountDueMinor).toBe(order.totalMinor - order.discountMinor);
  for (const { effect, key, amountMinor } of ledger.filter((e) => e.effect === 'charged')) {
    expect([effect, amountMinor]).toEqual([effect, shares[Number(key.split(':')[2] ?? 1) - 1]]);
  }
  const isCompleted = result.finalStatus === 'completed';
  // Shipped and not confirmed is for an operator; no undoing here is refused, so that nothing else may be.
  expect(order.saga.needsIntervention).toBe(order.trackingId !== null && !isCompleted);
  if (order.saga.needsIntervention) return;
  expect(sumOf(saga, 'charged') - sumOf(saga, 'refunded')).toBe(isCompleted ? order.amountDueMinor : 0);
  const stands = keys('couponRedeemed').length - keys('couponCancelled').length;
  expect(stands).toBe(isCompleted && order.coupon?.status === 'applied' ? 1 : 0);
  if (!isCompleted) return;
  expect(
    order.payments.every(
      ({ transactionId }, at) => (transactionId !== null) === isCharged(order.payments, at),
    ),
  ).toBe(true);
  const told = events.filter(({ type }) => type === 'SplitPaymentProcessed');
  expect(told).toHaveLength(order.payments.length > 1 ? 1 : 0);
}

test('S14, S16: charged less refunded is what is due of a completed order and nothing of any other, and a coupon is used by the order that stands', async () => {
  await fc.assert(
    fc.asyncProperty(course, async (given) => {
      const [saga, finished] = await run(given);
      expectBalanced(saga, finished);
      await cleanUp();
    }),
    { numRuns: Number(process.env['MONEY_RUNS'] ?? 60) },
  );
}, 600_000);

describe('a coupon', () => {
  const redeemed = async (
    faults: Partial<Record<Operation, Fault[]>>,
    couponFailurePolicy: CouponFailurePolicy = 'fail',
  ) => {
    const saga = await openSaga({ couponFailurePolicy });
    Object.assign(saga.services.faults, faults);
    return saga.finish(await saga.place(withCoupon));
  };

  test('takes its discount off the charges, and the token goes to the payment service only', async () => {
    const saga = await openSaga();
    const tokens: unknown[] = [];
    const { payment } = saga.services;
    const charge = payment.charge.bind(payment);
    Object.assign(payment, {
      charge: (call: never, asked: Charge) => {
        tokens.push(asked.token);
        return charge(call, asked);
      },
    });
    const { order, status, effects } = await saga.finish(await saga.place(withCoupon));
    expect(order).toMatchObject({ status: 'completed', discountMinor: 1_499, amountDueMinor: 13_494 });
    expect(order.payments.map(({ amountMinor }) => amountMinor)).toEqual([5_000, 8_494]);
    expect(effects).toEqual([
      ...['stockReserved', 'couponRedeemed', 'charged', 'charged', 'shipmentCreated', 'stockConfirmed'],
    ]);
    expect(tokens).toEqual([undefined, 'tok_1']);
    expect(JSON.stringify(status)).not.toContain('tok_1');
  });

  test('that is refused lets the order fail, or go on at its full price, by the policy it was placed with', async () => {
    const failed = await redeemed({ redeem: ['refuse'] });
    expect(failed.order).toMatchObject({
      status: 'failed',
      failureCode: 'COUPON_ERROR',
      saga: { failedStep: 'ApplyCoupon' },
    });
    expect(failed.effects).toEqual(['stockReserved', 'stockReleased']);
    expect(failed.scheduled).not.toHaveProperty('CancelCoupon');
    const passed = await redeemed({ redeem: ['refuse'] }, 'continue');
    expect(passed.order).toMatchObject({
      ...{ status: 'completed', discountMinor: 0, amountDueMinor: 14_993 },
      coupon: { status: 'rejected', detailCode: 'REDEEM_REFUSED' },
    });
    expect(passed.scheduled).toMatchObject({ ApplyCoupon: 1, ProcessPayment: 2 });
  });

  test('S3: whose outcome is unknown is closed by its key, and the order fails, whatever the policy', async () => {
    const { order, effects, scheduled } = await redeemed({ redeem: ['hang'] }, 'continue');
    expect(order).toMatchObject({ status: 'failed', failureCode: 'STEP_TIMED_OUT' });
    expect(effects).toEqual(['stockReserved', 'stockReleased']);
    expect(scheduled).toMatchObject({ CancelCoupon: 1 });
  });

  test('that is passed over is not undone when a later step fails', async () => {
    const { order, scheduled, effects } = await redeemed(
      { redeem: ['refuse'], ship: ['refuse'] },
      'continue',
    );
    expect(order).toMatchObject({ status: 'failed', saga: { needsIntervention: false } });
    expect(effects.filter((effect) => effect === 'refunded')).toHaveLength(2);
    expect(scheduled).not.toHaveProperty('CancelCoupon');
  });

  test('that leaves a part nothing to pay has it skipped, and the entries keep their numbers', async () => {
    const saga = await openSaga();
    saga.services.discountOf = (totalMinor) => totalMinor - 4_000;
    const payments = [...withCoupon.payments].reverse();
    const { order, events } = await saga.finish(await saga.place({ ...withCoupon, payments }));
    expect(order.saga.completedSteps).toEqual([
      ...['ReserveInventory', 'ApplyCoupon', 'ProcessPayment:2', 'CreateShipment', 'ConfirmInventory'],
    ]);
    expect(events.find(({ type }) => type === 'SplitPaymentProcessed')?.data).toMatchObject({
      amountMinor: 4_000,
    });
  });

  test('that leaves nothing to pay is undone without a refund, and no operator is asked', async () => {
    const saga = await openSaga();
    saga.services.discountOf = (totalMinor) => totalMinor;
    saga.services.faults.ship = ['refuse'];
    const { order, effects } = await saga.finish(await saga.place(withCoupon));
    expect(effects).toEqual(['stockReserved', 'couponRedeemed', 'couponCancelled', 'stockReleased']);
    expect(order).toMatchObject({ status: 'failed', amountDueMinor: 0, saga: { needsIntervention: false } });
  });

  test('a changed policy changes no order that was placed before', async () => {
    const saga = await openSaga({ couponFailurePolicy: 'continue' });
    const orderId = await saga.place({
      ...withCoupon,
      notBefore: new Date(saga.clock.now() + 60_000).toISOString(),
    });
    saga.services.faults.redeem = ['refuse'];
    Object.assign(saga.ports, { couponFailurePolicy: 'fail' });
    expect((await saga.finish(orderId)).order.status).toBe('completed');
  });
});
