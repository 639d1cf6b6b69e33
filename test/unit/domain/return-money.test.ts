// Money of returns: what is given back over any returns of an order, by properties.
import fc from 'fast-check';
import { createOrder, evolve, type Order } from '../../../src/domain/order';
import { refusal } from '../../../src/domain/order-rules';
import type { OrderEvent, OrderFact } from '../../../src/domain/order-events';
import { refundAmount, splitRefund, type Charge } from '../../../src/domain/refunds';
import { chargesOf, refundFor, returnable } from '../../../src/domain/return-rules';
import { returnOf } from '../../../src/domain/return-state';
import { AT, completedOrder, created, ORDER_ID, orderRequest, streamOf } from '../../support/orders';

const money = fc.integer({ min: 0, max: 1_000_000_000_000 });

describe('the amount of a return', () => {
  /** Goods by piece, how they are returned in turns, and what was paid for all of them. */
  const orders = fc
    .record({
      prices: fc.array(fc.integer({ min: 1, max: 1_000_000_000 }), { minLength: 1, maxLength: 30 }),
      turns: fc.array(fc.integer({ min: 0, max: 29 }), { maxLength: 10 }),
      discountPercent: fc.integer({ min: 0, max: 100 }),
    })
    .map(({ prices, turns, discountPercent }) => {
      const totalMinor = prices.reduce((sum, price) => sum + price, 0);
      const paidMinor = Math.floor((totalMinor * (100 - discountPercent)) / 100);
      const ends = [...new Set([...turns.map((turn) => turn % prices.length), prices.length])].sort(
        (a, b) => a - b,
      );
      const parcels = ends.map((end, index) => prices.slice(ends[index - 1] ?? 0, end));
      return { totalMinor, paidMinor, parcels };
    });

  test('over all pieces of an order is exactly what was paid, however many parcels they come in', () => {
    fc.assert(
      fc.property(orders, ({ totalMinor, paidMinor, parcels }) => {
        let [earlierMinor, refundedMinor] = [0, 0];
        for (const parcel of parcels) {
          const goodsMinor = parcel.reduce((sum, price) => sum + price, 0);
          const amount = refundAmount({ totalMinor, paidMinor, earlierMinor, refundedMinor, goodsMinor });
          const share = (paidMinor * goodsMinor) / totalMinor;
          expect(Math.abs(amount - share)).toBeLessThanOrEqual(1.001);
          earlierMinor += goodsMinor;
          refundedMinor += amount;
        }
        expect(refundedMinor).toBe(paidMinor);
      }),
    );
  });

  test('of a free order is nothing', () => {
    const free = { totalMinor: 0, paidMinor: 0, earlierMinor: 0, refundedMinor: 0, goodsMinor: 0 };
    expect(refundAmount(free)).toBe(0);
  });
});

describe('the parts of a refund', () => {
  const charges = fc.array(
    fc.tuple(money, money).map(([a, b]) => ({ amountMinor: Math.max(a, b), refundedMinor: Math.min(a, b) })),
    { maxLength: 10 },
  );

  test('S16: add up to it, take no more from a charge than it holds, and begin with the last one', () => {
    fc.assert(
      fc.property(charges, fc.double({ min: 0, max: 1, noNaN: true }), (given, share) => {
        const held: Charge[] = given.map((one, index) => ({ ...one, charge: `ProcessPayment:${index + 1}` }));
        const leftMinor = held.reduce((sum, one) => sum + one.amountMinor - one.refundedMinor, 0);
        const amountMinor = Math.floor(leftMinor * share);
        const parts = splitRefund(held, amountMinor) ?? [];
        expect(parts.reduce((sum, part) => sum + part.amountMinor, 0)).toBe(amountMinor);
        const leftOf = (charge: string): number => {
          const found = held.find((one) => one.charge === charge);
          return found === undefined ? 0 : found.amountMinor - found.refundedMinor;
        };
        for (const { charge, amountMinor: part } of parts) expect(part).toBeLessThanOrEqual(leftOf(charge));
        // Only the first charged of them may be left with something.
        for (const { charge, amountMinor: part } of parts.slice(0, -1)) expect(part).toBe(leftOf(charge));
        expect(splitRefund(held, leftMinor + 1)).toBeUndefined();
      }),
    );
  });
});

