// Refund of a return: gives back each part that the inspection has fixed, under a key of its own, and records each by itself.
// What is recorded is not asked for again; a part that fails stops no other, and the return is not closed (S16).
import { takenFacts } from '../domain/order-rules';
import { returnOf, type ReturnRefund, type ReturnState } from '../domain/return-state';
import type { OrderStream } from '../events/order-stream';
import type { PaymentService } from '../ports/downstream';
import type { StepOutcome } from '../saga/engine/definition';
import { entryName, keyOfEntry } from '../saga/engine/entries';
import type { ReturnPayload } from '../saga/returns/return-steps';
import { serviceCall } from './step-runner';
import { SAGA_ACTOR, type OrderStepInput } from './step-stream';

/** Gives back what is left of a return's refund; *done* when nothing is. */
export async function refundParts(
  payment: Pick<PaymentService, 'refundPart'>,
  stream: OrderStream,
  input: OrderStepInput<ReturnPayload>,
  { refunds }: ReturnState,
): Promise<StepOutcome> {
  const left = refunds.filter(({ refundId }) => refundId === null);
  let worst: StepOutcome = { kind: 'done', value: null };
  for (const part of left) {
    const share = { ...input, timeoutMs: input.timeoutMs / left.length };
    worst = worseOf(worst, await refundPart(payment, stream, share, part));
  }
  return worst;
}

async function refundPart(
  payment: Pick<PaymentService, 'refundPart'>,
  stream: OrderStream,
  input: OrderStepInput<ReturnPayload>,
  { charge, amountMinor }: ReturnRefund,
): Promise<StepOutcome> {
  const { state, step, attempt, lastError, payload } = input;
  const key = keyOfPart(input.key, charge);
  const chargeKey = keyOfEntry(state.orderId, charge);
  const asked = { chargeKey, amountMinor, currency: state.currency };
  const outcome = await payment.refundPart({ ...serviceCall(input), key }, asked);
  if (outcome.kind !== 'done') return outcome;
  const { refundId } = outcome.value;
  const told = { returnNumber: payload.returnNumber, step, attempts: attempt, lastError };
  await stream.append({
    actor: SAGA_ACTOR,
    key,
    facts: (order) =>
      takenFacts(order, [{ type: 'ReturnRefunded', data: { ...told, charge, amountMinor, refundId } }]),
  });
  const recorded = returnOf(stream.order(), payload.returnNumber)?.refunds;
  const isRecorded = recorded?.some((one) => one.charge === charge && one.refundId !== null) === true;
  return isRecorded ? { kind: 'done', value: null } : { kind: 'overtaken' };
}

/** `<orderId>:return:<n>:RefundReturn`, and `:<number of the charge>` where an order was paid in parts. */
function keyOfPart(key: string, charge: string): string {
  const number = charge.split(':')[1];
  return entryName(key, number === undefined ? null : Number(number));
}

/** What is tried again comes before what is given up: a refusal must not end what another part waits for. */
const SEVERITY: Readonly<Record<StepOutcome['kind'], number>> = {
  ...{ done: 0, waiting: 0, overtaken: 1, refused: 2, unknown: 3, transient: 4 },
};

function worseOf(one: StepOutcome, other: StepOutcome): StepOutcome {
  return SEVERITY[other.kind] > SEVERITY[one.kind] ? other : one;
}
