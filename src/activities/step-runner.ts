// What every activity of the order saga does around its one effect: record what was decided before, act once under a
// key within a deadline, look up what nobody can tell, and write the outcome into the stream.
//
// A1  Facts that came with the input are in the stream before the effect happens.
// A2  An activity may run again at any point (the platform promises at least once): the key makes the effect, and the
//     append under that key the record, happen once (S2, S5).
// A3  An unknown outcome is resolved by one look-up by key; what stays unknown is for the saga to undo (S3).
// A4  Nothing that a service or the store may do makes an activity throw; only a bug does.
// A5  A saga that has seen more than the store still holds writes nothing more, and an operator is told.
import { openStream, WENT_BACK, type OrderStream } from '../commands/order-stream';
import { headOf, type OrderHead } from '../domain/order';
import type { Failure, OrderEvent, OrderFact, StepDone } from '../domain/order-events';
import type { OrderStatus } from '../domain/order-status';
import type { Outcome } from '../domain/outcome';
import { TerminalError, TransientError } from '../errors';
import type { Clock } from '../ports/clock';
import type { ServiceCall } from '../ports/downstream';
import type { Log } from '../ports/log';
import type { OrderStore } from '../ports/order-store';
import type { StepInput, StepOutcome, StepOutput } from '../saga/definition';

export type OrderStepInput<Payload> = StepInput<OrderHead, OrderFact, Payload>;
export type OrderStepOutput = StepOutput<OrderEvent>;

export interface StepPorts {
  readonly orders: OrderStore;
  readonly clock: Clock;
}

/** The effect of one activity, and how it is told. `Seen` is what a look-up by key shows. */
export interface StepAction<Value, Seen extends Value> {
  readonly act: (call: ServiceCall) => Promise<Outcome<Value>>;
  readonly lookUp: (call: ServiceCall) => Promise<Outcome<Seen | null>>;
  /** Whether what was seen proves that the effect happened. */
  readonly proves: (seen: Seen) => boolean;
  /** The facts of a done effect; none when the order as it is now does not take them (S7). */
  readonly facts: (value: Value, order: OrderHead) => readonly OrderFact[];
}

const SAGA_ACTOR = 'saga';

/** How long the one look-up may take; it comes after the step's own time is over. */
const LOOK_UP_TIMEOUT_MS = 5_000;

/** Runs one activity. Never rejects for what a service or the store may do (A4). */
export function runStep<Value, Seen extends Value>(
  ports: StepPorts,
  log: Log,
  input: OrderStepInput<unknown>,
  action: StepAction<Value, Seen>,
): Promise<OrderStepOutput> {
  return inStream(ports, log, input, async (stream) => {
    const outcome = await actOnce(ports, input, action);
    if (outcome.kind !== 'done') return outcome;
    const result = await stream.append({
      actor: SAGA_ACTOR,
      key: input.key,
      facts: (order) => action.facts(outcome.value, order),
    });
    return result === 'nothing' ? { kind: 'overtaken' } : { kind: 'done', value: null };
  });
}

/** The last activity of a saga that did not complete: writes how the order ended, and acts on nothing else. */
export function endOrder(
  ports: StepPorts,
  log: Log,
  input: OrderStepInput<unknown>,
): Promise<OrderStepOutput> {
  return inStream(ports, log, input, async (stream) => {
    await stream.append({
      actor: SAGA_ACTOR,
      key: input.key,
      facts: (order) => ending(order, input.failure),
    });
    return { kind: 'done', value: null };
  });
}

/** A promised cancel ends *Cancelled* whatever else went wrong (S7); what was shipped is not ended from here (S9). */
function ending(order: OrderHead, failure: Failure | null): readonly OrderFact[] {
  if (order.ended) return [];
  if (failure === null) return [{ type: 'OrderCompleted', data: {} }];
  if (order.trackingId !== null) return [];
  const cancelled = failure.kind === 'cancelled' || order.cancelRequestedAt !== null;
  return cancelled
    ? [{ type: 'OrderCancelled', data: failure }]
    : [{ type: 'OrderFailed', data: { ...failure, failedStep: order.saga.failedStep } }];
}

/** Records what the saga decided (A1), then works; a store that is away becomes an outcome (A4). */
async function inStream(
  ports: StepPorts,
  log: Log,
  input: OrderStepInput<unknown>,
  work: (stream: OrderStream) => Promise<StepOutcome>,
): Promise<OrderStepOutput> {
  const startedMs = ports.clock.nowMs();
  const stream = openStream(ports, { order: input.state, etag: input.etag });
  let recorded = input.facts.length === 0;
  let outcome: StepOutcome;
  try {
    if (!recorded) await recordDecided(log, stream, input);
    recorded = true;
    outcome = await unlessRecorded(stream, input, work);
  } catch (error) {
    if (wentBack(error) && input.attempt >= TOLD_AT_ATTEMPT) await tellOperator(ports, log, input);
    if (!(error instanceof TransientError)) throw error;
    const outage = error.details.outage === true ? 'store' : null;
    outcome = { kind: 'transient', outage, error: { code: error.code, message: error.message } };
  }
  logOutcome(log, input, outcome, ports.clock.nowMs() - startedMs);
  return { outcome, recorded, events: stream.events(), etag: stream.etag() };
}

