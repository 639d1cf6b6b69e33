// Open loop of orders: each is sent when it is due, whatever became of those before it, so that a system that falls
// behind cannot slow the load down and hide it. It knows no report.
//
// open-loop.O1  The n-th order is due n / rate seconds after the start. What it took counts from then, not from when it
//   was sent.
// open-loop.O2  Every order is sent once, under a key of its own: one whose answer is lost counts as not accepted.
// open-loop.O3  An accepted order is looked at until it has ended or the time to drain is over; a look that fails is
//   made again.
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { pause } from 'azure-local/host/pause';
import type { Clock } from 'azure-local/kit/clock';
import type { LoadOptions } from './load-flags';

export type LoadPlan = Pick<LoadOptions, 'rate' | 'seconds' | 'customers' | 'failing' | 'drainSeconds'>;

/** What became of one order. */
export interface LoadedOrder {
  readonly dueMs: number;
  /** Whether its card was to be declined. */
  readonly isMeantToFail: boolean;
  /** Set once it is accepted. */
  orderId?: string;
  /** Why it was not accepted. */
  refusal?: string;
  /** Set once it has ended: how, and when by its own record. */
  ended?: { readonly status: string; readonly atMs: number };
}

/** The system under load. Both may reject. */
export interface LoadedApi {
  /** Gives the id of the accepted order, or why it was not accepted. */
  place(
    customerId: string,
    key: string,
  ): Promise<{ readonly orderId: string } | { readonly refusal: string }>;
  /** How and when the order ended; undefined while it has not. */
  endOf(orderId: string): Promise<LoadedOrder['ended']>;
}

const FIRST_LOOK_MS = 50;
const LONGEST_LOOK_MS = 1_000;

/**
 * Sends the orders of `plan` and resolves when all have ended, or when the time to drain is over. `orders` fills up while
 * it runs.
 */
export async function runOpenLoop(
  plan: LoadPlan,
  { api, clock }: { readonly api: LoadedApi; readonly clock: Clock },
  orders: LoadedOrder[],
): Promise<void> {
  const run = randomUUID().slice(0, 8);
  const startedMs = clock.now();
  const over = new AbortController();
  // Every order under way listens.
  setMaxListeners(0, over.signal);
  const count = Math.round(plan.rate * plan.seconds);
  const underWay: Promise<void>[] = [];
  for (let index = 0; index < count; index++) {
    const dueMs = startedMs + (index * 1_000) / plan.rate;
    if (dueMs > clock.now()) await pause(clock, dueMs - clock.now(), over.signal);
    const isMeantToFail = isFailing(index, plan.failing);
    const order: LoadedOrder = { dueMs, isMeantToFail };
    orders.push(order);
    const customerId = `${isMeantToFail ? 'declined-' : ''}load-${index % plan.customers}`;
    underWay.push(follow(order, { api, clock }, { customerId, key: `load-${run}-${index}` }, over.signal));
  }
  const drained = clock.alarm(clock.now() + plan.drainSeconds * 1_000, () => over.abort());
  const aborted = new Promise<void>((resolve) => over.signal.addEventListener('abort', () => resolve()));
  await Promise.race([Promise.all(underWay), aborted]);
  drained.cancel();
  over.abort();
}

/** Spreads the failing ones evenly. */
function isFailing(index: number, percent: number): boolean {
  return Math.floor(((index + 1) * percent) / 100) > Math.floor((index * percent) / 100);
}

async function follow(
  order: LoadedOrder,
  { api, clock }: { readonly api: LoadedApi; readonly clock: Clock },
  { customerId, key }: { readonly customerId: string; readonly key: string },
  signal: AbortSignal,
): Promise<void> {
  const placed = await api.place(customerId, key).catch((error: unknown) => {
    return { refusal: error instanceof Error ? error.message : String(error) };
  });
  if ('refusal' in placed) {
    order.refusal = placed.refusal;
    return;
  }
  const { orderId } = placed;
  order.orderId = orderId;
  let waitMs = FIRST_LOOK_MS;
  while (await pause(clock, waitMs, signal)) {
    const ended = await api.endOf(orderId).catch(() => undefined);
    if (ended !== undefined) {
      order.ended = ended;
      return;
    }
    waitMs = Math.min(waitMs * 2, LONGEST_LOOK_MS);
  }
}
