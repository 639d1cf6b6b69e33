// Definition of the return saga: its table, how its facts are written, and the input that an orchestration starts with.
import { evolve, type OrderHead } from '../../domain/order';
import { isKnownType, type Failure } from '../../domain/order-events';
import { isReturnEnded, returnOf, type ReturnState } from '../../domain/return-state';
import type { SagaDefinition } from '../engine/definition';
import type { SagaInput } from '../engine/saga-run';
import { FORWARD, returnCall, returnSteps, type ReturnResult, type ReturnSagaTypes } from './return-steps';

/** The version of the table that new returns begin with, and the only one there is. */
export const RETURN_VERSION = 1;

/** No end of working time: up to its pivot a return only waits, and behind it it goes forward (S9). */
const UNLIMITED_MS = 1_000 * 365 * 86_400_000;

export interface ReturnSagaInput extends SagaInput<ReturnSagaTypes> {
  readonly definitionVersion: number;
  readonly returnNumber: number;
}

/** The id of the orchestration of a return, and the beginning of its keys. */
export function returnInstanceId(orderId: string, returnNumber: number): string {
  return `${orderId}:return:${returnNumber}`;
}

/** The input with which the saga of a return starts; `etag` is that of the document `order` came from. */
export function returnSagaInput(order: OrderHead, etag: string, returnNumber: number): ReturnSagaInput {
  return {
    ...{ sagaId: returnInstanceId(order.orderId, returnNumber), returnNumber, state: order, etag },
    ...{ definitionVersion: RETURN_VERSION, workingTimeMs: UNLIMITED_MS, waitForOutages: true },
  };
}

/**
 * The saga of one return of an order.
 * @throws RangeError for a version that this build does not have.
 */
export function returnSaga(version: number, number: number): SagaDefinition<ReturnSagaTypes> {
  if (version !== RETURN_VERSION)
    throw new RangeError(`This build has no version ${version} of the return saga: deploy one that has it`);
  const rejected = (failure: Failure) =>
    ({ type: 'ReturnRejected', data: { ...failure, returnNumber: number } }) as const;
  return {
    steps: returnSteps(number),
    end: returnCall('CloseReturn', number),
    compensationRetry: FORWARD,
    evolve,
    knows: ({ type }) => isKnownType(type),
    versionOf: (order) => order.version,
    notBeforeMs: () => null,
    // The request itself begins it.
    isStarted: () => true,
    started: () => {
      throw new RangeError('a return is started by its request');
    },
    isEnded: (order) => isOver(returnOf(order, number)),
    doneEntries: (order) => returnOf(order, number)?.saga.completedSteps ?? [],
    passedEntries: () => [],
    undoneEntries: () => [],
    givenUpEntries: () => [],
    failedEntry: () => null,
    lastErrorOf: () => null,
    goesBack: (order) => returnOf(order, number)?.rejection ?? null,
    // Cancelling a return ends it in one append: nothing has to be undone.
    cancelRequested: () => false,
    compensationStarted: rejected,
    compensationFailed: (_order, { reason }) => rejected(failed(reason)),
    result: (order, failure) => returnResult(returnOf(order, number), failure),
  };
}

/** A return that its order does not have cannot go on. */
const isOver = (one: ReturnState | undefined): boolean => one === undefined || isReturnEnded(one);

const failed = (reason: string): Failure => ({
  ...{ kind: 'failed', code: 'RETURN_FAILED', detailCode: 'RETURN_FAILED', reason },
});

function returnResult(one: ReturnState | undefined, failure: Failure | null): ReturnResult {
  const told = one?.rejection ?? failure;
  const refunded = (one?.refunds ?? []).filter(({ refundId }) => refundId !== null);
  return {
    success: one?.status === 'closed',
    finalStatus: one?.status ?? 'unknown',
    refundedMinor: refunded.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
    ...(told === null ? {} : { failureCode: told.code, failureReason: told.reason }),
    completedSteps: one?.saga.completedSteps ?? [],
  };
}
