// Activity of the approval step: asks for the answer of a person once, and reads it from the order's stream whenever it is
// called again (S15). It calls no service. An order within the limit is approved with its payment instead.
//
// approve-order.V1  What wakes the saga (a signal, a timer) is a hint. The stream says whether there is an answer, and the
//   payload of the signal is not looked at (S22).
// approve-order.V2  The wait ends at the moment that ApprovalRequested names, however often and wherever it begins again.
import { APPROVAL_STEP, approvalOf, rejectionOf, TIMEOUT_ANSWERS } from '../domain/approval';
import { type OrderHead } from '../domain/order';
import { takenFacts, takenWhole } from '../domain/order-rules';
import type { OrderFact } from '../domain/order-events';
import type { OrderStream } from '../events/order-stream';
import { toIso } from '../ports/clock';
import type { Log } from '../ports/log';
import type { StepOutcome } from '../saga/engine/definition';
import { stepOfEntry } from '../saga/engine/entries';
import { APPROVAL_SIGNAL } from '../saga/order/order-saga';
import { standing, stepDone } from './step-runner';
import {
  inStream,
  SAGA_ACTOR,
  type OrderStepInput,
  type OrderStepOutput,
  type StepPorts,
} from './step-stream';

/** Done once the order is approved; waits as long as nobody has answered and there is time. Never rejects. */
export function approveOrder(
  ports: StepPorts,
  log: Log,
  input: OrderStepInput<unknown>,
): Promise<OrderStepOutput> {
  return inStream(ports, log, input, async (stream) => {
    const nowMs = ports.clock.nowMs();
    // Only the first call knows the stream: answers come in without the saga.
    if (input.answer !== null || input.attempt > 1) await stream.catchUp();
    if (stream.order().saga.approval === undefined) await ask(stream, input, nowMs);
    const before = standing(stream.order(), input);
    const { approval } = stream.order().saga;
    if (before !== null || approval === undefined) return before ?? { kind: 'overtaken' };
    const untilMs = Date.parse(approval.expiresAt);
    const isOver = input.answer?.kind === 'nobody' || nowMs >= untilMs;
    if (!isOver) return { kind: 'waiting', signal: APPROVAL_SIGNAL, untilMs };
    return answerForNobody(stream, input);
  });
}

async function ask(stream: OrderStream, input: OrderStepInput<unknown>, nowMs: number): Promise<void> {
  await stream.append({
    actor: SAGA_ACTOR,
    key: `${input.key}:asked`,
    facts: (order) => takenFacts(order, question(order, input, nowMs)),
  });
}

function question(
  { approval, updatedAt }: OrderHead,
  { step, attempt, lastError, nextStep }: OrderStepInput<unknown>,
  nowMs: number,
): readonly OrderFact[] {
  if (approval?.required !== true) return [];
  const expiresAt = toIso(Math.max(nowMs, Date.parse(updatedAt)) + approval.timeoutMs);
  const { limitMinor } = approval;
  const record = { step, attempts: attempt, lastError };
  return [{ type: 'ApprovalRequested', data: { ...record, limitMinor, expiresAt, nextStep } }];
}

/** Competes with the answers of people for the one append that counts (S15). */
async function answerForNobody(
  stream: OrderStream,
  { key, ...input }: OrderStepInput<unknown>,
): Promise<StepOutcome> {
  await stream.append({
    actor: SAGA_ACTOR,
    key,
    facts: (order) => takenWhole(order, unanswered(order)),
  });
  return standing(stream.order(), { ...input, key }) ?? { kind: 'overtaken' };
}

function unanswered(order: OrderHead): readonly OrderFact[] {
  const by = TIMEOUT_ANSWERS;
  if (order.approval?.whenUnanswered === 'approve')
    return [approvalOf(order, { by, reason: 'Nobody answered in time' })];
  return rejectionOf({
    by,
    code: 'APPROVAL_TIMED_OUT',
    detailCode: 'NO_APPROVAL_IN_TIME',
    reason: 'Nobody approved the order in time',
  });
}

/** What the last payment of an order tells besides itself where the total is within the limit. */
export function approvedWithPayment(input: OrderStepInput<unknown>): readonly OrderFact[] {
  const { state, nextStep, step } = input;
  if (state.approval?.required !== false || stepOfEntry(nextStep ?? '') === stepOfEntry(step)) return [];
  const record = { ...stepDone(input), step: APPROVAL_STEP, attempts: 0, lastError: null };
  return [{ type: 'OrderApproved', data: { ...record, automatic: true, answeredBy: null, reason: null } }];
}
