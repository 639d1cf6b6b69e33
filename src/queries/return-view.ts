// Returns as the API shows them: decimal money, and nothing that is only for the inside.
import { decimalIn } from '../domain/money';
import type { OrderHead } from '../domain/order';
import { returnsOf, type ReturnState, type ReturnStatus } from '../domain/return-state';

export interface ReturnView {
  readonly number: number;
  readonly orderId: string;
  readonly status: ReturnStatus;
  readonly reason: string;
  readonly currency: string;
  /** Null until the inspection has fixed it. */
  readonly refundAmount: number | null;
  readonly requestedAt: string;
  readonly parcelDueAt: string | null;
  readonly receivedAt: string | null;
  readonly endedAt: string | null;
  readonly items: readonly {
    readonly productId: string;
    readonly quantity: number;
    readonly unitPrice: number;
    readonly accepted: number;
    readonly damaged: number;
  }[];
  readonly refunds: readonly {
    readonly charge: string;
    readonly amount: number;
    readonly refundId: string | null;
  }[];
  readonly failureCode: string | null;
  readonly failureDetailCode: string | null;
  readonly failureReason: string | null;
  readonly completedSteps: readonly string[];
  readonly needsIntervention: boolean;
}

export function toReturnView({ orderId, currency }: OrderHead, one: ReturnState): ReturnView {
  const decimal = (amountMinor: number): number => decimalIn(currency, amountMinor);
  return {
    number: one.number,
    orderId,
    status: one.status,
    reason: one.reason,
    currency,
    refundAmount: one.amountMinor === null ? null : decimal(one.amountMinor),
    requestedAt: one.requestedAt,
    parcelDueAt: one.parcelDueAt,
    receivedAt: one.receivedAt,
    endedAt: one.endedAt,
    items: one.lines.map(({ productId, quantity, unitPriceMinor, accepted, damaged }) => ({
      ...{ productId, quantity, unitPrice: decimal(unitPriceMinor), accepted, damaged },
    })),
    refunds: one.refunds.map(({ charge, amountMinor, refundId }) => ({
      ...{ charge, amount: decimal(amountMinor), refundId },
    })),
    failureCode: one.rejection?.code ?? null,
    failureDetailCode: one.rejection?.detailCode ?? null,
    failureReason: one.rejection?.reason ?? null,
    completedSteps: one.saga.completedSteps,
    needsIntervention: one.saga.needsIntervention,
  };
}

/** The returns of an order, oldest first; undefined where there are none. */
export function returnViews(order: OrderHead): readonly ReturnView[] | undefined {
  const returns = returnsOf(order);
  return returns.length === 0 ? undefined : returns.map((one) => toReturnView(order, one));
}
