// Runner of orders against a target with a number of them in flight. It waits until nothing is under way for them any
// more: confirmed, on the topic, in the list, mailed.
//
// order-run.R1  What an order took is by the target's own record: from before it was sent to the time of its event
//   OrderCompleted.
// order-run.R2  The clock stops when the relay and the list have the last of them; waiting for the mail is not on the
//   clock.
import { setTimeout as pause } from 'node:timers/promises';
import { CosmosClient, type Container } from '@azure/cosmos';
import type { ServiceBusClient } from '@azure/service-bus';
import { EMULATOR_KEY } from 'azure-local/kit/emulator-connections';
import { customerKey } from '../../../src/domain/scope';
import { getJson, indexOf, orderBody, type OrderTarget, type PlacedOrder, type Way } from './order-target';

export interface OrderRun {
  readonly orderIds: readonly string[];
  /** When the last one was completed. */
  readonly completedAtMs: number;
  /** From the first one sent to the last one completed. */
  readonly completedSeconds: number;
  /** To the last one on the topic and in the list (order-run.R2). */
  readonly drainedSeconds: number;
  /** From sent to completed, in ms (order-run.R1). */
  readonly latencies: readonly number[];
  /** From completed to accepted by the topic, in ms. */
  readonly relayLags: readonly number[];
  /** Reads of the list that the watching itself made. */
  readonly listReads: number;
}

export interface OrderRunner {
  run(way: Way, count: number, inFlight: number): Promise<OrderRun>;
  close(): void;
}

/** Requests that wait for their answer at one time, however many orders may be unfinished. */
const MAX_SENDING = 64;
/** How often is asked what was confirmed: it costs the platform some time, so no more often than it matters. */
const POLL_MS = { oneAtATime: 5, many: 10 };
const DRAIN_POLL_MS = 20;
const PATIENCE_MS = 60_000;
const PEEKED_AT_ONCE = 250;

/** Customers are numbered from `firstIndex`, so that two runners of one target do not share any. */
export function createOrderRunner(
  target: OrderTarget,
  client: ServiceBusClient,
  firstIndex = 0,
): OrderRunner {
  const { urls } = target;
  const confirmations = effectsOf(urls.services, 'stockConfirmed');
  const mails = effectsOf(urls.services, 'notified');
  const published = eventsOnTopic(client);
  const cosmos = new CosmosClient({ endpoint: urls.cosmos, key: EMULATOR_KEY });
  const isListed = target.isListed ?? listedIn(cosmos.database('orders-db').container('customer-orders'));
  let nextIndex = firstIndex;

  const send = async (way: Way, count: number, inFlight: number) => {
    const first = nextIndex;
    nextIndex += count;
    const sentMs: number[] = [];
    const orders: PlacedOrder[] = [];
    let sending = 0;
    let failure: unknown;
    let late = lateAfter('the next order to be confirmed');
    while (orders.length < count) {
      late();
      while (sentMs.length < count && sentMs.length - orders.length < inFlight && sending < MAX_SENDING) {
        const body = orderBody(first + sentMs.length);
        sentMs.push(Date.now());
        sending += 1;
        way(body).then(
          () => (sending -= 1),
          (error: unknown) => (failure = error),
        );
      }
      await pause(inFlight === 1 ? POLL_MS.oneAtATime : POLL_MS.many);
      if (failure !== undefined) throw new Error('An order was not taken.', { cause: failure });
      const news = (await confirmations()).filter(({ customerId }) => indexOf(customerId) >= first);
      if (news.length > 0) late = lateAfter('the next order to be confirmed');
      orders.push(...news);
    }
    return { orders, sentAt: ({ customerId }: PlacedOrder) => sentMs[indexOf(customerId) - first] ?? NaN };
  };

  return {
    async run(way, count, inFlight) {
      const { orders, sentAt } = await send(way, count, inFlight);
      const [events, listed] = await Promise.all([published(orders), untilListed(isListed, orders)]);
      let mailed = 0;
      const late = lateAfter('the mails of all orders');
      while (mailed < count) {
        late();
        mailed += (await mails()).filter((mail) => !Number.isNaN(sentAt(mail))).length;
        if (mailed < count) await pause(DRAIN_POLL_MS);
      }
      return figuresOf(orders, sentAt, events, listed);
    },
    close: () => cosmos.dispose(),
  };
}

type Events = Parameters<typeof eventOf>[0];

