// Reducer for the returns of an order: a return is a view of the order's stream, told by its number. Also holds what the
// return saga has done (`saga`), by the names of its table.
import type { OrderEvent } from './order-events';
import type { StepError } from './outcome';
import type { InspectedLine, RefundPart, ReturnedLine } from './return-events';
import type { Failure, StepRecord } from './step-records';

export const RETURN_STATUSES = [
  'requested',
  'authorised',
  'received',
  'inspected',
  'refunded',
  'closed',
  'rejected',
] as const;
export type ReturnStatus = (typeof RETURN_STATUSES)[number];

export type ReturnLine = ReturnedLine & Omit<InspectedLine, 'productId'>;

/** A part of the refund, and the id that the payment service gave it; null until then. */
export interface ReturnRefund extends RefundPart {
  readonly refundId: string | null;
}

export interface ReturnSagaState {
  readonly definitionVersion: number;
  readonly completedSteps: readonly string[];
  readonly attempts: Readonly<Record<string, number>>;
  /** A step that never failed has none. */
  readonly lastErrors: Readonly<Record<string, StepError>>;
  readonly needsIntervention: boolean;
}

export interface ReturnState {
  readonly number: number;
  readonly status: ReturnStatus;
  readonly reason: string;
  readonly requestKey: string | null;
  readonly requestHash: string;
  readonly lines: readonly ReturnLine[];
  readonly requestedAt: string;
  readonly updatedAt: string;
  /** Until when the parcel is waited for; null before the return is authorised. */
  readonly parcelDueAt: string | null;
  readonly receivedAt: string | null;
  /** Null until the inspection has fixed it. */
  readonly amountMinor: number | null;
  readonly refunds: readonly ReturnRefund[];
  /** Why it was rejected. */
  readonly rejection: Failure | null;
  readonly endedAt: string | null;
  readonly saga: ReturnSagaState;
}

/** What an order holds of its returns; an order without returns has neither field. */
export interface Returns {
  readonly returns?: readonly ReturnState[];
  /** How many of them have not ended, or have an operator to look at them. */
  readonly openReturns?: number;
  /** From when on one of them should have gone on by itself; null while all wait for people or have ended. */
  readonly returnsDueAt?: string | null;
}

type ReturnEvent = OrderEvent & { readonly data: { readonly returnNumber: number } };

/** Whether nothing more will be done for a return in this status. */
export function isReturnEnded({ status }: Pick<ReturnState, 'status'>): boolean {
  return status === 'closed' || status === 'rejected';
}

export function returnsOf({ returns }: Returns): readonly ReturnState[] {
  return returns ?? [];
}

/** The return with this number; undefined when there is none. */
export function returnOf(order: Returns, number: number): ReturnState | undefined {
  return returnsOf(order).find((one) => one.number === number);
}

/** The returns after `event`, where it is about one; otherwise nothing changes. */
export function evolveReturns(order: Returns, event: OrderEvent): Returns {
  if (!isAboutReturn(event)) return {};
  const before = returnsOf(order);
  const returns =
    event.type === 'ReturnRequested'
      ? [...before, requested(event)]
      : before.map((one) => (one.number === event.data.returnNumber ? evolveReturn(one, event) : one));
  const due = returns.flatMap((one) => dueAt(one) ?? []).sort();
  const openReturns = returns.filter((one) => !isReturnEnded(one) || one.saga.needsIntervention).length;
  return { returns, openReturns, returnsDueAt: due[0] ?? null };
}

/** From when on the saga of a return should have something to do; null while it waits for people or for nothing. */
function dueAt({ status, parcelDueAt, updatedAt, saga }: ReturnState): string | null {
  if (saga.needsIntervention) return null;
  switch (status) {
    case 'requested':
    case 'inspected':
    case 'refunded':
      return updatedAt;
    case 'authorised':
      return parcelDueAt;
    case 'received':
    case 'closed':
    case 'rejected':
      return null;
  }
}

/** Whether a return should have gone on by `nowIso` without anybody's doing. */
export function isOverdue(one: ReturnState, nowIso: string): boolean {
  const due = dueAt(one);
  return due !== null && due <= nowIso;
}

