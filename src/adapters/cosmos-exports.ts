// What leaves the order store for the export: events of orders, in whose place a document says where they are, and archived
// histories. The first event of an order stays: its lines are read with every look at the order.
import type { OperationInput } from '@azure/cosmos';
import type { EventEnvelope } from '../domain/event-envelope';
import { ALL_TENANTS, type Reach } from '../domain/scope';
import { TransientError } from '../errors';
import type { ExportedEvents, ExportFiles, ExportSources } from '../ports/exports';
import type { EventFilter } from '../ports/order-store';
import type { SagaRecord } from '../ports/saga-histories';
import { attempt, batchError, sendBatch } from './cosmos-attempt';
import type { Connect } from './cosmos-client';
import { eventsAfterQuery, fromEventDocument } from './cosmos-documents';
import {
  given,
  selectFrom,
  selectPages,
  withoutSystemProperties,
  type Query,
  type StoredDocument,
} from './cosmos-select';

const [GONE, CONFLICT, FAILED_DEPENDENCY] = [404, 409, 424];

/** In the place of events; `sequence` is that of the last of them, and `occurredAt` is before them all. */
type PlaceDocument = StoredDocument & ExportedEvents & { readonly kind: 'exported' };

export function createCosmosExportSources(orders: Connect, archive: Connect): ExportSources {
  return {
    events: async (orderId) => {
      const found = await selectFrom<StoredDocument>(orders, eventsAfterQuery(0), orderId);
      return found.filter((document) => !isPlace(document)).map(fromEventDocument);
    },
    moveEvents: async (events) => {
      const { orderId, from, to } = events;
      const place = {
        ...events,
        id: `${orderId}:exported:${from}`,
        kind: 'exported',
        sequence: to,
        occurredAt: '',
      };
      const operations: OperationInput[] = [
        { operationType: 'Create', resourceBody: place as unknown as Record<string, never> },
      ];
      for (let sequence = from; sequence <= to; sequence += 1)
        operations.push({ operationType: 'Delete', id: `${orderId}:${sequence}` });
      const what = `export of order ${orderId}`;
      const statuses = (await sendBatch(orders, what, operations, orderId)).map(
        ({ statusCode }) => statusCode,
      );
      if (statuses.length > 0 && statuses.every((status) => status >= 200 && status < 300)) return;
      // It was done before, as a whole.
      if (statuses[0] === CONFLICT) return;
      throw batchError(
        what,
        statuses.filter((status) => status !== FAILED_DEPENDENCY),
      );
    },
    history: async (instanceId) => {
      const { answer } = await attempt(archive, (container) =>
        container.item(instanceId, instanceId).read<StoredDocument>(),
      );
      return answer?.resource === undefined ? undefined : toRecord(answer.resource);
    },
    removeHistory: async (instanceId) => {
      await attempt(archive, (container) => container.item(instanceId, instanceId).delete(), GONE);
    },
  };
}

/** Only the archive writes these documents, so they are taken at their word. */
function toRecord(document: StoredDocument): SagaRecord {
  const { id: _, archivedAt: __, ...record } = withoutSystemProperties(document);
  return record as unknown as SagaRecord;
}

function isPlace(document: StoredDocument): document is PlaceDocument {
  return document['kind'] === 'exported';
}

export interface EventRange {
  readonly after: number;
  readonly limit?: number | undefined;
  readonly untilIso?: string | undefined;
}

/** The events that `documents` of one order are, with those in the export in their places. */
export async function withExported(
  documents: readonly StoredDocument[],
  exports: ExportFiles | undefined,
  { after, limit = Infinity, untilIso = '~' }: EventRange,
): Promise<readonly EventEnvelope[]> {
  if (!documents.some(isPlace)) return documents.map(fromEventDocument);
  const parts = await Promise.all(
    documents.map((document) =>
      isPlace(document) ? eventsAt(document, exports) : Promise.resolve([fromEventDocument(document)]),
    ),
  );
  return parts
    .flat()
    .filter(({ sequence, occurredAt }) => sequence > after && occurredAt <= untilIso)
    .slice(0, limit);
}

async function eventsAt(
  { file, offset, length, from, to }: PlaceDocument,
  exports: ExportFiles | undefined,
): Promise<readonly EventEnvelope[]> {
  if (exports === undefined) throw noExport([dayIn(file)]);
  // Only this adapter's events are written there, so they are taken at their word.
  const events = (await exports.read({ file, offset, length })) as readonly EventEnvelope[];
  return events.filter(({ sequence }) => sequence >= from && sequence <= to);
}

/** Orders whose exported events are read at one time. */
const AT_ONCE = 16;

/** Throws, and says which days are missing, where events in reach are in an export that is not there. */
export async function requireExport(
  connect: Connect,
  reach: Reach,
  filter: EventFilter,
  exports: ExportFiles | undefined,
): Promise<void> {
  if (exports !== undefined) return;
  const days = new Set<string>();
  for await (const page of selectPages<PlaceDocument>(connect, exportedQuery(reach, filter)))
    for (const { file } of page) days.add(dayIn(file));
  if (days.size > 0) throw noExport([...days].sort());
}

/** The exported events of all orders in reach that `filter` lets through, some orders at a time, those of one order in sequence. */
export async function* scanExported(
  connect: Connect,
  reach: Reach,
  filter: EventFilter,
  exports: ExportFiles | undefined,
): AsyncGenerator<readonly EventEnvelope[]> {
  const { type, fromIso = '', untilIso } = filter;
  for await (const page of selectPages<PlaceDocument>(connect, exportedQuery(reach, filter))) {
    for (let first = 0; first < page.length; first += AT_ONCE) {
      const places = page.slice(first, first + AT_ONCE);
      const events = (await Promise.all(places.map((place) => eventsAt(place, exports)))).flat();
      yield events.filter(
        (event) =>
          event.occurredAt >= fromIso &&
          event.occurredAt <= untilIso &&
          (type === undefined || event.type === type),
      );
    }
  }
}

/** A file is of the day of the order's last change: no event in it is of a later one. */
function exportedQuery(reach: Reach, { fromIso }: EventFilter): Query {
  const conditions = [
    "c.kind = 'exported'",
    ...(reach === ALL_TENANTS ? [] : ['c.tenantId = @tenantId']),
    ...(fromIso === undefined ? [] : ['c.file >= @firstFile']),
  ];
  return {
    query: `SELECT * FROM c WHERE ${conditions.join(' AND ')}`,
    parameters: given({
      tenantId: reach === ALL_TENANTS ? undefined : reach.tenantId,
      firstFile: fromIso === undefined ? undefined : `events/${fromIso.slice(0, 10)}`,
    }),
  };
}

/** `events/<day>/<part>.jsonl.gz`. */
const dayIn = (file: string): string => file.split('/')[1] ?? file;

function noExport(days: readonly string[]): TransientError {
  const some = `${days.slice(0, 10).join(', ')}${days.length > 10 ? ` and ${days.length - 10} more days` : ''}`;
  const why = `events of orders that changed last on ${some} are in the export, and OrderProcessing:ExportUrl is not set`;
  return new TransientError('STORE_UNAVAILABLE', why, { shown: `Cannot be answered: ${why}` });
}