/** The figures of one run, from when each order was sent, what its stream says and when its list showed it. */
function figuresOf(
  orders: readonly PlacedOrder[],
  sentAt: (order: PlacedOrder) => number,
  events: Events,
  listed: { readonly atMs: number; readonly reads: number },
): OrderRun {
  const completed = orders.map((order) => ({ order, event: eventOf(events, order) }));
  const startedMs = Math.min(...orders.map(sentAt));
  const lastMs = (at: (event: PublishedEvent) => number): number =>
    Math.max(...completed.map(({ event }) => at(event)));
  const drainedMs = Math.max(
    lastMs(({ acceptedMs }) => acceptedMs),
    listed.atMs,
  );
  return {
    orderIds: orders.map(({ orderId }) => orderId),
    completedAtMs: lastMs(({ occurredMs }) => occurredMs),
    completedSeconds: (lastMs(({ occurredMs }) => occurredMs) - startedMs) / 1_000,
    drainedSeconds: (drainedMs - startedMs) / 1_000,
    latencies: completed.map(({ order, event }) => event.occurredMs - sentAt(order)),
    relayLags: completed.map(({ event }) => event.acceptedMs - event.occurredMs),
    listReads: listed.reads,
  };
}

/** Throws when it is called long after it was made: then what is waited for will not come. */
function lateAfter(what: string): () => void {
  const untilMs = performance.now() + PATIENCE_MS;
  return () => {
    if (performance.now() > untilMs)
      throw new Error(
        `Waited ${PATIENCE_MS / 1_000} s in vain for ${what}: look into the log of what is measured.`,
      );
  };
}

/** The effects of one kind since it was asked last: it reads on in the ledger, so asking stays cheap. */
function effectsOf(services: string, effect: string): () => Promise<PlacedOrder[]> {
  let after = 0;
  return async () => {
    const lines = await getJson<(PlacedOrder & { readonly seq: number })[]>(
      `${services}/control/ledger?effect=${effect}&after=${after}`,
    );
    after = lines.at(-1)?.seq ?? after;
    return lines;
  };
}

interface PublishedEvent {
  readonly occurredMs: number;
  readonly acceptedMs: number;
}

function eventOf(events: ReadonlyMap<string, PublishedEvent>, { orderId }: PlacedOrder): PublishedEvent {
  const event = events.get(orderId);
  if (event === undefined) throw new Error(`The topic has no OrderCompleted of ${orderId}.`);
  return event;
}

/** The events on the topic, peeked in a subscription without a receiver. */
function eventsOnTopic(
  client: ServiceBusClient,
): (orders: readonly PlacedOrder[]) => Promise<Map<string, PublishedEvent>> {
  // The client remembers how far it has looked, so each message is looked at once.
  const receiver = client.createReceiver('order-events', 'order-completed-events');
  return async (orders) => {
    const missing = new Set(orders.map(({ orderId }) => orderId));
    const byOrder = new Map<string, PublishedEvent>();
    const late = lateAfter('OrderCompleted of all orders on the topic');
    while (missing.size > 0) {
      late();
      const messages = await receiver.peekMessages(PEEKED_AT_ONCE);
      for (const { body, enqueuedTimeUtc } of messages) {
        const { orderId, occurredAt } = body as { orderId: string; occurredAt: string };
        missing.delete(orderId);
        const acceptedMs = enqueuedTimeUtc?.getTime() ?? NaN;
        byOrder.set(orderId, { acceptedMs, occurredMs: Date.parse(occurredAt) });
      }
      if (messages.length === 0) await pause(DRAIN_POLL_MS);
    }
    return byOrder;
  };
}

/** How many of the last orders may share a page of the feed, within which the list has no order of its own. */
const LAST = 64;

/**
 * Waits until the list has these orders as completed. The feed brings them about in the order in which they were
 * completed, so when the last ones are there, all are.
 */
async function untilListed(
  isListed: (order: PlacedOrder) => Promise<boolean>,
  orders: readonly PlacedOrder[],
): Promise<{ readonly atMs: number; readonly reads: number }> {
  let atMs = 0;
  let reads = 0;
  const isShown = (order: PlacedOrder): Promise<boolean> => {
    reads += 1;
    return isListed(order);
  };
  const late = lateAfter('all orders as completed in the list');
  for (const order of orders.slice(-LAST).reverse()) {
    let waited = atMs === 0;
    while (!(await isShown(order))) {
      late();
      waited = true;
      await pause(DRAIN_POLL_MS);
    }
    if (waited) atMs = Date.now();
  }
  return { atMs, reads };
}

/** Reads the container of the list, as the app does. */
function listedIn(list: Container): (order: PlacedOrder) => Promise<boolean> {
  return async ({ orderId, customerId }) => {
    const { resource } = await list
      .item(orderId, customerKey({ tenantId: 'default', customerId }))
      .read<{ readonly status: string }>();
    return resource?.status === 'completed';
  };
}
