// Orders as they were: at a moment, and event by event. Reads the newest snapshot and what came after it.
import type { EventEnvelope } from '../domain/event-envelope';
import { evolve, fold, headOf, type OrderHead } from '../domain/order';
import type { OrderStatus } from '../domain/order-status';
import { tenantOf } from '../domain/scope';
import { readStoredEvent } from '../events/read-event';
import { isWhole } from '../events/snapshots';
import { withoutTokens } from '../events/without-tokens';
import type { OrderStore, Snapshot } from '../ports/order-store';

type History = Pick<OrderStore, 'eventsAfter' | 'snapshotBefore'>;

/** How far a stream is read: its events up to `sequence`, and none that happened after `untilIso`. */
export interface Until {
  readonly sequence: number;
  readonly untilIso?: string;
}

/** An event as an auditor reads it: who did what when, and what became of the order. */
export type AuditedEvent = EventEnvelope & {
  /** `actor` by kind; `occurredAt` is UTC. */
  readonly actorKind: 'user' | 'system' | 'operator';
  readonly action: string;
  /** Null before the first event. */
  readonly statusBefore: OrderStatus | null;
  readonly statusAfter: OrderStatus;
};

/** `order` as it was at `atIso` (UTC, milliseconds); undefined before it was created. */
export async function orderAsOf(
  orders: History,
  order: OrderHead,
  atIso: string,
): Promise<OrderHead | undefined> {
  if (atIso < order.createdAt) return undefined;
  return atIso >= order.updatedAt
    ? order
    : rebuild(orders, order, { sequence: order.version, untilIso: atIso });
}

/**
 * `order` folded from its stream: from the newest whole snapshot on, or from the first event. Undefined when there is no
 * event that early.
 */
export async function rebuild(
  orders: History,
  order: OrderHead,
  until: Until,
): Promise<OrderHead | undefined> {
  const { orderId } = order;
  const snapshot = await wholeSnapshot(orders, order, until);
  const from = snapshot?.sequence ?? 0;
  if (from >= until.sequence) return snapshot?.head;
  const range = { limit: until.sequence - from };
  const events = (
    await orders.eventsAfter(
      tenantOf(order),
      orderId,
      from,
      until.untilIso === undefined ? range : { ...range, untilIso: until.untilIso },
    )
  ).map(readStoredEvent);
  if (snapshot !== undefined) return events.reduce<OrderHead>(evolve, snapshot.head);
  const folded = fold(orderId, events);
  return folded && headOf(folded);
}

/** The `limit` events of `order` after `sequence`, with the status that each found and left. */
export async function auditedEvents(
  orders: History,
  order: OrderHead,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<readonly AuditedEvent[]> {
  const events = (await orders.eventsAfter(tenantOf(order), order.orderId, after, { limit })).map(
    readStoredEvent,
  );
  if (events.length === 0) return [];
  let head = after === 0 ? undefined : await rebuild(orders, order, { sequence: after });
  return events.map((event) => {
    const statusBefore = head?.status ?? null;
    head = head === undefined ? fold(order.orderId, [event]) : evolve(head, event);
    return {
      ...withoutTokens(event),
      actorKind: actorKind(event),
      action: event.type.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase(),
      statusBefore,
      statusAfter: head?.status ?? order.status,
    };
  });
}

async function wholeSnapshot(
  orders: History,
  order: OrderHead,
  { sequence, untilIso }: Until,
): Promise<Snapshot | undefined> {
  const snapshot = await orders.snapshotBefore(tenantOf(order), order.orderId, sequence, untilIso);
  if (snapshot === undefined || isWhole(snapshot)) return snapshot;
  const earlier = { sequence: snapshot.sequence - 1 };
  return wholeSnapshot(orders, order, untilIso === undefined ? earlier : { ...earlier, untilIso });
}

const SYSTEM_ACTORS: ReadonlySet<string> = new Set(['saga', 'reconciler']);

/** Who creates an order is its customer, whatever the customer is called. */
function actorKind({ type, actor }: EventEnvelope): AuditedEvent['actorKind'] {
  if (type === 'OrderCreated') return 'user';
  if (SYSTEM_ACTORS.has(actor)) return 'system';
  return actor === 'operator' || actor.startsWith('operator:') ? 'operator' : 'user';
}
