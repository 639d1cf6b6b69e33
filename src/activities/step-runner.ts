// Runner of the order saga's activities, around their one effect: check the order's stream, call the service under a key
// within a time-out, look an unknown outcome up by key, and append the outcome to the stream. Called by
// order-activities.ts.
//
// step-runner.R1  A step acts only while the stream goes forward, an undoing only once the stream goes back (S23).
// step-runner.R2  An unknown outcome is resolved by one look-up by key; what stays unknown is for the saga to undo
//   (S3).
// step-runner.R3  What was done and cannot be recorded, because the stream went another way, is undone by the saga;
//   where that saga has gone past it, an operator is asked (S25).
import { isPastPivot, type OrderHead } from '../domain/order';
import { takenFacts } from '../domain/order-rules';
import type { Failure, OrderFact, StepDone, Undone } from '../domain/order-events';
import { isGoingBack } from '../domain/order-status';
import type { Outcome, Refused } from '../domain/outcome';
import type { OrderStream } from '../events/order-stream';
import type { ServiceCall, Undoing } from '../ports/downstream';
import type { Log } from '../ports/log';
import type { StepOutcome } from '../saga/engine/definition';
import {
  inStream,
  intervention,
  openIntervention,
  SAGA_ACTOR,
  type OrderStepInput,
  type OrderStepOutput,
  type StepPorts,
} from './step-stream';

/** The effect of one step, and how it is recorded. */
export interface StepAction<Value> {
  readonly act: (call: ServiceCall) => Promise<Outcome<Value>>;
  /** What a look-up by key proves to have been done, or null. */
  readonly lookUp: (call: ServiceCall) => Promise<Outcome<Value | null>>;
  /** `order` is as the stream has it before them. */
  readonly facts: (value: Value, order: OrderHead) => readonly OrderFact[];
  /** For a step whose refusal the saga may go on after. */
  readonly refusal?: RefusalRecord;
  /** Reads the stream before it acts: what begins after a cancel request was answered must not happen at all (S7). */
  readonly looksFirst?: boolean;
}

/** How a refusal that the saga goes on after is recorded, so that it is decided before the next step (SagaStep.onRefusal). */
export interface RefusalRecord {
  /** None where the saga goes back: then the saga tells of it. */
  readonly facts: (refused: Refused, order: OrderHead) => readonly OrderFact[];
  /** The refusal that the stream has, and that the saga goes on after. */
  readonly recorded: (order: OrderHead) => Refused | null;
}

/** The effect of one compensation, and how it is recorded. */
export interface UndoAction {
  /** `order` is as the stream has it now that it goes back: no step is recorded any more. `entry` is what is taken back. */
  readonly act: (call: ServiceCall, order: OrderHead, entry: string) => Promise<Outcome<Undoing>>;
  readonly lookUp: (call: ServiceCall) => Promise<Outcome<Undoing | null>>;
  readonly fact: (undone: Undone, order: OrderHead) => OrderFact;
}

/** How long the one look-up may take; it comes after the step's own time is over. */
const LOOK_UP_TIMEOUT_MS = 5_000;

const DONE: StepOutcome = { kind: 'done', value: null };
const OVERTAKEN: StepOutcome = { kind: 'overtaken' };

/** Runs the activity of a step. Never rejects. */
export function runStep<Value>(
  ports: StepPorts,
  log: Log,
  input: OrderStepInput<unknown>,
  action: StepAction<Value>,
): Promise<OrderStepOutput> {
  return inStream(ports, log, input, async (stream) => {
    if (action.looksFirst) await stream.catchUp();
    const before = standing(stream.order(), input, action.refusal);
    if (before !== null) return before;
    const outcome = await actOnce(input, action);
    if (outcome.kind === 'refused') return recordRefusal(stream, input, outcome, action.refusal);
    if (outcome.kind !== 'done') {
      // A call that fails says nothing of an earlier run, which may have written what no answer told of (step-stream.A2).
      await stream.catchUp();
      return standing(stream.order(), input, action.refusal) ?? outcome;
    }
    const result = await stream.append({
      actor: SAGA_ACTOR,
      key: input.key,
      facts: (order) => takenFacts(order, action.facts(outcome.value, order)),
    });
    return result === 'nothing' ? notTaken(log, stream, input) : DONE;
  });
}

/** What a refusal comes to: recorded where the saga goes on after it, else as it is. */
async function recordRefusal(
  stream: OrderStream,
  input: OrderStepInput<unknown>,
  refused: Refused,
  record: RefusalRecord | undefined,
): Promise<StepOutcome> {
  if (record === undefined || record.facts(refused, stream.order()).length === 0) return refused;
  await stream.append({
    actor: SAGA_ACTOR,
    key: input.key,
    facts: (order) => takenFacts(order, record.facts(refused, order)),
  });
  return standing(stream.order(), input, record) ?? OVERTAKEN;
}

/**
 * What the stream says of a step before it acts: that it is done or refused, or may not be done any more; null when it
 * may (step-runner.R1).
 */
export function standing(
  order: OrderHead,
  { step }: OrderStepInput<unknown>,
  refusal?: RefusalRecord,
): StepOutcome | null {
  const { status, cancelRequestedAt, saga, ended } = order;
  if (isGoingBack(status)) return OVERTAKEN;
  if (saga.completedSteps.includes(step)) return DONE;
  const refused = refusal?.recorded(order) ?? null;
  if (refused !== null) return refused;
  return ended || cancelRequestedAt !== null ? OVERTAKEN : null;
}

