// Command that takes the saga of a choreographed order one step further (S17). Called for every message that wakes the saga: an
// event of the order that waking-events.ts names, and what an earlier turn or the reconciler has sent.
//
// take-turn.H1  Nothing is remembered: the stream says where the saga stands, and the same decisions as in an orchestration
//   say what follows. A message that comes twice, late or in another order is harmless (S2, S5).
// take-turn.H2  A turn ends when it has recorded a step or an undoing: that event wakes the next one. What leaves no event
//   (a refusal, a key that is closed) does not end it, and what it decides goes with its next call.
// take-turn.H3  Pauses and waits are messages for later. One that cannot be sent fails the turn, which is taken again.
import { z } from 'zod';
import type { OrderHead } from '../domain/order';
import { tenantOf } from '../domain/scope';
import type { OrderStore, Stored } from '../ports/order-store';
import type { SagaMessage, SagaMessages, SagaRetry } from '../ports/saga-messages';
import type { Decision } from '../saga/engine/decision';
import { firstFacts } from '../saga/engine/interpreter';
import { isPastPivot } from '../saga/engine/positions';
import { decide } from '../saga/engine/progress';
import { resume, retryOf } from '../saga/engine/resuming';
import { interruption, isInterruptible, startRun, type Run, type Steps } from '../saga/engine/saga-run';
import { call } from '../saga/engine/step-call';
import type { OrderSagaTypes } from '../saga/order/order-saga';
import { orderSaga, sagaInput, type OrderSaga, type SagaSettings } from '../saga/order/order-saga-versions';
import { beganMs, workedMs } from '../saga/order/working-time';
import type { FinishPorts } from './finish-order';
import { inProcess, type InProcessTask } from './run-in-process';
import { isChoreographed, wakeOf } from './saga-status';

export interface TurnPorts extends FinishPorts, SagaSettings {
  readonly orders: OrderStore;
  readonly messages: SagaMessages;
}

const stepError = z.object({ code: z.string(), message: z.string() });
const sagaMessage = z.object({
  orderId: z.string().min(1),
  tenantId: z.string().min(1),
  eventId: z.string().min(1),
  retry: z
    .object({
      step: z.string(),
      attempt: z.int().min(1),
      attemptsUsed: z.int().min(0),
      lastError: stepError.nullable(),
      refusedForMs: z.number(),
      attempted: z.boolean(),
      workedMs: z.number(),
      waited: z.boolean(),
    })
    .optional(),
}) satisfies z.ZodType<SagaMessage>;

/** The message in the body of one that woke the saga; undefined when there is none. An event of an order is one. */
export function sagaMessageIn(body: unknown): SagaMessage | undefined {
  return sagaMessage.safeParse(body).data;
}

/** Takes one turn. Throws a TransientError when the store or the broker is away. */
export async function takeTurn(ports: TurnPorts, message: SagaMessage): Promise<void> {
  const stored = await ports.orders.read(tenantOf(message), message.orderId);
  if (stored === undefined || !isChoreographed(stored.order) || stored.order.ended) return;
  const { order } = stored;
  const version = order.saga.definitionVersion ?? ports.sagaVersion;
  const saga = orderSaga(version, ports.compensationMaxAttempts, ports.stepPolicy);
  const notBeforeMs = saga.notBeforeMs(order) ?? 0;
  if (notBeforeMs > ports.clock.nowMs() && order.cancelRequestedAt === null) {
    return ports.messages.send(wakeOf(order, ports.clock.nowMs()), notBeforeMs);
  }
  // What cannot be done after the pivot is for an operator (S9).
  if (order.saga.needsIntervention && isPastPivot(saga, order)) return;
  const run = await startTurn(ports, saga, stored, message.retry);
  const { remainingMs } = run;
  const decision = await goOn(run, message.retry);
  if (decision === null) return;
  await sendLater(ports, run, decision, {
    ...message,
    workedMs: (message.retry?.workedMs ?? 0) + remainingMs - run.remainingMs,
  });
}

type OrderRun = Run<OrderSagaTypes>;

async function startTurn(
  ports: TurnPorts,
  saga: OrderSaga,
  { order, etag }: Stored<OrderHead>,
  retry: SagaRetry | undefined,
): Promise<OrderRun> {
  const remainingMs = await remainingTime(ports, saga, order, retry?.workedMs ?? 0);
  const input = { ...sagaInput(order, etag, ports), workingTimeMs: Math.max(0, remainingMs) };
  return startRun(saga, inProcess(ports, Infinity, { outcome: null }), input);
}

/** What is left of the working time (S28). The events are read once half of it may be over. */
async function remainingTime(
  { orders, clock, workingTimeMs }: TurnPorts,
  saga: OrderSaga,
  order: OrderHead,
  retriesMs: number,
): Promise<number> {
  const passedMs = clock.nowMs() - beganMs(order);
  if (passedMs <= workingTimeMs / 2) return workingTimeMs - Math.max(0, passedMs);
  const events = await orders.eventsAfter(tenantOf(order), order.orderId, 0);
  return workingTimeMs - workedMs(saga, order, events) - retriesMs;
}

/** Calls activities until one is recorded (take-turn.H2). What follows later, or null when nothing does. */
async function goOn(run: OrderRun, retry: SagaRetry | undefined): Promise<Decision<OrderSagaTypes> | null> {
  const { definition } = run;
  const asked = { retry: retry ?? null, interruption: interruption(run) };
  let decision = resume(definition, run.state, firstFacts(run), asked);
  if (decision?.command.kind === 'call' && retry?.waited === true) {
    const answered = {
      kind: 'answered',
      answer: { kind: 'nobody' },
      interruption: asked.interruption,
    } as const;
    decision = decide(definition, run.state, decision.progress, answered);
  }
  while (decision?.command.kind === 'call') {
    const before = recorded(run);
    const seen = await settled(call(run, decision.progress));
    decision = decide(definition, run.state, decision.progress, seen);
    if (recorded(run) > before && decision.progress.facts.length === 0) return null;
  }
  return decision;
}

/** How many steps and undoings the stream holds. */
function recorded({ definition, state }: OrderRun): number {
  return definition.doneEntries(state).length + definition.undoneEntries(state).length;
}

async function settled<Result>(steps: Steps<Result>): Promise<Result> {
  for (let next = steps.next(); ; next = steps.next()) {
    if (next.done === true) return next.value;
    await (next.value as InProcessTask).settle();
  }
}

/** Asks for what is to follow a pause or a wait (take-turn.H3). */
async function sendLater(
  { clock, messages }: TurnPorts,
  run: OrderRun,
  { progress, command }: Decision<OrderSagaTypes>,
  { workedMs: worked, orderId, tenantId, eventId }: SagaMessage & { readonly workedMs: number },
): Promise<void> {
  const message = { orderId, tenantId, eventId };
  const nowMs = clock.nowMs();
  const retry = retryOf(run.definition, run.state, progress);
  if (command.kind === 'await') {
    const later = { ...retry, workedMs: worked, waited: true };
    return messages.send({ ...message, retry: later }, command.untilMs);
  }
  if (command.kind !== 'pause') return;
  const { delayMs } = command;
  // What was decided could not be recorded, so it is decided anew.
  if (progress.facts.length > 0) return messages.send(wakeOf(run.state, nowMs), nowMs + delayMs);
  const plannedMs = isInterruptible(progress) ? Math.min(delayMs, run.remainingMs) : delayMs;
  const later = { ...retry, workedMs: worked + plannedMs, waited: false };
  return messages.send({ ...message, retry: later }, nowMs + plannedMs);
}
