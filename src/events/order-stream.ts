// Writer of an order's stream: appends facts guarded by etag and sequence, once per key (S5). An order's first events are
// written by commands/place-order.ts.
import type { EventEnvelope } from '../domain/event-envelope';
import { resolutionsAfter } from '../domain/interventions';
import { evolve, type OrderHead } from '../domain/order';
import { refusal } from '../domain/order-rules';
import type { OrderEvent, OrderFact } from '../domain/order-events';
import { tenantOf } from '../domain/scope';
import { TerminalError } from '../errors';
import { toIso, type Clock } from '../ports/clock';
import type { OrderStore } from '../ports/order-store';
import { toEnvelope, type Provenance } from './envelope';
import { readStoredEvent } from './read-event';

export interface AppendRequest {
  readonly actor: string;
  /** What is appended under a key that came into the stream meanwhile is not appended again. */
  readonly key: string | null;
  /** The facts that follow in this order; asked again of the order as it is after a conflict. May be none. */
  readonly facts: (order: OrderHead) => readonly OrderFact[];
}

/** `already`: the stream held the key. `nothing`: the order as it is takes no fact. */
export type AppendResult = 'appended' | 'already' | 'nothing';

/** A writer's view of one stream, which moves on with every append. */
export interface OrderStream {
  /** The order as folded up to `etag`. */
  order(): OrderHead;
  etag(): string;
  /** Everything that came into the stream since this view was opened, whoever wrote it. */
  events(): readonly OrderEvent[];
  /**
   * Appends after what the stream holds now: one request when nobody else wrote meanwhile; on a conflict it reads what
   * came in between and asks for the facts again. A fact that may not follow is a TerminalError.
   */
  append(request: AppendRequest): Promise<AppendResult>;
  /**
   * Takes in what came into the stream since; one read when that is nothing. False when the stream does not hold the last
   * event that was seen: the view stays as it is, as nothing may be built on what is left then. Throws a TransientError
   * EVENT_NEWER for what only a newer release can read: nothing may be decided without it (S21).
   */
  catchUp(): Promise<boolean>;
}

/** Code of the error of a writer who has seen events that the stream does not hold: a store that lost its end. */
export const WENT_BACK = 'ORDER_WENT_BACK';

/** Each conflict means that another writer got on, so losing this often in a row means something is broken. */
const MAX_CONFLICTS = 8;

/**
 * Opens a stream where somebody last saw it: the order as folded then, and its document's etag. Reads nothing. What is appended has the
 * trace context `traceparent`; left out, that of the order.
 */
export function openStream(
  { orders, clock }: { readonly orders: OrderStore; readonly clock: Clock },
  seen: { readonly order: OrderHead; readonly etag: string; readonly traceparent?: string | undefined },
): OrderStream {
  let { order, etag } = seen;
  const scope = tenantOf(order);
  let events: readonly OrderEvent[] = [];
  /** Of what others wrote: one catching up may bring keys that are asked for only later. */
  const keys = new Set<string | null>();

  async function catchUp(): Promise<boolean> {
    const stored = await orders.read(scope, order.orderId);
    if (stored === undefined) throw new TerminalError('ORDER_VANISHED', `order ${order.orderId} is gone`);
    if (stored.etag === etag) return true;
    const head = stored.order;
    const [last, ...later] = await orders.eventsAfter(scope, order.orderId, order.version - 1);
    if (last?.sequence !== order.version || last.occurredAt !== order.updatedAt) return false;
    const missed = later.filter((event) => event.sequence <= head.version);
    // May throw, and then the view stays as it is.
    const read = missed.map((event) => toEvent(readStoredEvent(event)));
    order = head;
    etag = stored.etag;
    events = [...events, ...read];
    for (const event of missed) keys.add(event.key);
    return true;
  }

  return {
    order: () => order,
    etag: () => etag,
    events: () => events,
    catchUp,
    async append(request) {
      let isBehind = false;
      for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
        if (request.key !== null && keys.has(request.key)) return 'already';
        const facts = request.facts(order);
        if (facts.length === 0) return 'nothing';
        const { after, envelopes } = foldFacts(order, facts, {
          ...request,
          occurredAt: notBefore(order, clock.nowMs()),
          traceparent: seen.traceparent,
        });
        const result = await orders.append(scope, order, etag, after, envelopes);
        if (result.kind === 'appended') {
          order = after;
          etag = result.etag;
          events = [...events, ...envelopes.map(toEvent)];
          return 'appended';
        }
        // A replica may be behind for a moment.
        isBehind = !(await catchUp());
      }
      if (isBehind)
        throw new TerminalError(WENT_BACK, `order ${order.orderId}: the store lost what was seen`);
      throw new TerminalError(
        'APPEND_CONFLICTS',
        `order ${order.orderId}: lost ${MAX_CONFLICTS} races in a row`,
      );
    },
  };
}

/** Writers' clocks differ, yet time never runs backwards in a stream: a moment in time is a place in it. */
function notBefore({ updatedAt }: OrderHead, nowMs: number): string {
  const now = toIso(nowMs);
  return now < updatedAt ? updatedAt : now;
}

function foldFacts(
  order: OrderHead,
  facts: readonly OrderFact[],
  provenance: Provenance,
): { after: OrderHead; envelopes: readonly EventEnvelope[] } {
  let after = order;
  const envelopes: EventEnvelope[] = [];
  const left = [...facts];
  for (let fact = left.shift(); fact !== undefined; fact = left.shift()) {
    const reason = refusal(after, fact);
    if (reason !== undefined) throw new TerminalError('ILLEGAL_MOVE', `order ${order.orderId}: ${reason}`);
    const envelope = toEnvelope(order, fact, after.version + 1, provenance);
    after = evolve(after, envelope);
    envelopes.push(envelope);
    left.unshift(...resolutionsAfter(after.saga, fact));
  }
  return { after, envelopes };
}

/** What folding needs of an envelope; the rest need not travel through the saga. */
function toEvent({ type, data, sequence, occurredAt }: EventEnvelope): OrderEvent {
  return { type, data, sequence, occurredAt } as OrderEvent;
}