/** step-runner.R3. A step that acted, and whose record the stream does not take. */
async function notTaken(log: Log, stream: OrderStream, input: OrderStepInput<unknown>): Promise<StepOutcome> {
  await stream.catchUp();
  const { status, saga, ended } = stream.order();
  if (!isGoingBack(status)) return standing(stream.order(), input) ?? OVERTAKEN;
  const isBehind = saga.compensations.some(({ undoes }) => undoes === input.step);
  if (ended || isBehind) {
    const reason = `${input.step} was done under the key ${input.key} although the order was ${status}; unless the late look-up undoes it, an operator has to`;
    const fact = intervention(input, 'DONE_TOO_LATE', reason);
    await openIntervention(log, stream, input, { key: `${input.key}:late`, fact });
  }
  return OVERTAKEN;
}

/** Runs the activity of a compensation. Never rejects. */
export function runUndo(
  ports: StepPorts,
  log: Log,
  input: OrderStepInput<unknown>,
  action: UndoAction,
): Promise<OrderStepOutput> {
  return inStream(ports, log, input, async (stream) => {
    const undoes = input.undoes ?? input.step;
    const order = stream.order();
    const { status, saga } = order;
    if (!isGoingBack(status)) return OVERTAKEN;
    if (saga.compensatedSteps.includes(undoes)) return DONE;
    const act = (call: ServiceCall): Promise<Outcome<Undoing>> => action.act(call, order, undoes);
    const outcome = await actOnce(input, { ...action, act });
    if (outcome.kind !== 'done') {
      await stream.catchUp();
      return stream.order().saga.compensatedSteps.includes(undoes) ? DONE : outcome;
    }
    if (outcome.value.found === 'closed') return foundNothing(saga.completedSteps.includes(undoes), input);
    const { step, attempt, lastError } = input;
    const undone = { step, undoes, attempts: attempt, lastError };
    await stream.append({
      actor: SAGA_ACTOR,
      key: input.key,
      facts: (order) => takenFacts(order, [action.fact(undone, order)]),
    });
    return DONE;
  });
}

/** Nothing was there, and nothing will be: the key is closed (S25). A stream that says otherwise is for an operator. */
function foundNothing(isDone: boolean, { undoes, key }: OrderStepInput<unknown>): StepOutcome {
  if (!isDone) return DONE;
  const reason = `the order says that ${undoes ?? ''} was done, and its service knows nothing of it (${key})`;
  return { kind: 'refused', detailCode: 'NOTHING_TO_UNDO', reason };
}

/** The last activity of a saga that did not complete: writes how the order ended, and acts on nothing else. */
export function endOrder(
  ports: StepPorts,
  log: Log,
  input: OrderStepInput<unknown>,
): Promise<OrderStepOutput> {
  const { failure } = input;
  return inStream(ports, log, input, async (stream) => {
    const result = await stream.append({
      actor: SAGA_ACTOR,
      key: input.key,
      facts: (order) => (isSettled(order, failure) ? [] : takenFacts(order, [ending(order, failure)])),
    });
    return result === 'nothing' && !isSettled(stream.order(), failure) ? OVERTAKEN : DONE;
  });
}

/** Ended, or past the pivot and not brought to its end: that does not end in failure (S9). */
function isSettled(order: OrderHead, failure: Failure | null): boolean {
  return order.ended || (failure !== null && isPastPivot(order));
}

/**
 * A promised cancel ends *Cancelled* whatever else went wrong (S7); the stream's own reason comes before the saga's
 * (S23).
 */
function ending(order: OrderHead, told: Failure | null): OrderFact {
  const failure = order.saga.failure ?? told;
  if (failure === null) return { type: 'OrderCompleted', data: {} };
  const cancelled = failure.kind === 'cancelled' || order.cancelRequestedAt !== null;
  return cancelled
    ? { type: 'OrderCancelled', data: failure }
    : { type: 'OrderFailed', data: { ...failure, failedStep: order.saga.failedStep } };
}

async function actOnce<Value>(
  input: OrderStepInput<unknown>,
  {
    act,
    lookUp,
  }: {
    readonly act: (call: ServiceCall) => Promise<Outcome<Value>>;
    readonly lookUp: (call: ServiceCall) => Promise<Outcome<Value | null>>;
  },
): Promise<Outcome<Value>> {
  const call = serviceCall(input);
  const outcome = await act(call);
  if (outcome.kind !== 'unknown') return outcome;
  const seen = await lookUp({ ...call, timeoutMs: LOOK_UP_TIMEOUT_MS });
  return seen.kind === 'done' && seen.value !== null ? { kind: 'done', value: seen.value } : outcome;
}

/** The call that an activity makes of a service, under its key and within its time. */
export function serviceCall({ state, key, timeoutMs, ...given }: OrderStepInput<unknown>): ServiceCall {
  const { orderId, customerId, correlationId } = state;
  const { traceparent = state.traceparent } = given;
  return { key, orderId, customerId, correlationId, traceparent, timeoutMs };
}

/** What a done step says about itself. */
export function stepDone({ step, attempt, lastError, nextStep }: OrderStepInput<unknown>): StepDone {
  return { step, attempts: attempt, lastError, nextStep };
}
