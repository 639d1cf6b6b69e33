// Step table of version 1 of the return saga. One run is about one return of an order, told by its number; the state is the
// order, in whose stream the return's events stand.
//
// The inspection's event is the pivot, not the refund: money that is given back cannot be taken back, so what decides that it
// is given back comes before it, and competes with a cancel and a late parcel for one append (S23). From there on refund and
// restocking are retried forward (S9).
import type { OrderHead } from '../../domain/order';
import type { OrderEvent, OrderFact } from '../../domain/order-events';
import { returnOf } from '../../domain/return-state';
import type { ActivityCall, RetryPolicy, SagaStep } from '../engine/definition';

export type ReturnActivityName =
  'AuthoriseReturn' | 'AwaitParcel' | 'InspectReturn' | 'RefundReturn' | 'RestockItems' | 'CloseReturn';

/** What each activity gets besides the order. */
export interface ReturnPayload {
  readonly returnNumber: number;
}

/** The end of a return saga as the orchestration's output (S10). */
export interface ReturnResult {
  readonly success: boolean;
  readonly finalStatus: string;
  readonly refundedMinor: number;
  readonly failureCode?: string;
  readonly failureReason?: string;
  readonly completedSteps: readonly string[];
}

/** The types of the return saga, as the engine takes them. */
export interface ReturnSagaTypes {
  readonly state: OrderHead;
  readonly fact: OrderFact;
  readonly event: OrderEvent;
  readonly result: ReturnResult;
}

/** Wakes a return that waits; whatever came of it is read from the stream (S22). */
export const RETURN_SIGNAL = 'returnChanged';

const RETRY: RetryPolicy = { maxAttempts: 3, firstDelayMs: 1_000, factor: 2, maxDelayMs: 30_000 };
/** Behind the pivot there is no way back, so there is more patience (S9). */
export const FORWARD: RetryPolicy = { ...RETRY, maxAttempts: 8 };

// prettier-ignore
export const returnSteps = (number: number): readonly SagaStep<ReturnSagaTypes>[] => [
  { invoke: returnCall('AuthoriseReturn', number), retry: RETRY, timeoutMs: 10_000, ...failing(number) },

  { invoke: returnCall('AwaitParcel', number), retry: RETRY, timeoutMs: 10_000, ...failing(number) },

  { invoke: returnCall('InspectReturn', number), pivot: true, retry: RETRY, timeoutMs: 10_000, ...failing(number) },

  { invoke: returnCall('RefundReturn', number), when: (order) => hasRefund(order, number),
    retry: FORWARD, timeoutMs: 30_000, ...failing(number) },

  { invoke: returnCall('RestockItems', number), when: (order) => hasUndamaged(order, number),
    retry: FORWARD, timeoutMs: 10_000, ...failing(number) },
];

export function returnCall(name: ReturnActivityName, returnNumber: number): ActivityCall<ReturnSagaTypes> {
  return { name, payload: (): ReturnPayload => ({ returnNumber }) };
}

/** A step that is given up asks for an operator: goods or money of a customer are on their way. */
function failing(returnNumber: number): Pick<SagaStep<ReturnSagaTypes>, 'failureCode' | 'failed'> {
  return {
    failureCode: 'RETURN_FAILED',
    failed: (data) => ({ type: 'InterventionOpened', data: { ...data, returnNumber } }),
  };
}

function hasRefund(order: OrderHead, number: number): boolean {
  return (returnOf(order, number)?.refunds.length ?? 0) > 0;
}

function hasUndamaged(order: OrderHead, number: number): boolean {
  return returnOf(order, number)?.lines.some(({ accepted, damaged }) => accepted > damaged) ?? false;
}
