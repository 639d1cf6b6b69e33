// Stream access of the order saga's activities: appends the facts that the saga decided, runs the activity's work, and
// turns whatever is thrown into an outcome. Calls no service; called by step-runner.ts.
//
// step-stream.A1  Facts that came with the input are in the stream before the effect happens, as far as the stream
//   takes them: where it went another way meanwhile, it decides (S23).
// step-stream.A2  An activity may run again at any point, or twice at once (the platform promises at least once): the
//   key makes the effect, and the append under that key the record, happen once (S2, S5).
// step-stream.A3  An activity never throws (S22): what a service or the store does, and a bug too, is an outcome.
// step-stream.A4  A saga that has seen more than the store still holds writes nothing more, and an operator is asked.
// step-stream.A5  A store that answers and yet refuses this write for minutes asks for an operator: waiting does
//   not help.
import { type OrderHead } from '../domain/order';
import { takenFacts } from '../domain/order-rules';
import { isReturnEnded, returnOf } from '../domain/return-state';
import type { OrderFact } from '../domain/order-events';
import { transactionIds } from '../domain/payments';
import { tenantOf } from '../domain/scope';
import type { Transient } from '../domain/outcome';
import { TerminalError, TransientError } from '../errors';
import { openStream, WENT_BACK, type OrderStream } from '../events/order-stream';
import type { Clock } from '../ports/clock';
import { aboutOrder, type Log, type LogFields } from '../ports/log';
import type { OrderStore } from '../ports/order-store';
import type { StepInput, StepOutcome, StepOutput } from '../saga/engine/definition';
import type { OrderActivityName, OrderActivityPayloads, OrderSagaTypes } from '../saga/order/order-saga';
import { returnInstanceId } from '../saga/returns/return-saga';
import { REFUSED_WRITE_LIMIT_MS } from '../saga/engine/step-failures';

export type OrderStepInput<Payload> = StepInput<OrderSagaTypes, Payload>;
export type OrderStepOutput = StepOutput<OrderSagaTypes>;

/** One activity of the order saga; it takes the log of its invocation. */
export type OrderActivity<N extends OrderActivityName> = (
  input: OrderStepInput<OrderActivityPayloads[N]>,
  log: Log,
) => Promise<OrderStepOutput>;

export interface StepPorts {
  readonly orders: OrderStore;
  readonly clock: Clock;
}

export const SAGA_ACTOR = 'saga';

/** Records what the saga decided (step-stream.A1), then works. Never rejects (step-stream.A3). */
export async function inStream(
  ports: StepPorts,
  log: Log,
  input: OrderStepInput<unknown>,
  work: (stream: OrderStream) => Promise<StepOutcome>,
): Promise<OrderStepOutput> {
  const startedMs = ports.clock.nowMs();
  const stream = openStream(ports, { order: input.state, etag: input.etag, traceparent: input.traceparent });
  let recorded: readonly OrderFact[] = [];
  let outcome: StepOutcome;
  try {
    if (input.facts.length > 0) await recordDecided(log, stream, input);
    recorded = input.facts;
    outcome = await work(stream);
  } catch (error) {
    outcome = outcomeOf(error);
    if (isBug(error)) log.error('saga step broke', { ...about(input), error: stackOf(error) });
    await askOperator(ports, log, input, outcome);
  }
  const spentMs = Math.max(0, ports.clock.nowMs() - startedMs);
  logOutcome(log, input, outcome, spentMs);
  const { version } = stream.order();
  return {
    key: input.key,
    outcome,
    recorded,
    events: stream.events(),
    etag: stream.etag(),
    version,
    spentMs,
  };
}

export type Intervention = OrderFact & { readonly type: 'InterventionOpened' };

/** An intervention that the order's stream takes in any state. */
export function intervention(
  input: Pick<OrderStepInput<unknown>, 'step' | 'attempt' | 'lastError' | 'payload'>,
  detailCode: string,
  reason: string,
): Intervention {
  const { step, attempt, lastError } = input;
  const told = { step, attempts: attempt, lastError, code: 'SAGA_LOST', detailCode, reason };
  const returnNumber = returnNumberIn(input);
  return { type: 'InterventionOpened', data: returnNumber === undefined ? told : { ...told, returnNumber } };
}

/** Appends an intervention once per `key`, and writes the line that operators are alarmed by. */
export async function openIntervention(
  log: Log,
  stream: OrderStream,
  input: OrderStepInput<unknown>,
  { key, fact }: { readonly key: string; readonly fact: Intervention },
): Promise<void> {
  const result = await stream.append({ actor: SAGA_ACTOR, key, facts: () => [fact] });
  if (result === 'appended') {
    log.error('manual intervention required', { ...about(input), reason: fact.data.reason });
  }
}

