// Job of the reconciler: finds open orders, and returns that are due, whose orchestration is missing, ended or not signalled (S6, S7) and decides when
// each is checked. Called by a timer; repair-order.ts repairs one order.
//
// reconcile.R1  A sweep goes through all open orders that have not changed for a while, oldest change first. How far it
//   is lies in the store, so another host, or the next run, goes on there; runs on two hosts at once look twice, which
//   is harmless.
// reconcile.R2  An order is looked at when a look falls due by its age (reconcile-schedule.ts) between the start of the
//   sweep before and the start of this one: however many live on quietly, as in a long outage, each is asked for at
//   growing intervals.
// reconcile.R3  Orders are repaired several at once and apart from each other: one that cannot be is logged and does not
//   stand before those behind it.
// reconcile.R4  A run begins nothing after its budget.
import { ALL_TENANTS, tenantOf } from '../domain/scope';
import { TransientError } from '../errors';
import { toIso } from '../ports/clock';
import type { ReturnSagas } from '../ports/return-sagas';
import type { Mark, Marks } from '../ports/marks';
import type { QuietOrder } from '../ports/order-store';
import { isDue } from './reconcile-schedule';
import { repairReturns } from './repair-returns';
import { repairOrder, type RepairResult, type RepairPorts } from './repair-order';
import { walkOrders } from './walk-orders';

export interface ReconcilePorts extends RepairPorts {
  readonly marks: Marks;
  readonly returnSagas: ReturnSagas;
}

export interface ReconcileLimits {
  /** How long an order must not have changed before it is looked at. */
  readonly quietMs: number;
  /** How long an order with a live instance must not have changed before that is logged. */
  readonly stuckMs: number;
  readonly budgetMs: number;
}

export interface Reconciled {
  readonly looked: number;
  readonly started: number;
  readonly signalled: number;
  readonly repaired: number;
  /** False when the time was up before every order was seen: the next run goes on. */
  readonly finished: boolean;
}

const JOB = 'reconcile-orders';
/** No order waits longer than this for its next look. */
const LONGEST_STEP_MS = 2 * 60_000;
/** While there is nothing to look at, the start of the last sweep need not be kept more often. */
const IDLE_MARK_MS = 60_000;

/** A sweep under way, and when the one before it began. */
interface Sweep {
  readonly seenMs: number;
  readonly startedMs: number;
  readonly from: string;
}

/** One run: goes on with the sweep that is under way, or begins one. */
export async function reconcileOrders(ports: ReconcilePorts, limits: ReconcileLimits): Promise<Reconciled> {
  const { clock, marks, orders } = ports;
  const nowMs = clock.nowMs();
  const { mark, etag } = await marks.read(JOB);
  const sweep = toSweep(mark, nowMs);
  // The list ends before a moment, and a look falls due at one.
  const before = toIso(sweep.startedMs - limits.quietMs + 1);
  const counts = { looked: 0, started: 0, signalled: 0, repaired: 0, nothing: 0 };
  const { listed, stoppedAt } = await walkOrders<QuietOrder>(sweep.from, {
    list: (from, limit) => orders.unfinished(ALL_TENANTS, before, limit, from),
    isWanted: (order) => isLookDue(order, sweep, limits) || isStuckDue(order, sweep, limits),
    isOver: () => clock.nowMs() - nowMs >= limits.budgetMs,
    visit: async (order) => {
      counts.looked += 1;
      counts[await look(ports, order, isStuckDue(order, sweep, limits))] += 1;
    },
  });
  const isIdle = listed === 0 && sweep.from === '' && sweep.startedMs - sweep.seenMs < IDLE_MARK_MS;
  if (!isIdle) await marks.write(JOB, markBehind(sweep, stoppedAt), etag);
  const { nothing, ...told } = counts;
  return { ...told, finished: stoppedAt === undefined };
}

/** What lies in the future was written by a clock that has been put back since: it says nothing. */
function toSweep({ seen = '', started = '', from = '' }: Mark, nowMs: number): Sweep {
  const [seenMs, startedMs] = [Date.parse(seen) || 0, Date.parse(started) || nowMs];
  if (seenMs > nowMs || startedMs > nowMs) return { seenMs: 0, startedMs: nowMs, from: '' };
  return { seenMs, startedMs, from };
}

function markBehind({ seenMs, startedMs }: Sweep, stoppedAt: string | undefined): Mark {
  return stoppedAt === undefined
    ? { seen: toIso(startedMs) }
    : { seen: toIso(seenMs), started: toIso(startedMs), from: stoppedAt };
}

/** reconcile.R2. */
function isLookDue(order: QuietOrder, { seenMs, startedMs }: Sweep, { quietMs }: ReconcileLimits): boolean {
  const schedule = { firstMs: quietMs, longestStepMs: LONGEST_STEP_MS };
  return isDue(schedule, quietSinceMs(order), { seenMs, nowMs: startedMs });
}

/** That an order makes no progress is logged after growing times, without a longest one. */
function isStuckDue(order: QuietOrder, { seenMs, startedMs }: Sweep, { stuckMs }: ReconcileLimits): boolean {
  const schedule = { firstMs: stuckMs, longestStepMs: Infinity };
  return isDue(schedule, quietSinceMs(order), { seenMs, nowMs: startedMs });
}

/** reconcile.R3. An order that has changed since it was listed is not quiet any more. */
async function look(ports: ReconcilePorts, order: QuietOrder, isStuck: boolean): Promise<RepairResult> {
  const { orderId, updatedAt } = order;
  try {
    const stored = await ports.orders.read(tenantOf(order), orderId);
    if (stored === undefined || stored.order.updatedAt !== updatedAt) return 'nothing';
    const quietMs = ports.clock.nowMs() - quietSinceMs(order);
    if (stored.order.ended) return await repairReturns(ports, stored, quietMs);
    return await repairOrder(ports, stored, { quietMs, isStuck });
  } catch (error) {
    const told = { orderId, error: String(error) };
    if (error instanceof TransientError) ports.log.warn('order not reconciled', told);
    else ports.log.error('order not reconciled', told);
    return 'nothing';
  }
}

/** Since when nothing happened to an order that should have: one that waits for its time is quiet from then on. */
function quietSinceMs({ updatedAt, notBefore, cancelRequestedAt, returnsDueAt }: QuietOrder): number {
  const waited = notBefore !== null && cancelRequestedAt === null ? Date.parse(notBefore) : 0;
  return Math.max(Date.parse(updatedAt), waited, Date.parse(returnsDueAt ?? '') || 0);
}
