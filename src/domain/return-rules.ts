// Rules of returns: which of their facts may follow in an order's stream, what may still be returned, and what an inspection
// gives back. Pure; order.ts asks `returnRefusal` before anything is appended.
import type { OrderFact, OrderLine } from './order-events';
import { paymentIndex, type Payment } from './payments';
import { isGoingBack, type OrderStatus } from './order-status';
import { refundAmount, splitRefund, type Charge } from './refunds';
import type { InspectedLine, RefundPart } from './return-events';
import {
  isReturnEnded,
  returnOf,
  returnsOf,
  type ReturnState,
  type ReturnStatus,
  type Returns,
} from './return-state';
import type { SagaState } from './saga-state';

/** What of an order its returns depend on. */
export interface ReturningOrder extends Returns {
  readonly status: OrderStatus;
  readonly ended: boolean;
  readonly completedAt: string | null;
  readonly deliveredAt: string | null;
  readonly updatedAt: string;
  readonly itemCount: number;
  readonly totalMinor: number;
  readonly payments: readonly Payment[];
  readonly saga: SagaState;
}

/** Rejected ones count: the order's document holds them all. */
export const MAX_RETURNS = 20;
/** Different products in one return. */
export const MAX_RETURN_LINES = 100;

const DAY_MS = 86_400_000;

/** Why nothing of the order can be returned at `nowIso`; undefined when something can. */
export function cannotReturn(order: ReturningOrder, nowIso: string, windowDays: number): string | undefined {
  if (!order.ended || isGoingBack(order.status)) return `the order is ${order.status}`;
  const since = order.deliveredAt ?? order.completedAt ?? order.updatedAt;
  if (Date.parse(nowIso) - Date.parse(since) > windowDays * DAY_MS)
    return `it can be returned for ${windowDays} days, and was ${order.status} at ${since}`;
  return returnsOf(order).length >= MAX_RETURNS
    ? `an order has at most ${MAX_RETURNS} returns, rejected ones included`
    : undefined;
}

/** Pieces of each product that are in no return: bought, less what is on its way back or was accepted. */
export function returnable(order: ReturningOrder, lines: readonly OrderLine[]): ReadonlyMap<string, number> {
  const left = new Map(lines.map(({ productId, quantity }) => [productId, quantity]));
  for (const one of returnsOf(order)) {
    for (const line of one.lines) {
      left.set(line.productId, (left.get(line.productId) ?? 0) - piecesIn(one, line));
    }
  }
  return left;
}

function piecesIn({ status, amountMinor }: ReturnState, line: ReturnState['lines'][number]): number {
  if (status === 'rejected') return 0;
  return amountMinor === null ? line.quantity : line.accepted;
}

/** The charges of an order, first charged first, with what its returns give back of each. */
export function chargesOf(order: ReturningOrder): readonly Charge[] {
  const { saga, payments } = order;
  const entries = saga.completedSteps.filter((entry) => entry.split(':')[0] === 'ProcessPayment');
  return entries.map((charge) => {
    const { amountMinor = 0, refundedMinor = 0 } = payments[paymentIndex(charge)] ?? {};
    return { charge, amountMinor, refundedMinor: refundedMinor + promised(order, charge) };
  });
}

function promised(order: ReturningOrder, charge: string): number {
  const parts = returnsOf(order).flatMap(({ refunds }) => refunds);
  return sum(parts.filter((part) => part.charge === charge).map(({ amountMinor }) => amountMinor));
}

/** What an inspection of a return gives back: the amount, and the parts of the charges. */
export function refundFor(
  order: ReturningOrder,
  { lines }: ReturnState,
  inspected: readonly InspectedLine[],
): { readonly amountMinor: number; readonly refunds: readonly RefundPart[] } {
  const charges = chargesOf(order);
  const priced = lines.map((line) => ({
    ...line,
    accepted: inspected.find(({ productId }) => productId === line.productId)?.accepted ?? 0,
  }));
  const amountMinor = refundAmount({
    totalMinor: order.totalMinor,
    paidMinor: sum(charges.map((charge) => charge.amountMinor)),
    earlierMinor: sum(returnsOf(order).map((one) => goodsMinor(one.lines))),
    refundedMinor: sum(charges.map(({ refundedMinor }) => refundedMinor)),
    goodsMinor: goodsMinor(priced),
  });
  // What goods are worth is never more than what their charges still hold (refunds.F1).
  return { amountMinor, refunds: splitRefund(charges, amountMinor) ?? [] };
}

function goodsMinor(
  lines: readonly { readonly accepted: number; readonly unitPriceMinor: number }[],
): number {
  return sum(lines.map(({ accepted, unitPriceMinor }) => accepted * unitPriceMinor));
}

