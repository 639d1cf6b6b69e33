// Job of the late look-up (S27): when no message of a failed or cancelled order can be alive any longer, the keys of the
// order's entries are looked up at the services once more, and effects still in force are undone. Called by a timer.
//
// late-look-up.L1  Orders are taken in the order of their last change, from a mark in the store on, each once. An order
//   to which that adds an event is looked up once more after the same time; then nothing is found.
// late-look-up.L2  What a service could not say is asked again in later runs, apart from the orders behind it, for a
//   day.
// late-look-up.L3  An undoing that an operator was asked for is the operator's. So is what stands although the stream
//   says it was undone.
// late-look-up.L4  Running on two hosts at once is harmless: undoing is by key, and records are by key and etag.
// late-look-up.L5  Returns have nothing to look up: up to their pivot they call no service, and behind it each call is made
//   under its key until it is recorded (return-steps.ts).
import { evolve, type OrderHead } from '../domain/order';
import { isGoingBack } from '../domain/order-status';
import type { Outcome, StepError } from '../domain/outcome';
import { recordOf } from '../domain/saga-state';
import { ALL_TENANTS, tenantOf } from '../domain/scope';
import { TransientError } from '../errors';
import { openStream } from '../events/order-stream';
import { toIso, type Clock } from '../ports/clock';
import type { ServiceCall } from '../ports/downstream';
import { aboutOrder, type Log } from '../ports/log';
import type { Marks } from '../ports/marks';
import type { OrderStore } from '../ports/order-store';
import type { StepOutput } from '../saga/engine/definition';
import { entriesOf, keyOfEntry } from '../saga/engine/entries';
import { applies } from '../saga/engine/positions';
import type { OrderSagaTypes } from '../saga/order/order-saga';
import { errorOf } from '../saga/engine/step-failures';
import type { CallActivity } from './run-in-process';
import { sagaOf, undoEntry, type OrderEntry } from './undo-entry';
import { walkOrders } from './walk-orders';

/** Whether something was done under the key of the call and not undone. `step` is the step that acts under it. */
export type LookUpEffect = (step: string, call: ServiceCall) => Promise<Outcome<boolean>>;

export interface LookUpPorts {
  readonly orders: OrderStore;
  readonly marks: Marks;
  readonly lookUpEffect: LookUpEffect;
  readonly callActivity: CallActivity;
  readonly clock: Clock;
  readonly log: Log;
}

export interface LookUpLimits {
  /** How long after its last change no message of an order can be alive any longer. */
  readonly afterMs: number;
  readonly budgetMs: number;
}

export interface LookedUp {
  readonly looked: number;
  /** Effects that were found in force. */
  readonly found: number;
  /** False when the time was up, or too many could not be looked up, before every order was seen. */
  readonly finished: boolean;
}

/** The id of a stored document: never renamed. */
const JOB = 'look-up-fallen';
/** With so many that could not be looked up, a service is away: the mark waits. */
const MAX_AGAIN = 100;
const GIVE_UP_MS = 24 * 3_600_000;
const LOOK_UP_TIMEOUT_MS = 5_000;
/** While nothing is listed, the mark need not move more often. */
const IDLE_MARK_MS = 10 * 60_000;

/** One run under way. */
interface Run {
  readonly ports: LookUpPorts;
  /** Orders of which not everything could be looked up. */
  readonly again: Map<string, OrderPlace>;
  /** What changed last before this is not waited for any longer. */
  readonly giveUpIso: string;
  looked: number;
  found: number;
}

/** One run: first those that could not be looked up before, then the orders behind the mark. */
export async function runLateLookUp(ports: LookUpPorts, limits: LookUpLimits): Promise<LookedUp> {
  const { clock, marks, orders } = ports;
  const nowMs = clock.nowMs();
  const beforeIso = toIso(nowMs - limits.afterMs);
  const giveUpIso = toIso(nowMs - limits.afterMs - GIVE_UP_MS);
  const { mark, etag } = await marks.read(JOB);
  const waiting = (mark.again ?? '').split(',').flatMap(toPlace);
  const run: Run = { ports, again: new Map(), giveUpIso, looked: 0, found: 0 };
  const isLate = (): boolean => clock.nowMs() - nowMs >= limits.budgetMs;
  for (const place of waiting) {
    if (isLate()) run.again.set(place.orderId, place);
    else await lookUpOrder(run, place);
  }
  const { listed, stoppedAt } = await walkOrders(mark.until ?? '', {
    list: (from, limit) => orders.unsuccessful(ALL_TENANTS, from, beforeIso, limit),
    isWanted: () => true,
    isOver: () => isLate() || run.again.size >= MAX_AGAIN,
    visit: (order) => lookUpOrder(run, order),
  });
  const until = stoppedAt ?? beforeIso;
  const isIdle =
    listed + waiting.length === 0 && Date.parse(until) - Date.parse(mark.until ?? '') < IDLE_MARK_MS;
  if (!isIdle)
    await marks.write(JOB, { until, again: [...run.again.values()].map(fromPlace).join(',') }, etag);
  return { looked: run.looked, found: run.found, finished: stoppedAt === undefined };
}

interface OrderPlace {
  readonly tenantId: string;
  readonly orderId: string;
}

