// Routes for live events: of one order, and for operators of all orders.
import { z } from 'zod';
import { TransientError } from '../errors';
import type { OrderFeed, FeedStart } from '../ports/order-feed';
import type { OrderStore } from '../ports/order-store';
import { positionIn, toCursor } from '../queries/cursor';
import { nextEvents, nextPage } from '../queries/live-events';
import { takenBy } from '../queries/subscriptions';
import { findOrder } from './find-order';
import { invalid } from './http';
import type { RegisterRoute } from './register-routes';
import { ROUTES } from './routes/routes';
import type { AnswerOf, Call } from './routes/route';
import { EVENT_STREAM, eventStream, type SentEvent } from './server-sent-events';

export interface LiveEventsPorts {
  readonly orders: OrderStore;
  readonly feed: OrderFeed;
}

/** Registers WatchOrder and WatchOrders. */
export function registerLiveEvents(ports: LiveEventsPorts, register: RegisterRoute): void {
  register(ROUTES.WatchOrder, (call) => orderEventsAnswer(ports.orders, call));
  register(ROUTES.WatchOrders, (call) => feedAnswer(ports.feed, call));
}

type WatchOrder = typeof ROUTES.WatchOrder;
type Asked<R extends WatchOrder | WatchOrders> = Pick<Call<R>, 'params' | 'query' | 'headers' | 'scope'>;

/** The events of the order after the one that the reader has: its id is its sequence. */
export async function orderEventsAnswer(
  orders: OrderStore,
  { params, query: { after, wait }, headers, scope }: Asked<WatchOrder>,
): Promise<AnswerOf<WatchOrder>> {
  const order = await findOrder(orders, scope, params.id);
  // A browser that reconnects sends the header, and still the query that it began with.
  const watch = { after: headers['Last-Event-ID'] ?? after, waitMs: wait * 1_000 };
  return streamAnswer(async () =>
    (await nextEvents(orders, order, watch)).map((event) => ({ id: String(event.sequence), data: event })),
  );
}

type WatchOrders = typeof ROUTES.WatchOrders;

const FEED = { list: 'order-feed' };

/** What happens to all orders: the id is where the reader goes on in the feed. */
export async function feedAnswer(
  feed: OrderFeed,
  { query, headers, scope }: Asked<WatchOrders>,
): Promise<AnswerOf<WatchOrders>> {
  const lastId = headers['Last-Event-ID'];
  const start = startOf(lastId, query.from);
  if (start === undefined) throw invalid([NO_FEED_ID]);
  return streamAnswer(async () => {
    const reader = await feed.open(scope, start);
    if (reader === undefined) throw invalid([NO_FEED_ID]);
    const { type, subscription } = query;
    const isWanted = (event: unknown): boolean =>
      (type === undefined || (event as { readonly type?: unknown }).type === type) &&
      (subscription === undefined || takenBy(subscription, event) !== undefined);
    const page = await nextPage(reader, query.wait * 1_000, isWanted);
    const shown = (event: unknown): unknown =>
      subscription === undefined ? event : takenBy(subscription, event);
    // Last: a reader that loses the connection in the midst of a page asks for the whole page once more.
    const id = toCursor(FEED, page.continuation);
    return [...page.events.map((event) => ({ data: shown(event) })), { id }];
  });
}

const NO_FEED_ID = {
  path: 'Last-Event-ID',
  message: 'must be the last id that this feed gave; leave it out to begin now, or at `from`',
};

function startOf(lastId: string | undefined, from: string | undefined): FeedStart | undefined {
  if (lastId === undefined) return from === undefined ? { kind: 'now' } : { kind: 'moment', iso: from };
  const token = positionIn(FEED, lastId, z.string());
  return token === undefined ? undefined : { kind: 'continuation', token };
}

/**
 * A store that goes away meanwhile makes an answer without events: a browser gives up at any other status, and asks again
 * at this one.
 */
async function streamAnswer(
  read: () => Promise<readonly SentEvent[]>,
): Promise<{ readonly status: 200; readonly headers: Record<string, string>; readonly body: string }> {
  const headers = { 'Content-Type': EVENT_STREAM, 'Cache-Control': 'no-store' };
  try {
    return { status: 200, headers, body: eventStream(await read()) };
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    return { status: 200, headers, body: eventStream([], true) };
  }
}