async function recordDecided(log: Log, stream: OrderStream, input: OrderStepInput<unknown>): Promise<void> {
  const taken = (order: OrderHead): readonly OrderFact[] => takenFacts(order, input.facts);
  // What the saga has seen may be behind the stream, which alone can refuse (a cancel that was signalled is such a case).
  if (taken(stream.order()).length < input.facts.length) await stream.catchUp();
  await stream.append({ actor: SAGA_ACTOR, key: `${input.key}:decided`, facts: taken });
  for (const fact of input.facts) {
    if (fact.type !== 'CompensationFailed' && fact.type !== 'InterventionOpened') continue;
    log.error('manual intervention required', {
      ...about(input),
      step: fact.data.step,
      transactionId:
        fact.type === 'CompensationFailed'
          ? fact.data.transactionId
          : transactionIds(stream.order().payments).at(-1),
      reason: fact.data.reason,
    });
  }
}

function outcomeOf(error: unknown): Transient {
  const transient = error instanceof TransientError ? error : undefined;
  const terminal = error instanceof TerminalError ? error : undefined;
  const outage =
    transient?.details.outage === true ? 'store' : terminal?.code === 'STORE_REFUSED' ? 'refusal' : null;
  const code = transient?.code ?? terminal?.code ?? 'ACTIVITY_BROKE';
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'transient', outage, error: { code, message } };
}

/** By then a replica that was behind is not any more. */
const WENT_BACK_ATTEMPT = 3;

/**
 * step-stream.A4, step-stream.A5. What the saga did since is known to the services only. Where even this cannot be
 * written, the log has it.
 */
async function askOperator(
  ports: StepPorts,
  log: Log,
  input: OrderStepInput<unknown>,
  { outage, error }: Transient,
): Promise<void> {
  const wentBack = error.code === WENT_BACK && input.attempt >= WENT_BACK_ATTEMPT;
  const refused = outage === 'refusal' && input.refusedForMs >= REFUSED_WRITE_LIMIT_MS;
  if (!wentBack && !refused) return;
  const reason = wentBack
    ? 'the order store has lost events that the saga has seen'
    : `the order store answers and refuses what ${input.step} writes: ${error.message}`;
  try {
    const stored = await ports.orders.read(tenantOf(input.state), input.state.orderId);
    if (stored === undefined) return;
    const stream = openStream(ports, { ...stored, traceparent: input.traceparent });
    const detailCode = wentBack ? WENT_BACK : error.code;
    const result = await stream.append({
      actor: SAGA_ACTOR,
      key: `${input.key}:${detailCode}`,
      facts: (order) =>
        needsNobody(order, input) ? [] : [intervention({ ...input, lastError: error }, detailCode, reason)],
    });
    if (result !== 'appended') return;
  } catch (cause) {
    log.warn('intervention not recorded', { ...about(input), error: String(cause) });
  }
  log.error('manual intervention required', { ...about(input), reason });
}

/** Whether what is worked on has ended, or an operator was asked already. */
function needsNobody(order: OrderHead, input: OrderStepInput<unknown>): boolean {
  const returnNumber = returnNumberIn(input);
  if (returnNumber === undefined) return order.ended || order.saga.needsIntervention;
  const found = returnOf(order, returnNumber);
  return found === undefined || isReturnEnded(found) || found.saga.needsIntervention;
}

/** The return that an activity of a return saga works on; undefined for those of the order itself. */
function returnNumberIn({ payload }: Pick<OrderStepInput<unknown>, 'payload'>): number | undefined {
  const given = typeof payload === 'object' && payload !== null && 'returnNumber' in payload;
  return given && typeof payload.returnNumber === 'number' ? payload.returnNumber : undefined;
}

/** What is thrown on purpose has a code; anything else is a mistake in this code, and its stack is wanted. */
function isBug(error: unknown): boolean {
  return !(error instanceof TransientError) && !(error instanceof TerminalError);
}

function about(input: OrderStepInput<unknown>): LogFields {
  const { state, step, attempt } = input;
  const returnNumber = returnNumberIn(input);
  return { ...aboutOrder(state), step, attempt, ...(returnNumber === undefined ? {} : { returnNumber }) };
}

/** The orchestration that an activity belongs to. */
function instanceOf(input: OrderStepInput<unknown>): string {
  const { orderId } = input.state;
  const returnNumber = returnNumberIn(input);
  return returnNumber === undefined ? orderId : returnInstanceId(orderId, returnNumber);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function logOutcome(
  log: Log,
  input: OrderStepInput<unknown>,
  outcome: StepOutcome,
  durationMs: number,
): void {
  const failed = outcome.kind === 'transient' || outcome.kind === 'unknown';
  log[failed ? 'warn' : 'info']('saga step', {
    ...about(input),
    instanceId: instanceOf(input),
    outcome: outcome.kind,
    ...(failed ? { errorCode: outcome.error.code, error: outcome.error.message } : {}),
    durationMs,
  });
}
