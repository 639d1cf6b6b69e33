// Repair of one open order that has not changed for a while, by the state of the order's instance and stream. Called by
// reconcile-orders.ts.
//
// repair.M1  Only an order without a recorded step and without an instance is started; an ended or purged one never is
//   (S6).
// repair.M2  A live instance is left alone but for a cancel or an answer that it may not have heard of (S7, S15).
// repair.M3  Where the instance has ended or is lost and the stream says where the order goes, that is done: shipped →
//   forward, going back or cancelled → undone. An end that a completed instance tells is written.
// repair.M4  Everything else is for an operator to decide: nothing is guessed. The order offers *compensate now*.
// repair.M5  An order of a version that this release does not have is left to an instance of the release that has it,
//   for as long as PATIENCE_MS; then nobody has come (S21).
//
// repair.M6  A choreographed order has no instance. In its mode it is woken by a message unless one is on its way; where the
//   app runs in the other mode, nothing receives messages, and the order is brought to its end here (S17).
import { aboutOrder } from '../ports/log';
import { z } from 'zod';
import { isPastPivot, type OrderHead } from '../domain/order';
import { refusal } from '../domain/order-rules';
import type { OrderFact } from '../domain/order-events';
import { recordOf } from '../domain/saga-state';
import { tenantOf } from '../domain/scope';
import { openStream } from '../events/order-stream';
import type { OrderStore, Stored } from '../ports/order-store';
import type { SagaControl, SagaInstance } from '../ports/saga-control';
import type { SagaMessages } from '../ports/saga-messages';
import { hasVersion } from '../saga/order/order-saga-versions';
import { CURRENT_VERSION } from '../saga/order/step-tables';
import { finishOrder, type FinishPorts } from './finish-order';
import { hasNotHeard, isChoreographed, isDecided, isLive, isUntouched, wakeOf } from './saga-status';

export interface RepairPorts extends FinishPorts {
  readonly orders: OrderStore;
  readonly sagas: SagaControl;
  /** Given in the saga mode choreography. */
  readonly sagaMessages?: SagaMessages | undefined;
}

export interface Quiet {
  /** For how long the order has not changed. */
  readonly quietMs: number;
  /** Whether it is time to say that an order whose instance is live makes no progress. */
  readonly isStuck: boolean;
}

export type RepairResult = 'started' | 'signalled' | 'repaired' | 'nothing';

/** How long one order may be worked on in one run. */
const FINISH_BUDGET_MS = 20_000;

/** For so long what is away is waited for, and what fails is tried again, before an operator is asked. */
export const PATIENCE_MS = 15 * 60_000;

/** As much of an error as belongs into an event. */
const MAX_WORDS = 500;

/** Looks after one order. Throws what the store and the task hub throw. */
export async function repairOrder(
  ports: RepairPorts,
  stored: Stored<OrderHead>,
  quiet: Quiet,
): Promise<RepairResult> {
  const { order, etag } = stored;
  const { orderId } = order;
  if (isChoreographed(order)) return lookAfterChoreographed(ports, stored, quiet);
  const instance = await ports.sagas.find(orderId);
  if (instance === undefined && isUntouched(order)) {
    await ports.sagas.start(order, etag);
    ports.log.warn('saga started by reconciler', aboutOrder(order));
    return 'started';
  }
  if (instance !== undefined && isLive(instance)) return lookAfterLive(ports, order, instance, quiet);
  if (!isKnown(order) && quiet.quietMs < PATIENCE_MS) return 'nothing';
  if (isDecided(order) && isKnown(order)) return finish(ports, stored, instance ?? LOST, quiet);
  return (await writeMissingEnd(ports, stored, instance ?? LOST)) ? 'repaired' : 'nothing';
}

/** repair.M6. */
async function lookAfterChoreographed(
  ports: RepairPorts,
  stored: Stored<OrderHead>,
  quiet: Quiet,
): Promise<RepairResult> {
  const { sagaMessages, clock, log } = ports;
  const { order } = stored;
  const { orderId, status } = order;
  if (!isKnown(order)) return 'nothing';
  if (sagaMessages === undefined) return finish(ports, stored, LOST, quiet);
  if (quiet.isStuck && status !== 'awaitingApproval') tellStuck(log, order, 'running', quiet);
  if (await sagaMessages.isExpected(orderId)) return 'nothing';
  await sagaMessages.send(wakeOf(order, clock.nowMs()), clock.nowMs());
  log.warn('saga woken by reconciler', aboutOrder(order));
  return 'signalled';
}

function tellStuck(
  log: RepairPorts['log'],
  order: OrderHead,
  runtimeStatus: string,
  { quietMs }: Quiet,
): void {
  const minutes = Math.floor(quietMs / 60_000);
  const { status } = order;
  log.warn('order makes no progress', { ...aboutOrder(order), status, runtimeStatus, minutes });
}

