// Brings orders and orchestrations together again where a crash took one of them away (S6, S7).
//
// R1  Only an order without a recorded step and without an instance is started; an ended or purged one never is.
// R2  Starting twice is harmless: every effect and every record of the second run is found by its key (S2, S5).
// R3  Whatever cannot be told from the instance is for an operator to settle: nothing is guessed.
// R4  Orders are mended one by one: one that cannot be is told of and does not stand before those behind it.
// R5  A run goes on where the last one stopped, and the one after the newest order begins with the oldest: however many
//     live on quietly, as in a long outage, every order has its turn.
import { z } from 'zod';
import { headOf, refusal, type Order, type OrderHead } from '../domain/order';
import type { OrderFact } from '../domain/order-events';
import { TransientError } from '../errors';
import { toIso, type Clock } from '../ports/clock';
import type { Log } from '../ports/log';
import type { OrderStore, Stored } from '../ports/order-store';
import type { SagaControl, SagaInstance } from '../ports/saga-control';
import { hasVersion } from '../saga/order-saga-versions';
import { openStream } from './order-stream';

export interface ReconcilePorts {
  readonly orders: OrderStore;
  readonly sagas: SagaControl;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Reconciled {
  readonly looked: number;
  readonly started: number;
  readonly signalled: number;
  readonly repaired: number;
  /** Where the next run goes on (R5): the time of the last change; undefined when it begins with the oldest order. */
  readonly next: string | undefined;
}

type Repair = 'started' | 'signalled' | 'repaired' | 'nothing';

/** As much of an error as belongs into an event. */
const MAX_WORDS = 500;

/** One run looks at no more orders than this. */
const BATCH = 500;

/** Looks at orders that have not ended and have not changed for `quietMs`, from `from` on, and mends what it finds. */
export async function reconcileOrders(
  ports: ReconcilePorts,
  quietMs: number,
  from?: string,
): Promise<Reconciled> {
  const unfinished = await ports.orders.unfinished(toIso(ports.clock.nowMs() - quietMs), BATCH, from);
  const counts = { looked: unfinished.length, started: 0, signalled: 0, repaired: 0, nothing: 0 };
  for (const stored of unfinished) {
    try {
      counts[await reconcile(ports, stored)] += 1;
    } catch (error) {
      const { orderId, correlationId } = stored.order;
      const told = { orderId, correlationId, error: String(error) };
      if (error instanceof TransientError) ports.log.warn('order not reconciled', told);
      else ports.log.error('order not reconciled', told);
    }
  }
  return { ...counts, next: nextFrom(unfinished, from) };
}

/** R5. Orders of the same millisecond as the last are looked at again, unless they fill a run. */
function nextFrom(looked: readonly Stored<Order>[], from: string | undefined): string | undefined {
  const last = looked.length < BATCH ? undefined : looked.at(-1)?.order.updatedAt;
  return last === undefined || last !== from ? last : toIso(Date.parse(last) + 1);
}

async function reconcile(ports: ReconcilePorts, stored: Stored<Order>): Promise<Repair> {
  const { order, etag } = stored;
  const instance = await ports.sagas.find(order.orderId);
  const told = { orderId: order.orderId, correlationId: order.correlationId };
  if (instance === undefined && isUntouched(order)) {
    await ports.sagas.start(headOf(order), etag);
    ports.log.warn('saga started by reconciler', told);
    return 'started';
  }
  if (instance !== undefined && isLive(instance)) {
    if (order.cancelRequestedAt === null || order.status === 'compensating') return 'nothing';
    await ports.sagas.signalCancel(order.orderId);
    ports.log.warn('cancel signalled again by reconciler', told);
    return 'signalled';
  }
  return (await writeMissingEnd(ports, stored, instance)) ? 'repaired' : 'nothing';
}

/** Writes what the instance left unwritten; an end it cannot tell is for an operator to settle. */
async function writeMissingEnd(
  ports: ReconcilePorts,
  stored: Stored<Order>,
  instance: SagaInstance | undefined,
): Promise<boolean> {
  const stream = openStream(ports, stored);
  const result = await stream.append({
    actor: 'reconciler',
    key: `${stored.order.orderId}:reconcile`,
    facts: (order) =>
      order.ended || order.saga.needsIntervention ? [] : [missingEnd(order, instance ?? LOST)],
  });
  if (result === 'nothing') return false;
  const { orderId, correlationId, saga } = stream.order();
  const told = { orderId, correlationId, reason: `the orchestration is ${(instance ?? LOST).runtimeStatus}` };
  if (saga.needsIntervention) ports.log.error('manual intervention required', told);
  else ports.log.warn('end written by reconciler', told);
  return true;
}

/** Whether no step has been recorded: only then may a saga begin at the beginning. */
function isUntouched({ status, saga }: Order): boolean {
  return (status === 'pending' || status === 'processing') && saga.failedStep === null;
}

type Ended = Pick<SagaInstance, 'output'> & { readonly runtimeStatus: string };

/** What stands for an instance that the task hub knows nothing of any more. */
const LOST: Ended = { runtimeStatus: 'lost', output: null };

function isLive({ runtimeStatus }: SagaInstance): boolean {
  return runtimeStatus === 'running' || runtimeStatus === 'pending' || runtimeStatus === 'suspended';
}

const orderResult = z.object({
  success: z.boolean(),
  finalStatus: z.string(),
  failureCode: z.string().default('SAGA_LOST'),
  failureReason: z.string().default('the saga did not say why'),
});

/** The end that a completed instance tells in its output, if the order may end so; else an intervention. */
function missingEnd(order: OrderHead, { runtimeStatus, output }: Ended): OrderFact {
  const told = orderResult.safeParse(output);
  if (runtimeStatus === 'completed' && told.success) {
    const { success, finalStatus, failureCode: code, failureReason: reason } = told.data;
    const failure = { kind: 'failed' as const, code, detailCode: code, reason };
    const end: OrderFact = success
      ? { type: 'OrderCompleted', data: {} }
      : finalStatus === 'cancelled'
        ? { type: 'OrderCancelled', data: { ...failure, kind: 'cancelled' } }
        : { type: 'OrderFailed', data: { ...failure, failedStep: order.saga.failedStep } };
    if (refusal(order, end) === undefined) return end;
  }
  return {
    type: 'InterventionOpened',
    data: {
      step: order.saga.currentStep ?? order.saga.failedStep ?? 'saga',
      attempts: 0,
      lastError: null,
      code: 'SAGA_LOST',
      detailCode: runtimeStatus.toUpperCase(),
      reason: `the orchestration is ${runtimeStatus} and the order is still ${order.status}; nothing was compensated${why(order, output)}`,
    },
  };
}

/** What an operator should know of it, on one line. */
function why({ saga: { definitionVersion } }: OrderHead, output: unknown): string {
  if (definitionVersion !== null && !hasVersion(definitionVersion)) {
    return ` (it began on version ${definitionVersion} of the saga, which this build does not have: deploy one that does, then rewind it)`;
  }
  // On Azure whole stacks stand behind the first line of an error.
  const said = typeof output === 'string' ? (output.split('\n', 1)[0]?.slice(0, MAX_WORDS) ?? '') : '';
  return said === '' ? '' : ` (${said})`;
}