describe('the returns of an order', () => {
  const moves = fc.array(
    fc.record({
      first: fc.integer({ min: 0, max: 2 }),
      second: fc.integer({ min: 0, max: 5 }),
      accepted: fc.integer({ min: 0, max: 7 }),
      reject: fc.boolean(),
    }),
    { maxLength: 12 },
  );

  test('S16: never give back more than was charged, and all of it once every piece is back', () => {
    fc.assert(
      fc.property(moves, (taken) => {
        let order = completed();
        const append = (fact: OrderFact): boolean => {
          if (refusal(order, fact) !== undefined) return false;
          order = evolve(order, { ...fact, sequence: order.version + 1, occurredAt: AT });
          return true;
        };
        for (const move of taken) playReturn(() => order, append, move);
        const [charge] = chargesOf(order);
        expect(charge?.refundedMinor).toBeLessThanOrEqual(order.totalMinor);
        const pieces = (order.returns ?? [])
          .flatMap(({ lines }) => lines)
          .reduce((sum, line) => sum + line.accepted, 0);
        expect(pieces).toBeLessThanOrEqual(order.itemCount);
        if (pieces === order.itemCount) expect(charge?.refundedMinor).toBe(order.totalMinor);
      }),
    );
  });

  test('S16: a refund that was not promised, or was made before, is refused', () => {
    let order = completed();
    const append = (fact: OrderFact): boolean => {
      if (refusal(order, fact) !== undefined) return false;
      order = evolve(order, { ...fact, sequence: order.version + 1, occurredAt: AT });
      return true;
    };
    playReturn(() => order, append, { first: 1, second: 0, accepted: 1, reject: false });
    const again = refund(1, { charge: 'ProcessPayment', amountMinor: 4_999 });
    expect(refusal(order, again)).toBeDefined();
    expect(append({ type: 'ReturnClosed', data: { returnNumber: 1, asksOperator: false } })).toBe(false);
    expect(append({ type: 'ReturnRestocked', data: { ...record('RestockItems'), quantity: 1 } })).toBe(true);
    expect(append({ type: 'ReturnClosed', data: { returnNumber: 1, asksOperator: false } })).toBe(true);
    expect(returnOf(order, 1)).toMatchObject({ status: 'closed', amountMinor: 4_999 });
    expect(order.openReturns).toBe(0);
  });
});

function completed(): Order {
  const [first, ...rest] = streamOf(created, ...completedOrder);
  return rest.reduce<Order>(evolve, createOrder(ORDER_ID, first as OrderEvent & { type: 'OrderCreated' }));
}

const record = (step: string) => ({ returnNumber: 1, step, attempts: 1, lastError: null });

function refund(
  returnNumber: number,
  part: { readonly charge: string; readonly amountMinor: number },
): OrderFact {
  return {
    type: 'ReturnRefunded',
    data: { ...record('RefundReturn'), returnNumber, ...part, refundId: 'rfd_1' },
  };
}

/** Takes a return as far as the order lets it: requested, authorised, received, inspected, refunded. */
function playReturn(
  order: () => Order,
  append: (fact: OrderFact) => boolean,
  move: {
    readonly first: number;
    readonly second: number;
    readonly accepted: number;
    readonly reject: boolean;
  },
): void {
  const returnNumber = (order().returns ?? []).length + 1;
  const left = returnable(order(), orderRequest.lines);
  const wanted = [move.first, move.second];
  const lines = orderRequest.lines
    .map(({ productId, unitPriceMinor }, index) => ({
      ...{ productId, unitPriceMinor },
      quantity: Math.min(wanted[index] ?? 0, left.get(productId) ?? 0),
    }))
    .filter(({ quantity }) => quantity > 0);
  const request = { definitionVersion: 1, lines, reason: 'r', requestedBy: 'c', requestKey: null };
  const isIn = append({ type: 'ReturnRequested', data: { ...request, returnNumber, requestHash: 'h' } });
  if (!isIn) return;
  const step = { ...record('AuthoriseReturn'), returnNumber };
  append({ type: 'ReturnAuthorised', data: { ...step, parcelDueAt: AT } });
  append({ type: 'ReturnReceived', data: { returnNumber, receivedBy: 'o' } });
  const found = returnOf(order(), returnNumber);
  if (found === undefined) return;
  const inspected = lines.map(({ productId, quantity }) => ({
    ...{ productId, accepted: Math.min(quantity, move.accepted), damaged: 0 },
  }));
  const cancelled = { kind: 'cancelled', code: 'RETURN_REJECTED', detailCode: 'X', reason: 'r' } as const;
  if (move.reject) append({ type: 'ReturnRejected', data: { ...cancelled, returnNumber } });
  const promise = refundFor(order(), found, inspected);
  append({ type: 'ReturnInspected', data: { returnNumber, inspectedBy: 'o', lines: inspected, ...promise } });
  for (const part of returnOf(order(), returnNumber)?.refunds ?? []) append(refund(returnNumber, part));
}
