// One compensation of an order by itself, outside its saga: the same activity as the saga calls, which undoes by key and records
// what it undid. Called by the late look-up and by operators who try a compensation again.
import type { OrderHead } from '../domain/order';
import type { StepError } from '../domain/outcome';
import type { Log } from '../ports/log';
import type { SagaDefinition, StepInput, StepOutcome, StepOutput } from '../saga/engine/definition';
import { errorOf } from '../saga/engine/step-failures';
import { entriesOf, entryName, keyOfEntry, type TableEntry } from '../saga/engine/entries';
import type { OrderSagaTypes } from '../saga/order/order-saga';
import { hasVersion, orderSaga } from '../saga/order/order-saga-versions';
import { CURRENT_VERSION } from '../saga/order/step-tables';
import type { CallActivity } from './run-in-process';

export type OrderEntry = TableEntry<OrderSagaTypes>;

const TIMEOUT_MS = 30_000;

/** The saga of an order; of a version that only a newer release has, the steps that this one knows (S21). */
export function sagaOf({ saga }: OrderHead): SagaDefinition<OrderSagaTypes> {
  const version = saga.definitionVersion ?? CURRENT_VERSION;
  return orderSaga(hasVersion(version) ? version : CURRENT_VERSION, 1);
}

/** The entry of the order's saga with this name, if it has something to take back. */
export function undoableEntry(order: OrderHead, name: string): OrderEntry | undefined {
  const entry = entriesOf(sagaOf(order), order).find((one) => one.name === name);
  return entry?.step.compensate === undefined ? undefined : entry;
}

/** The name of what takes the entry back: `RefundPayment:2`. */
export function undoingOf({ name, number, step }: OrderEntry): string {
  return entryName(step.compensate?.name ?? name, number);
}

export interface Undo {
  readonly order: OrderHead;
  readonly etag: string;
  readonly entry: OrderEntry;
  /** Under a key of its own: under that of the saga a service may have answered that there was nothing. */
  readonly isLate?: boolean;
}

/** Undoes the entry. Never rejects; an entry without a compensation is a RangeError. */
export async function undoEntry(
  { callActivity, log }: { readonly callActivity: CallActivity; readonly log: Log },
  { order, etag, entry, isLate = false }: Undo,
): Promise<StepOutput<OrderSagaTypes>> {
  const { compensate } = entry.step;
  if (compensate === undefined) throw new RangeError(`${entry.name} has nothing to take back`);
  const step = undoingOf(entry);
  const key = `${keyOfEntry(order.orderId, step)}${isLate ? ':late' : ''}`;
  const input: StepInput<OrderSagaTypes> = {
    ...{ state: order, etag, payload: compensate.payload(order, entry), step, undoes: entry.name, key },
    ...{ nextStep: null, lastError: null, timeoutMs: TIMEOUT_MS, refusedForMs: 0 },
    ...{ attempt: (order.saga.attempts[step] ?? 0) + 1, facts: [], failure: null, answer: null },
  };
  return (await callActivity(compensate.name, input, log)) as StepOutput<OrderSagaTypes>;
}

/** Why an undoing came to nothing; null when it is done. */
export function undoError(outcome: StepOutcome): StepError | null {
  return outcome.kind === 'done' ? null : errorOf(outcome);
}