/** Why a fact about a return may not follow, or undefined when it may or is about something else. */
export function returnRefusal(order: ReturningOrder, fact: OrderFact): string | undefined {
  if (fact.type === 'ReturnRequested') return requestRefusal(order, fact.data);
  if (!('returnNumber' in fact.data) || fact.data.returnNumber === undefined) return undefined;
  const { returnNumber } = fact.data;
  const found = returnOf(order, returnNumber);
  if (found === undefined) return `there is no return ${returnNumber}`;
  switch (fact.type) {
    case 'ReturnAuthorised':
      return mustBe(found, 'requested');
    case 'ReturnReceived':
      return found.receivedAt === null
        ? mustBe(found, 'authorised', 'rejected')
        : 'the parcel was received before';
    case 'ReturnInspected':
      return mustBe(found, 'received') ?? inspectionRefusal(order, found, fact.data);
    case 'ReturnRefunded':
      return mustBe(found, 'inspected') ?? refundRefusal(order, found, fact.data);
    case 'ReturnRestocked':
      if (found.saga.completedSteps.includes('RestockItems')) return 'it was restocked before';
      return mustBe(found, 'inspected', 'refunded');
    case 'ReturnRejected':
      return mustBe(found, 'requested', 'authorised', 'received', 'inspected') ?? promiseRefusal(found);
    case 'ReturnClosed':
      return mustBe(found, 'inspected', 'refunded') ?? closeRefusal(found);
    default:
      return undefined;
  }
}

function mustBe({ status }: ReturnState, ...statuses: readonly ReturnStatus[]): string | undefined {
  return statuses.includes(status) ? undefined : `the return is ${status}`;
}

type DataOf<T extends OrderFact['type']> = Extract<OrderFact, { readonly type: T }>['data'];

function requestRefusal(
  order: ReturningOrder,
  { returnNumber, lines }: DataOf<'ReturnRequested'>,
): string | undefined {
  if (!order.ended || isGoingBack(order.status)) return `the order is ${order.status}`;
  if (returnNumber !== returnsOf(order).length + 1) return `the next return is not ${returnNumber}`;
  const taken = returnsOf(order).flatMap((one) => one.lines.map((line) => piecesIn(one, line)));
  const pieces = sum([...taken, ...lines.map(({ quantity }) => quantity)]);
  return pieces > order.itemCount ? 'more is returned than was bought' : undefined;
}

/** S16: what is promised over all returns is no more than what each charge took. */
function inspectionRefusal(
  order: ReturningOrder,
  { lines }: ReturnState,
  { lines: inspected, amountMinor, refunds }: DataOf<'ReturnInspected'>,
): string | undefined {
  const wrong = inspected.find(({ productId, accepted, damaged }) => {
    const quantity = lines.find((line) => line.productId === productId)?.quantity ?? 0;
    return accepted > quantity || damaged > accepted;
  });
  if (wrong !== undefined) return `more of ${wrong.productId} is accepted than was returned`;
  if (sum(refunds.map((part) => part.amountMinor)) !== amountMinor)
    return 'the parts of the refund are not its amount';
  return overCharged(order, refunds);
}

function overCharged(order: ReturningOrder, refunds: readonly RefundPart[]): string | undefined {
  const charges = chargesOf(order);
  const over = refunds.find(({ charge, amountMinor }) => {
    const found = charges.find((one) => one.charge === charge);
    return found === undefined || amountMinor > found.amountMinor - found.refundedMinor;
  });
  return over && `more of ${over.charge} is given back than was charged`;
}

/** S16. The parts were checked when they were promised; nothing else may be recorded. */
function refundRefusal(
  order: ReturningOrder,
  { refunds }: ReturnState,
  { charge, amountMinor }: DataOf<'ReturnRefunded'>,
): string | undefined {
  const part = refunds.find((one) => one.charge === charge);
  if (part?.amountMinor !== amountMinor) return `${amountMinor} of ${charge} was not promised`;
  if (part.refundId !== null) return `${charge} was refunded before`;
  const held = chargesOf(order).find((one) => one.charge === charge);
  return held === undefined || held.refundedMinor > held.amountMinor
    ? `more of ${charge} is given back than was charged`
    : undefined;
}

/** An inspection that accepted something is a promise: it is carried out, not rejected. */
function promiseRefusal({ lines }: ReturnState): string | undefined {
  return lines.some(({ accepted }) => accepted > 0) ? 'something of it was accepted' : undefined;
}

/** S24: nothing that was promised is left when a return closes. */
function closeRefusal({ refunds, lines, saga }: ReturnState): string | undefined {
  if (refunds.some(({ refundId }) => refundId === null)) return 'a part of it is not refunded';
  const toRestock = lines.some(({ accepted, damaged }) => accepted > damaged);
  return toRestock && !saga.completedSteps.includes('RestockItems') ? 'it is not restocked' : undefined;
}

/** Whether a return waits for nothing but its saga: cancelling and inspecting are over. */
export function isPromised(one: ReturnState): boolean {
  return one.amountMinor !== null && !isReturnEnded(one);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
