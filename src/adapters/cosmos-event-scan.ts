// The events of all orders, by type and time. Cosmos DB orders by one field without an index of its own for it: events of
// one moment are put into sequence here.
import type { EventEnvelope } from '../domain/event-envelope';
import type { Reach } from '../domain/scope';
import type { ExportFiles } from '../ports/exports';
import type { EventFilter } from '../ports/order-store';
import type { Connect } from './cosmos-client';
import { fromEventDocument, scanEventsQuery } from './cosmos-documents';
import { requireExport, scanExported } from './cosmos-exports';
import { selectPages, type StoredDocument } from './cosmos-select';

/**
 * As `OrderStore.scanEvents`: what the store has, then what is in the export, so that an event which is exported meanwhile is not
 * passed over. Holds a page in memory, and what happened at one moment.
 */
export async function* scanEvents(
  connect: Connect,
  reach: Reach,
  filter: EventFilter,
  exports?: ExportFiles,
): AsyncGenerator<readonly EventEnvelope[]> {
  await requireExport(connect, reach, filter, exports);
  /** Of the last moment that was seen: the next page may hold more of it. */
  let held: readonly EventEnvelope[] = [];
  for await (const page of selectPages<StoredDocument>(connect, scanEventsQuery(reach, filter))) {
    const events = [...held, ...page.map(fromEventDocument)];
    const last = events.at(-1)?.occurredAt;
    const cut = events.findIndex(({ occurredAt }) => occurredAt === last);
    if (cut > 0) yield events.slice(0, cut).sort(byPlace);
    held = events.slice(Math.max(cut, 0));
  }
  if (held.length > 0) yield [...held].sort(byPlace);
  yield* scanExported(connect, reach, filter, exports);
}

function byPlace(a: EventEnvelope, b: EventEnvelope): number {
  if (a.occurredAt !== b.occurredAt) return a.occurredAt < b.occurredAt ? -1 : 1;
  if (a.orderId !== b.orderId) return a.orderId < b.orderId ? -1 : 1;
  return a.sequence - b.sequence;
}