/**
 * Works, unless the stream has the step as done. A call that fails is no word on that: an earlier run may have written what
 * nobody heard of, so the stream is looked at before a failure is told (A2).
 */
async function unlessRecorded(
  stream: OrderStream,
  input: OrderStepInput<unknown>,
  work: (stream: OrderStream) => Promise<StepOutcome>,
): Promise<StepOutcome> {
  if (isRecorded(stream.order(), input)) return RECORDED_BEFORE;
  const outcome = await work(stream);
  if (outcome.kind !== 'transient' && outcome.kind !== 'unknown') return outcome;
  await stream.catchUp();
  return isRecorded(stream.order(), input) ? RECORDED_BEFORE : outcome;
}

/** The saga sees the event of the earlier run with this answer, or has seen it. */
const RECORDED_BEFORE: StepOutcome = { kind: 'done', value: null };

/**
 * Whether the order says that this is done: by an earlier run that was killed before anybody heard of it (A2), or before
 * an operator let the saga begin again. The key of the append would not tell: it is only looked for in what came into
 * the stream since. Of an order that was turned round no step counts as done: its service knows what was undone.
 */
function isRecorded({ status, saga }: OrderHead, { step, undoes }: OrderStepInput<unknown>): boolean {
  if (undoes !== null) return saga.compensatedSteps.includes(undoes);
  return !TURNED_ROUND.includes(status) && saga.completedSteps.includes(step);
}

const TURNED_ROUND: readonly OrderStatus[] = ['compensating', 'failed', 'cancelled'];

const wentBack = (error: unknown): boolean => error instanceof TerminalError && error.code === WENT_BACK;

/** By then a replica that was behind is not any more. */
const TOLD_AT_ATTEMPT = 3;

/** A5. What the saga did since is known to the services only. */
async function tellOperator(
  ports: StepPorts,
  log: Log,
  { state, step, attempt }: OrderStepInput<unknown>,
): Promise<void> {
  const { orderId, correlationId } = state;
  const stored = await ports.orders.read(orderId);
  if (stored === undefined) return;
  const reason = 'the order store has lost events that the saga has seen';
  const fact: OrderFact = {
    type: 'InterventionOpened',
    data: { step, attempts: attempt, lastError: null, code: 'SAGA_LOST', detailCode: WENT_BACK, reason },
  };
  const stream = openStream(ports, { order: headOf(stored.order), etag: stored.etag });
  const told = await stream.append({
    actor: SAGA_ACTOR,
    key: `${orderId}:went-back`,
    facts: (order) => (order.ended || order.saga.needsIntervention ? [] : [fact]),
  });
  if (told === 'appended')
    log.error('manual intervention required', { orderId, correlationId, step, attempt, reason });
}

async function recordDecided(
  log: Log,
  stream: OrderStream,
  { facts, key, attempt }: OrderStepInput<unknown>,
): Promise<void> {
  await stream.append({ actor: SAGA_ACTOR, key: `${key}:decided`, facts: () => facts });
  for (const fact of facts) {
    if (fact.type !== 'CompensationFailed' && fact.type !== 'InterventionOpened') continue;
    const { orderId, correlationId, saga } = stream.order();
    log.error('manual intervention required', {
      orderId,
      correlationId,
      step: fact.data.step,
      attempt,
      transactionId: saga.transactionIds.at(-1),
      reason: fact.data.reason,
    });
  }
}

async function actOnce<Value, Seen extends Value>(
  { clock }: StepPorts,
  { state, key, timeoutMs: stepMs, deadlineMs }: OrderStepInput<unknown>,
  { act, lookUp, proves }: StepAction<Value, Seen>,
): Promise<Outcome<Value>> {
  const { orderId, customerId, correlationId, traceparent } = state;
  const call = { key, orderId, customerId, correlationId, traceparent };
  const timeoutMs = Math.min(stepMs, deadlineMs === null ? Infinity : deadlineMs - clock.nowMs());
  const outcome: Outcome<Value> = timeoutMs > 0 ? await act({ ...call, timeoutMs }) : NO_TIME_LEFT;
  if (outcome.kind !== 'unknown') return outcome;
  const seen = await lookUp({ ...call, timeoutMs: LOOK_UP_TIMEOUT_MS });
  return seen.kind === 'done' && seen.value !== null && proves(seen.value)
    ? { kind: 'done', value: seen.value }
    : outcome;
}

/** An activity that runs again after a crash may come too late to call, but an earlier run may have acted. */
const NO_TIME_LEFT: Outcome<never> = {
  kind: 'unknown',
  cause: 'timeout',
  error: { code: 'DEADLINE_PASSED', message: 'no working time was left for the call' },
};

/** What a done step says about itself. */
export function stepDone({ step, attempt, lastError, nextStep }: OrderStepInput<unknown>): StepDone {
  return { step, attempts: attempt, lastError, nextStep };
}

function logOutcome(
  log: Log,
  { state, step, attempt }: OrderStepInput<unknown>,
  outcome: StepOutcome,
  durationMs: number,
): void {
  const failed = outcome.kind === 'transient' || outcome.kind === 'unknown';
  log[failed ? 'warn' : 'info']('saga step', {
    orderId: state.orderId,
    instanceId: state.orderId,
    step,
    attempt,
    outcome: outcome.kind,
    ...(failed ? { errorCode: outcome.error.code, error: outcome.error.message } : {}),
    correlationId: state.correlationId,
    durationMs,
  });
}
