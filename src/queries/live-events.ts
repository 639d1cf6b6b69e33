// Live events: waits for what comes into the stream of one order, or into those of all orders, and answers it as one finite
// piece. A reader asks again with the last id that it was given.
//
// live.L1  What is answered is read from the store by sequence or continuation and pushed by no process: so nothing is missed
//   over reconnects, kills and restarts, whichever instance answers.
// live.L2  The events of one order are answered without a gap: a replica that is behind answers less, not something else.
// live.L3  Who waits asks the store seldom: at growing distances up to once a second.
import { setTimeout as wait } from 'node:timers/promises';
import type { OrderHead } from '../domain/order';
import { tenantOf } from '../domain/scope';
import type { FeedPage, FeedReader } from '../ports/order-feed';
import type { OrderStore } from '../ports/order-store';
import { auditedEvents, type AuditedEvent } from './order-history';

type Orders = Pick<OrderStore, 'read' | 'eventsAfter' | 'snapshotBefore'>;

export interface Watch {
  /** The sequence of the last event that the reader has. */
  readonly after: number;
  readonly waitMs: number;
}

/** More are answered at the next question. */
const MAX_EVENTS = 100;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/** The next events of `order`, as soon as there is one; none when the time is up. */
export async function nextEvents(
  orders: Orders,
  order: OrderHead,
  { after, waitMs }: Watch,
): Promise<readonly AuditedEvent[]> {
  let head: OrderHead | undefined = order;
  const events = await polled<readonly AuditedEvent[]>(waitMs, async (isFirst) => {
    if (!isFirst) head = (await orders.read(tenantOf(order), order.orderId))?.order;
    if (head === undefined || head.version <= after) return undefined;
    const found = withoutGap(after, await auditedEvents(orders, head, { after, limit: MAX_EVENTS }));
    return found.length > 0 ? found : undefined;
  });
  return events ?? [];
}

/** live.L2. */
function withoutGap(after: number, events: readonly AuditedEvent[]): readonly AuditedEvent[] {
  const gap = events.findIndex(({ sequence }, index) => sequence !== after + 1 + index);
  return gap < 0 ? events : events.slice(0, gap);
}

/** The next page of the feed with an event that `isWanted`; when the time is up one without, which leads on all the same. */
export async function nextPage(
  reader: FeedReader,
  waitMs: number,
  isWanted: (event: unknown) => boolean,
): Promise<FeedPage> {
  let last: FeedPage | undefined;
  const page = await polled(waitMs, async () => {
    last = await reader.next();
    const events = last.events.filter(isWanted);
    return events.length > 0 ? { ...last, events } : undefined;
  });
  return page ?? { events: [], continuation: last?.continuation ?? '' };
}

/** live.L3. The first answer of `ask` that is one, or undefined when the time is up; asks at least once. */
async function polled<T>(
  waitMs: number,
  ask: (isFirst: boolean) => Promise<T | undefined>,
): Promise<T | undefined> {
  const untilMs = performance.now() + waitMs;
  for (let pauseMs = FIRST_PAUSE_MS, isFirst = true; ; isFirst = false) {
    const answer = await ask(isFirst);
    const leftMs = untilMs - performance.now();
    if (answer !== undefined || leftMs <= 0) return answer;
    await wait(Math.min(pauseMs, leftMs));
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}
