// Definition of the order saga in each of its versions: the step table, how the saga's facts are written, and the input
// that an orchestration starts with.
import { isKnownType, type Failure } from '../../domain/order-events';
import { evolve, type OrderHead } from '../../domain/order';
import { paymentIndex, transactionIds } from '../../domain/payments';
import { isGoingBack } from '../../domain/order-status';
import type { SagaDefinition } from '../engine/definition';
import type { SagaInput } from '../engine/saga-run';
import { call, RETRY, type OrderResult, type OrderSagaTypes } from './order-saga';
import { withPolicy, type StepPolicy } from './step-policy';
import { stepOfEntry } from '../engine/entries';
import { firstEntry } from '../engine/positions';
import { STEP_TABLES } from './step-tables';

/** What settings say about sagas. They travel in a saga's input, so a changed setting cannot change a running one. */
export interface SagaSettings {
  /** The version that an order begins with whose stream names none yet. */
  readonly sagaVersion: number;
  readonly workingTimeMs: number;
  readonly waitForOutages: boolean;
  readonly compensationMaxAttempts: number;
  /** Left out, calls are made as the step table has them. */
  readonly stepPolicy?: StepPolicy | undefined;
}

/** The input of the orchestration. */
export interface OrderSagaInput extends SagaInput<OrderSagaTypes> {
  readonly definitionVersion: number;
  readonly compensationMaxAttempts: number;
  readonly stepPolicy?: StepPolicy | undefined;
}

export type OrderSaga = SagaDefinition<OrderSagaTypes>;

/** The versions that this build can run, oldest first. */
export function sagaVersions(): readonly number[] {
  return Object.keys(STEP_TABLES).map(Number);
}

/** Whether this build can run on what `version` began. */
export function hasVersion(version: number): boolean {
  return STEP_TABLES[version] !== undefined;
}

/**
 * The version of the orchestration instance of a saga of `version`. A host whose `defaultVersion` in host.json is older leaves
 * the instance to a host of a newer release. Two numbers, because the platform compares anything else as text.
 */
export function instanceVersion(version: number): string {
  return `${version}.0`;
}

/**
 * The order saga in the version that a saga was started with (S12).
 * @throws RangeError for a version that this build does not have: the orchestration fails, and nothing is undone.
 */
export function orderSaga(
  version: number,
  compensationMaxAttempts: number,
  stepPolicy?: StepPolicy,
): OrderSaga {
  const steps = STEP_TABLES[version];
  if (steps === undefined) throw unknownVersion(version);
  return {
    steps: withPolicy(steps, stepPolicy),
    end: call('CompleteOrder', () => ({})),
    compensationRetry: { ...(stepPolicy?.retry ?? RETRY), maxAttempts: compensationMaxAttempts },
    evolve,
    knows: ({ type }) => isKnownType(type),
    versionOf: (order) => order.version,
    notBeforeMs: (order) => (order.notBefore === null ? null : Date.parse(order.notBefore)),
    started: (firstStep) => ({ type: 'SagaStarted', data: { definitionVersion: version, firstStep } }),
    isStarted: (order) => order.saga.definitionVersion !== null,
    isEnded: (order) => order.ended,
    doneEntries: (order) => order.saga.completedSteps,
    passedEntries: ({ coupon }) => (coupon?.isPassedOver === true ? ['ApplyCoupon'] : []),
    undoneEntries: (order) => order.saga.compensatedSteps,
    givenUpEntries: ({ saga }) =>
      saga.compensations.filter(({ outcome }) => outcome === 'failed').map(({ undoes }) => undoes),
    failedEntry: (order) => order.saga.failedStep,
    lastErrorOf: ({ saga }, entry) => saga.lastErrors[entry] ?? null,
    goesBack,
    cancelRequested: (order) => order.cancelRequestedAt !== null,
    compensationStarted: (failure) => ({ type: 'CompensationStarted', data: failure }),
    compensationFailed: (order, { reason, ...undone }) => ({
      type: 'CompensationFailed',
      data: { ...undone, reason, transactionId: transactionOf(order, undone.undoes) },
    }),
    result: orderResult,
  };
}

/** The input with which the saga of an order starts; `etag` is that of the document `order` came from. */
export function sagaInput(
  order: OrderHead,
  etag: string,
  { sagaVersion, ...settings }: SagaSettings,
): OrderSagaInput {
  return {
    sagaId: order.orderId,
    definitionVersion: order.saga.definitionVersion ?? sagaVersion,
    state: order,
    etag,
    ...settings,
  };
}

/** The step that an order's saga of `version` begins with. */
export function firstStepOf(order: OrderHead, version: number): string {
  return firstEntry(orderSaga(version, 1), order) ?? '';
}

/** The charge that an operator looks at for an undoing: the one that it takes back or, for another step's, the last. */
function transactionOf({ payments }: OrderHead, undoes: string): string | null {
  return stepOfEntry(undoes) === 'ProcessPayment'
    ? (payments[paymentIndex(undoes)]?.transactionId ?? null)
    : (transactionIds(payments).at(-1) ?? null);
}

/** After a deployment was taken back: the saga began on a version that came later (docs/saga-versions.md). */
function unknownVersion(version: number): RangeError {
  return new RangeError(
    `This build has no version ${version} of the order saga (it has ${sagaVersions().join(', ')}), so it cannot run ` +
      `on what version ${version} began. Nothing was undone: deploy a build that has it, then rewind the instance.`,
  );
}

/** Why the order goes back: as CompensationStarted says or, where nothing was to be undone, as its end does. */
function goesBack(order: OrderHead): Failure | null {
  if (order.saga.failure !== null || !isGoingBack(order.status)) return order.saga.failure;
  return {
    kind: order.status === 'cancelled' ? 'cancelled' : 'failed',
    code: order.failureCode ?? '',
    detailCode: order.failureDetailCode ?? '',
    reason: order.failureReason ?? '',
  };
}

/** An order that has ended says how it ended; for one without an end the saga's own failure is the result. */
function orderResult(order: OrderHead, failure: Failure | null): OrderResult {
  const code = order.failureCode ?? failure?.code;
  const reason = order.failureReason ?? failure?.reason;
  const failed = order.ended ? isGoingBack(order.status) : failure !== null;
  return {
    success: !failed,
    finalStatus: order.status,
    ...(failed && code !== undefined ? { failureCode: code } : {}),
    ...(failed && reason !== undefined ? { failureReason: reason } : {}),
    ...(order.trackingId === null ? {} : { trackingId: order.trackingId }),
    completedSteps: order.saga.completedSteps,
    compensatedSteps: order.saga.compensatedSteps,
  };
}
