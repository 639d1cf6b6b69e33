// Balance of orders against what the services have effected: money and stock, per order and together. Pure.
import type { Effected } from '../ports/simulators';
import type { OrderView } from '../queries/order-view';
import type { ReturnView } from '../queries/return-view';

export interface Balance {
  readonly chargedMinor: number;
  readonly refundedMinor: number;
  /** Reservations. */
  readonly reserved: number;
  readonly released: number;
  readonly confirmed: number;
  /** Pieces that returns have put back on the shelf. */
  readonly restocked: number;
  /** Whether it balances; undefined while the order, or a return of it, is under way. */
  readonly isEven: boolean | undefined;
}

export const WON = ['completed', 'delivered'];
const LOST = ['failed', 'cancelled'];
/** Of the currency that the playground orders in. */
const MINOR = 100;

/** The balance of one order, by the lines of the ledger that are about it. */
export function balanceOf(order: OrderView, effects: readonly Effected[]): Balance {
  const own = effects.filter(({ orderId }) => orderId === order.id);
  const times = (effect: string): number => own.filter((line) => line.effect === effect).length;
  const sum = (effect: string): number =>
    own.reduce((total, line) => total + (line.effect === effect ? (line.amount ?? 0) : 0), 0);
  const figures = {
    ...{ chargedMinor: sum('charged'), refundedMinor: sum('refunded') },
    ...{ reserved: times('stockReserved'), released: times('stockReleased') },
    confirmed: times('stockConfirmed'),
    restocked: own.reduce(
      (total, { effect, quantity = 0 }) => total + (effect === 'restocked' ? quantity : 0),
      0,
    ),
  };
  return { ...figures, isEven: isEven(order, figures) };
}

function isEven(order: OrderView, figures: Omit<Balance, 'isEven'>): boolean | undefined {
  const { chargedMinor, refundedMinor, reserved, released, confirmed, restocked } = figures;
  const kept = chargedMinor - refundedMinor;
  const returns = order.returns ?? [];
  if (returns.some(isOpen)) return undefined;
  if (WON.includes(order.status)) {
    const back = order.payments.reduce((total, { refundedAmount }) => total + refundedAmount, 0);
    const whole = returns
      .flatMap(({ items }) => items)
      .reduce((total, { accepted, damaged }) => total + accepted - damaged, 0);
    const isStockEven = reserved === 1 && confirmed === 1 && released === 0 && restocked === whole;
    return kept === minor(order.amountDue - back) && isStockEven;
  }
  if (LOST.includes(order.status)) return kept === 0 && reserved === released && confirmed === 0;
  return undefined;
}

/** Whether something may still be given back or put back for the return. */
export const isOpen = ({ status }: Pick<ReturnView, 'status'>): boolean =>
  status !== 'closed' && status !== 'rejected';

const minor = (amount: number): number => Math.round(amount * MINOR);

/** All balances in one; even when each of those that have ended is. */
export function total(balances: readonly Balance[]): Balance {
  const sum = (field: Exclude<keyof Balance, 'isEven'>): number =>
    balances.reduce((before, balance) => before + balance[field], 0);
  const ended = balances.map(({ isEven }) => isEven).filter((even) => even !== undefined);
  return {
    ...{ chargedMinor: sum('chargedMinor'), refundedMinor: sum('refundedMinor') },
    ...{ reserved: sum('reserved'), released: sum('released'), confirmed: sum('confirmed') },
    restocked: sum('restocked'),
    isEven: ended.length === 0 ? undefined : ended.every(Boolean),
  };
}
