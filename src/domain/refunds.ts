// Arithmetic of refunds: what a return gives back, and from which charges. Pure; all amounts are minor units.
//
// refunds.F1  Goods are worth their share of what was paid for the order, so a discount is shared exactly: after any
//   number of returns `paid × returned goods ÷ all goods` is given back, rounded down, and with the last piece all of it.
// refunds.F2  What was charged last is given back first, and no charge gives back more than it took (S16).
import type { RefundPart } from './return-events';

/** One charge of an order, and how much of it is given back or promised. */
export interface Charge {
  /** The entry that made it: `ProcessPayment`, or `ProcessPayment:2`. */
  readonly charge: string;
  readonly amountMinor: number;
  readonly refundedMinor: number;
}

export interface ReturnedGoods {
  /** What the goods of the whole order cost, before discounts. */
  readonly totalMinor: number;
  readonly paidMinor: number;
  /** What the accepted goods of earlier returns cost, and what was given back for them. */
  readonly earlierMinor: number;
  readonly refundedMinor: number;
  /** What the accepted goods of this return cost. */
  readonly goodsMinor: number;
}

/** refunds.F1. What a return gives back. */
export function refundAmount(given: ReturnedGoods): number {
  const { totalMinor, paidMinor, earlierMinor, refundedMinor, goodsMinor } = given;
  if (totalMinor === 0) return 0;
  const returned = BigInt(earlierMinor + goodsMinor);
  const due = Number((BigInt(paidMinor) * returned) / BigInt(totalMinor));
  return Math.max(0, due - refundedMinor);
}

/** refunds.F2. `amountMinor` over the charges, or undefined when they do not hold as much. */
export function splitRefund(
  charges: readonly Charge[],
  amountMinor: number,
): readonly RefundPart[] | undefined {
  const parts: RefundPart[] = [];
  let left = amountMinor;
  for (const { charge, amountMinor: charged, refundedMinor } of [...charges].reverse()) {
    const part = Math.min(left, charged - refundedMinor);
    if (part > 0) parts.push({ charge, amountMinor: part });
    left -= Math.max(0, part);
  }
  return left === 0 ? parts : undefined;
}
