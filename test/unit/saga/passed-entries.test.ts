// What the saga undoes behind a coupon that was refused: the order goes on without it, or goes back.
import { entryAt } from '../../../src/saga/engine/entries';
import { nextToUndo } from '../../../src/saga/engine/positions';
import { saga } from '../../support/order-plan';
import { facts, orderOf, started, withCoupon } from '../../support/orders';

const RESERVE = 0;
const COUPON = 1;
/** What a run has left to undo that has called the first two entries, the second of which was refused. */
const leftToUndo = (coupon: typeof facts.couponPassedOver | typeof facts.couponRejected): string | null => {
  const order = orderOf(withCoupon, started, facts.stockReserved, coupon);
  const run = { attempted: [RESERVE], refused: [COUPON], settled: [] };
  const position = nextToUndo(saga, order, run);
  return position === null ? null : entryAt(saga, order, position).name;
};

test('S1: behind a coupon that was passed over, the first payment may have been made by a forgotten run', () => {
  expect(leftToUndo(facts.couponPassedOver)).toBe('ProcessPayment:1');
});

test('S1: behind a coupon that made the order go back, nothing can have been called', () => {
  expect(leftToUndo(facts.couponRejected)).toBe('ReserveInventory');
});

test('S1, S26: a run that takes over does not cancel a coupon that the stream has as passed over', () => {
  const order = orderOf(withCoupon, started, facts.stockReserved, facts.couponPassedOver);
  const undone: string[] = [];
  const settled: number[] = [];
  for (;;) {
    const position = nextToUndo(saga, order, { attempted: [], refused: [], settled });
    if (position === null) break;
    settled.push(position);
    undone.push(entryAt(saga, order, position).name);
  }
  expect(undone).toEqual(['ProcessPayment:1', 'ReserveInventory']);
});