function isAboutReturn(event: OrderEvent): event is ReturnEvent {
  return 'returnNumber' in event.data && event.data.returnNumber !== undefined;
}

function requested({ data, occurredAt }: OrderEvent & { readonly type: 'ReturnRequested' }): ReturnState {
  const { returnNumber, definitionVersion, lines, reason, requestKey, requestHash } = data;
  return {
    ...{ number: returnNumber, status: 'requested', reason, requestKey, requestHash },
    lines: lines.map((line) => ({ ...line, accepted: 0, damaged: 0 })),
    ...{ requestedAt: occurredAt, updatedAt: occurredAt, parcelDueAt: null, receivedAt: null },
    ...{ amountMinor: null, refunds: [], rejection: null, endedAt: null },
    saga: { definitionVersion, completedSteps: [], attempts: {}, lastErrors: {}, needsIntervention: false },
  };
}

function evolveReturn(state: ReturnState, event: ReturnEvent): ReturnState {
  return { ...state, ...changes(state, event), updatedAt: event.occurredAt };
}

function changes(state: ReturnState, event: ReturnEvent): Partial<ReturnState> {
  const { saga } = state;
  switch (event.type) {
    case 'ReturnAuthorised': {
      const { parcelDueAt } = event.data;
      return { status: 'authorised', parcelDueAt, saga: done(saga, event.data, 'AuthoriseReturn') };
    }
    case 'ReturnReceived':
      // A late parcel does not open what was rejected.
      if (isReturnEnded(state)) return { receivedAt: event.occurredAt };
      return { status: 'received', receivedAt: event.occurredAt, saga: done(saga, null, 'AwaitParcel') };
    case 'ReturnInspected': {
      const { amountMinor, lines, refunds } = event.data;
      return {
        ...{ status: 'inspected', amountMinor, saga: done(saga, null, 'InspectReturn') },
        lines: state.lines.map((line) => ({ ...line, ...inspectedIn(lines, line.productId) })),
        refunds: refunds.map((part) => ({ ...part, refundId: null })),
      };
    }
    case 'ReturnRefunded':
      return refunded(state, event.data);
    case 'ReturnRestocked':
      return { saga: done(saga, event.data, 'RestockItems') };
    case 'ReturnRejected': {
      const { returnNumber: _, ...rejection } = event.data;
      return { status: 'rejected', rejection, endedAt: event.occurredAt };
    }
    case 'ReturnClosed':
      return { status: 'closed', endedAt: event.occurredAt };
    case 'InterventionOpened':
      return { saga: { ...attempted(saga, event.data), needsIntervention: true } };
    case 'InterventionResolved':
      return { saga: { ...saga, needsIntervention: false } };
    default:
      return {};
  }
}

function refunded(
  { refunds, saga }: ReturnState,
  data: StepRecord & RefundPart & { readonly refundId: string },
): Partial<ReturnState> {
  const after = refunds.map((part) =>
    part.charge === data.charge ? { ...part, refundId: data.refundId } : part,
  );
  return after.every(({ refundId }) => refundId !== null)
    ? { status: 'refunded', refunds: after, saga: done(saga, data, 'RefundReturn') }
    : { refunds: after, saga: attempted(saga, data) };
}

function inspectedIn(lines: readonly InspectedLine[], productId: string): Omit<InspectedLine, 'productId'> {
  const found = lines.find((line) => line.productId === productId);
  return { accepted: found?.accepted ?? 0, damaged: found?.damaged ?? 0 };
}

function done(saga: ReturnSagaState, record: StepRecord | null, step: string): ReturnSagaState {
  const after = record === null ? saga : attempted(saga, record);
  return { ...after, completedSteps: [...after.completedSteps, step] };
}

function attempted(saga: ReturnSagaState, { step, attempts, lastError }: StepRecord): ReturnSagaState {
  return {
    ...saga,
    attempts: { ...saga.attempts, [step]: attempts },
    lastErrors: lastError === null ? saga.lastErrors : { ...saga.lastErrors, [step]: lastError },
  };
}