/** repair.M2. Suspended by an operator counts as no progress too; waiting for a person does not. */
async function lookAfterLive(
  { sagas, log }: RepairPorts,
  order: OrderHead,
  instance: SagaInstance,
  quiet: Quiet,
): Promise<RepairResult> {
  const { orderId, status, cancelRequestedAt, version } = order;
  if (quiet.isStuck && status !== 'awaitingApproval') tellStuck(log, order, instance.runtimeStatus, quiet);
  if (hasNotHeard(order, instance)) {
    await sagas.signalApproval(orderId, version);
    log.warn('approval signalled again by reconciler', aboutOrder(order));
    return 'signalled';
  }
  if (cancelRequestedAt === null || status === 'compensating') return 'nothing';
  await sagas.signalCancel(orderId);
  log.warn('cancel signalled again by reconciler', aboutOrder(order));
  return 'signalled';
}

/** repair.M3. What could not be done in this run is the next one's; it is told once per look. */
async function finish(
  ports: RepairPorts,
  stored: Stored<OrderHead>,
  ended: Ended,
  { quietMs }: Quiet,
): Promise<RepairResult> {
  const { orderId, version } = stored.order;
  const waitForOutages = quietMs < PATIENCE_MS;
  const run = { order: stored.order, etag: stored.etag, budgetMs: FINISH_BUDGET_MS, waitForOutages };
  const result = await finishOrder(ports, run);
  const told = { ...aboutOrder(stored.order), runtimeStatus: ended.runtimeStatus };
  if (result.kind === 'finished') {
    const after = await ports.orders.read(tenantOf(stored.order), orderId);
    if (after?.order.ended === true) {
      ports.log.warn('order finished by reconciler', { ...told, status: after.order.status });
      return 'repaired';
    }
    if (after !== undefined && after.order.version !== version) return 'repaired';
  }
  const error = result.kind === 'unfinished' ? result.error : null;
  const reason = error?.message ?? 'its end could not be written';
  ports.log.error('order not finished', { ...told, errorCode: error?.code, reason });
  const isGivenUp = quietMs >= PATIENCE_MS && !(result.kind === 'unfinished' && result.outage);
  return isGivenUp && (await askOperator(ports, stored.order, reason)) ? 'repaired' : 'nothing';
}

/** What keeps failing though nothing is away: forward steps have no other limit (S9), and the store may refuse a write. */
async function askOperator(ports: RepairPorts, order: OrderHead, reason: string): Promise<boolean> {
  const stored = await ports.orders.read(tenantOf(order), order.orderId);
  if (stored === undefined) return false;
  const text = `the orchestration is gone and the order could not be finished: ${reason}`;
  return openIntervention(ports, stored, (order) => intervention(order, 'NOT_FINISHED', text));
}

/** Writes what the instance left unwritten; an end it cannot tell is for an operator to settle. */
async function writeMissingEnd(
  ports: RepairPorts,
  stored: Stored<OrderHead>,
  ended: Ended,
): Promise<boolean> {
  return openIntervention(ports, stored, (order) => missingEnd(order, ended));
}

async function openIntervention(
  ports: RepairPorts,
  stored: Stored<OrderHead>,
  factOf: (order: OrderHead) => OrderFact,
): Promise<boolean> {
  const stream = openStream(ports, stored);
  const result = await stream.append({
    actor: 'reconciler',
    key: `${stored.order.orderId}:reconcile`,
    facts: (order) => (order.ended || order.saga.needsIntervention ? [] : [factOf(order)]),
  });
  if (result === 'nothing') return false;
  const last = stream.events().at(-1);
  if (last?.type === 'InterventionOpened') {
    const { reason } = last.data;
    ports.log.error('manual intervention required', { ...aboutOrder(stored.order), reason });
  } else ports.log.warn('end written by reconciler', aboutOrder(stored.order));
  return true;
}

const isKnown = ({ saga }: OrderHead): boolean => hasVersion(saga.definitionVersion ?? CURRENT_VERSION);

type Ended = Pick<SagaInstance, 'output'> & { readonly runtimeStatus: string };

/** What stands for an instance that the task hub knows nothing of any more. */
const LOST: Ended = { runtimeStatus: 'lost', output: null };

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
  const what = `the orchestration is ${runtimeStatus} and the order is still ${order.status}; nothing was compensated`;
  const offer = isPastPivot(order) ? '' : `; ${offerOf(order)}`;
  return intervention(order, runtimeStatus.toUpperCase(), `${what}${why(order, output)}${offer}`);
}

function intervention({ saga }: OrderHead, detailCode: string, reason: string): OrderFact {
  const step = saga.currentStep ?? saga.failedStep ?? 'saga';
  const data = { ...recordOf(saga, step), code: 'SAGA_LOST', detailCode, reason };
  return { type: 'InterventionOpened', data };
}

/** What an operator can do about an order that is neither shipped nor ended and that nothing carries on. */
export function offerOf({ orderId }: Pick<OrderHead, 'orderId'>): string {
  return `to undo it: POST /api/ops/orders/${orderId}/compensate`;
}

/** What an operator should know of it, on one line. */
function why(order: OrderHead, output: unknown): string {
  if (!isKnown(order)) {
    const version = order.saga.definitionVersion ?? 0;
    return ` (it began on version ${version} of the saga, which this build does not have: deploy one that does, then rewind it)`;
  }
  // On Azure whole stacks stand behind the first line of an error.
  const said = typeof output === 'string' ? (output.split('\n', 1)[0]?.slice(0, MAX_WORDS) ?? '') : '';
  return said === '' ? '' : ` (${said})`;
}