/** As the mark keeps it: neither id can hold a slash or a comma. */
function fromPlace({ tenantId, orderId }: OrderPlace): string {
  return `${tenantId}/${orderId}`;
}

function toPlace(text: string): readonly OrderPlace[] {
  const [tenantId = '', orderId] = text.split('/');
  return orderId === undefined ? [] : [{ tenantId, orderId }];
}

/** late-look-up.L2. Never throws but for a store that is away: one order does not stand before those behind it. */
async function lookUpOrder(run: Run, place: OrderPlace): Promise<void> {
  const { tenantId, orderId } = place;
  const { orders, log } = run.ports;
  const stored = await orders.read(tenantOf(place), orderId);
  if (stored === undefined || !stored.order.ended || !isGoingBack(stored.order.status)) return;
  run.looked += 1;
  const order = stored.order;
  let error: StepError | null;
  try {
    error = await lookUpKeys(run, order, stored.etag);
  } catch (cause) {
    if (cause instanceof TransientError) throw cause;
    error = { code: 'LOOK_UP_BROKE', message: String(cause) };
  }
  if (error === null) return;
  const told = { ...aboutOrder(order), errorCode: error.code, error: error.message };
  if (order.updatedAt < run.giveUpIso) log.error('late look-up given up', told);
  else run.again.set(orderId, { tenantId, orderId });
}

/** Looks up each key that may have acted, latest entry first; the last error, or null when every service answered. */
async function lookUpKeys(run: Run, before: OrderHead, firstEtag: string): Promise<StepError | null> {
  let [order, etag] = [before, firstEtag];
  let error: StepError | null = null;
  for (const entry of undoableEntries(order)) {
    const call = callOf(order, keyOfEntry(order.orderId, entry.name));
    const seen = await run.ports.lookUpEffect(entry.step.invoke.name, call);
    if (seen.kind !== 'done') error = errorOf(seen);
    if (seen.kind !== 'done' || !seen.value) continue;
    run.found += 1;
    const output = await takeBack(run.ports, order, etag, entry);
    if (output === null) continue;
    order = output.events.reduce(evolve<OrderHead>, order);
    etag = output.etag;
    if (output.outcome.kind === 'transient') error = output.outcome.error;
  }
  return error;
}

/**
 * late-look-up.L3. The entries that apply and have something to take back, latest first, without those whose undoing an operator was
 * asked for.
 */
function undoableEntries(order: OrderHead): readonly OrderEntry[] {
  const { saga } = order;
  const givenUp = saga.compensations.filter(
    ({ undoes, outcome }) => outcome === 'failed' && !saga.compensatedSteps.includes(undoes),
  );
  return entriesOf(sagaOf(order), order)
    .filter((entry) => entry.step.compensate !== undefined && applies(entry, order))
    .filter(({ name }) => !givenUp.some(({ undoes }) => undoes === name))
    .reverse();
}

/** Undoes what stands, and tells of it; null when that is for an operator. */
async function takeBack(
  ports: LookUpPorts,
  order: OrderHead,
  etag: string,
  entry: OrderEntry,
): Promise<StepOutput<OrderSagaTypes> | null> {
  const { orderId, status, saga } = order;
  const { name } = entry;
  const { compensate } = entry.step;
  ports.log.error('effect found after the end', {
    ...{ ...aboutOrder(order), status, step: name, key: keyOfEntry(orderId, name) },
  });
  if (compensate === undefined || saga.compensatedSteps.includes(name)) {
    await askOperator(
      ports,
      order,
      etag,
      name,
      'the stream says that it was undone, and its service that it stands',
    );
    return null;
  }
  const output = await undoEntry(ports, { order, etag, entry, isLate: true });
  const { outcome } = output;
  if (outcome.kind === 'done' || outcome.kind === 'transient') return output;
  const error = outcome.kind === 'overtaken' ? 'the stream has gone on' : errorOf(outcome).message;
  await askOperator(ports, order, etag, name, `it could not be undone: ${error}`);
  return null;
}

/** Once per key: an order that was changed by it is looked up again. */
async function askOperator(
  ports: LookUpPorts,
  order: OrderHead,
  etag: string,
  step: string,
  why: string,
): Promise<void> {
  const { orderId, status } = order;
  const key = `${keyOfEntry(orderId, step)}:standing`;
  const events = await ports.orders.eventsAfter(tenantOf(order), orderId, 0);
  if (events.some((event) => event.key === key)) return;
  const reason = `${step} stands under the key ${keyOfEntry(orderId, step)} although the order is ${status}; ${why}`;
  const data = {
    ...{ ...recordOf(order.saga, step), code: 'SAGA_LOST', detailCode: 'STANDS_AFTER_END', reason },
  };
  const stream = openStream(ports, { order, etag });
  const result = await stream.append({
    actor: 'reconciler',
    key,
    facts: () => [{ type: 'InterventionOpened', data }],
  });
  if (result === 'appended')
    ports.log.error('manual intervention required', { ...aboutOrder(order), step, reason });
}

function callOf({ orderId, customerId, correlationId, traceparent }: OrderHead, key: string): ServiceCall {
  return { key, orderId, customerId, correlationId, traceparent, timeoutMs: LOOK_UP_TIMEOUT_MS };
}
