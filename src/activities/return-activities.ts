// Activities of the return saga, by registered name. Each looks at the order's stream first; those that wait read what they
// wait for there, and a signal only wakes them (S22).
import { type OrderHead } from '../domain/order';
import { takenFacts } from '../domain/order-rules';
import type { Failure, OrderFact } from '../domain/order-events';
import { isReturnEnded, returnOf, type ReturnState } from '../domain/return-state';
import type { OrderStream } from '../events/order-stream';
import { toIso } from '../ports/clock';
import type { InventoryService, PaymentService } from '../ports/downstream';
import { aboutOrder, type Log } from '../ports/log';
import type { StepOutcome } from '../saga/engine/definition';
import { RETURN_SIGNAL, type ReturnActivityName, type ReturnPayload } from '../saga/returns/return-steps';
import { refundParts } from './return-refund';
import { serviceCall } from './step-runner';
import {
  inStream,
  SAGA_ACTOR,
  type OrderStepInput,
  type OrderStepOutput,
  type StepPorts,
} from './step-stream';

export type ReturnStepInput = OrderStepInput<ReturnPayload>;

export type ReturnActivities = Readonly<
  Record<ReturnActivityName, (input: ReturnStepInput, log: Log) => Promise<OrderStepOutput>>
>;

export interface ReturnActivityPorts extends StepPorts {
  readonly inventory: Pick<InventoryService, 'restock'>;
  readonly payment: Pick<PaymentService, 'refundPart'>;
  /** How long a parcel is waited for. */
  readonly parcelTimeoutMs: number;
}

/** How long an inspection is waited for before the log says so, again and again. */
const INSPECTION_REMINDER_MS = 3 * 86_400_000;

const DONE: StepOutcome = { kind: 'done', value: null };
const OVERTAKEN: StepOutcome = { kind: 'overtaken' };

/** The activities over the given ports. Each may run any number of times (step-stream.A2). */
export function createReturnActivities(ports: ReturnActivityPorts): ReturnActivities {
  const { clock, inventory, payment } = ports;
  const step = (work: Work) => (input: ReturnStepInput, log: Log) => runReturnStep(ports, log, input, work);
  return {
    AuthoriseReturn: step(({ stream, input }) => {
      const parcelDueAt = toIso(clock.nowMs() + ports.parcelTimeoutMs);
      return recordStep(stream, input, {
        type: 'ReturnAuthorised',
        data: { ...recordOf(input), parcelDueAt },
      });
    }),

    AwaitParcel: step(async ({ stream, input, found }) => {
      const dueMs = Date.parse(found.parcelDueAt ?? '');
      if (dueMs > clock.nowMs()) return waitUntil(dueMs);
      // The parcel and the time-out compete for one append, as the answers of people do (S15).
      const data = { ...NOT_RECEIVED, reason: `no parcel was received until ${found.parcelDueAt ?? ''}` };
      return recordStep(stream, input, {
        type: 'ReturnRejected',
        data: { ...data, returnNumber: found.number },
      });
    }),

    InspectReturn: step(({ input, log, found }) => {
      if (input.answer?.kind === 'nobody')
        log.warn('return waits for its inspection', {
          ...aboutOrder(input.state),
          returnNumber: found.number,
        });
      return Promise.resolve(waitUntil(clock.nowMs() + INSPECTION_REMINDER_MS));
    }),

    RefundReturn: step(({ stream, input, found }) => refundParts(payment, stream, input, found)),

    RestockItems: step(async ({ stream, input, found }) => {
      const pieces = found.lines
        .map(({ productId, accepted, damaged }) => ({ productId, quantity: accepted - damaged }))
        .filter(({ quantity }) => quantity > 0);
      const outcome = await inventory.restock(serviceCall(input), pieces);
      if (outcome.kind !== 'done') return outcome;
      const quantity = pieces.reduce((sum, piece) => sum + piece.quantity, 0);
      return recordStep(stream, input, { type: 'ReturnRestocked', data: { ...recordOf(input), quantity } });
    }),

    CloseReturn: step(({ stream, input, found }) => closeReturn(stream, input, found)),
  };
}

interface Working {
  readonly stream: OrderStream;
  readonly input: ReturnStepInput;
  readonly log: Log;
  readonly found: ReturnState;
}
type Work = (working: Working) => Promise<StepOutcome>;

/** Runs the activity of a return unless the stream says that it is done, or that the return has ended. Never rejects. */
function runReturnStep(
  ports: StepPorts,
  log: Log,
  input: ReturnStepInput,
  work: Work,
): Promise<OrderStepOutput> {
  return inStream(ports, log, input, async (stream) => {
    await stream.catchUp();
    const found = returnOf(stream.order(), input.payload.returnNumber);
    if (found === undefined) return OVERTAKEN;
    return standing(stream.order(), input) ?? work({ stream, input, log, found });
  });
}

/** What the stream says of a step: that it is done, or may not be done any more; null when it may. */
function standing(order: OrderHead, { step, payload }: ReturnStepInput): StepOutcome | null {
  const found = returnOf(order, payload.returnNumber);
  if (found?.saga.completedSteps.includes(step) === true) return DONE;
  return found === undefined || isReturnEnded(found) ? OVERTAKEN : null;
}

/** Appends what a step has done. Where the stream does not take it, the stream says what came of the step. */
async function recordStep(
  stream: OrderStream,
  input: ReturnStepInput,
  fact: OrderFact | ((order: OrderHead) => OrderFact),
): Promise<StepOutcome> {
  const result = await stream.append({
    actor: SAGA_ACTOR,
    key: input.key,
    facts: (order) => takenFacts(order, [typeof fact === 'function' ? fact(order) : fact]),
  });
  return result === 'nothing' ? (standing(stream.order(), input) ?? OVERTAKEN) : DONE;
}

const waitUntil = (untilMs: number): StepOutcome => ({ kind: 'waiting', signal: RETURN_SIGNAL, untilMs });

const NOT_RECEIVED = {
  kind: 'timedOut',
  code: 'RETURN_REJECTED',
  detailCode: 'PARCEL_NOT_RECEIVED',
} as const;

/** The end: closed, or rejected where nothing was accepted yet. What was promised and cannot be done stays open (S9). */
function closeReturn(
  stream: OrderStream,
  input: ReturnStepInput,
  { number, amountMinor }: ReturnState,
): Promise<StepOutcome> {
  const { failure } = input;
  if (failure === null)
    return recordStep(stream, input, { type: 'ReturnClosed', data: { returnNumber: number } });
  if (amountMinor !== null) return Promise.resolve(DONE);
  // A cancel ends a return by its own fact; without one it was only signalled (S22).
  if (failure.kind === 'cancelled') return Promise.resolve(OVERTAKEN);
  const rejection: Failure = { ...failure, code: 'RETURN_FAILED' };
  return recordStep(stream, input, { type: 'ReturnRejected', data: { ...rejection, returnNumber: number } });
}

/** What a step that is done says of itself. */
function recordOf({ step, attempt, lastError, payload }: ReturnStepInput) {
  return { returnNumber: payload.returnNumber, step, attempts: attempt, lastError };
}
