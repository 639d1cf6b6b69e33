// Orders and events as Cosmos documents, and the queries that select them.
import type { PatchOperation } from '@azure/cosmos';
import type { EventEnvelope } from '../domain/event-envelope';
import { headOf, type OrderHead } from '../domain/order';
import { ALL_TENANTS, type Reach } from '../domain/scope';
import { TerminalError } from '../errors';
import type { EventFilter, Snapshot, Stored } from '../ports/order-store';
import { given, withoutSystemProperties, type Query, type StoredDocument } from './cosmos-select';

/** Cosmos takes no more operations in one patch. */
const MAX_PATCH_OPERATIONS = 10;

export function eventsAfterQuery(
  sequence: number,
  { limit, untilIso }: { readonly limit?: number; readonly untilIso?: string } = {},
): Query {
  const until = untilIso === undefined ? '' : ' AND c.occurredAt <= @until';
  const first = limit === undefined ? '' : ' OFFSET 0 LIMIT @limit';
  // In the place of exported events there is a document with the sequence of the last of them (cosmos-exports.ts).
  return {
    query: `SELECT * FROM c WHERE (c.kind = 'event' OR c.kind = 'exported') AND c.sequence > @sequence${until} ORDER BY c.sequence${first}`,
    parameters: given({ sequence, until: untilIso, limit }),
  };
}

export function scanEventsQuery(reach: Reach, { type, fromIso, untilIso }: EventFilter): Query {
  const conditions = [
    ...(reach === ALL_TENANTS ? [] : ['c.tenantId = @tenantId']),
    ...["c.kind = 'event'", 'c.occurredAt <= @until'],
    ...(type === undefined ? [] : ['c.type = @type']),
    ...(fromIso === undefined ? [] : ['c.occurredAt >= @from']),
  ];
  return {
    query: `SELECT * FROM c WHERE ${conditions.join(' AND ')} ORDER BY c.occurredAt`,
    parameters: given({ ...tenantIn(reach), until: untilIso, type, from: fromIso }),
  };
}

export function snapshotBeforeQuery(sequence: number, untilIso: string | undefined): Query {
  const until = untilIso === undefined ? '' : ' AND c.updatedAt <= @until';
  return {
    query: `SELECT * FROM c WHERE c.kind = 'snapshot' AND c.sequence <= @sequence${until} ORDER BY c.sequence DESC OFFSET 0 LIMIT 1`,
    parameters: given({ sequence, until: untilIso }),
  };
}

/** Orders that wait for their time or for an operator are left out: they would stand in the way of those that are stuck. */
export function unfinishedQuery(
  reach: Reach,
  updatedBeforeIso: string,
  limit: number,
  updatedFromIso = '',
): Query {
  return {
    query: `SELECT c.orderId, c.tenantId, c.updatedAt, c.notBefore, c.cancelRequestedAt, c.returnsDueAt FROM c
      WHERE c.kind = 'order'${andTenant(reach)} AND c.updatedAt >= @from AND c.updatedAt < @before
      AND ((c.ended = false AND (c.saga.needsIntervention = false OR c.status = 'compensating')
      AND (IS_NULL(c.notBefore) OR c.notBefore < @before OR NOT IS_NULL(c.cancelRequestedAt)))
      OR (IS_STRING(c.returnsDueAt) AND c.returnsDueAt < @before))
      ORDER BY c.updatedAt OFFSET 0 LIMIT @limit`,
    parameters: given({ ...tenantIn(reach), from: updatedFromIso, before: updatedBeforeIso, limit }),
  };
}

export function unsuccessfulQuery(reach: Reach, fromIso: string, beforeIso: string, limit: number): Query {
  return {
    query: `SELECT c.orderId, c.tenantId, c.updatedAt FROM c WHERE c.kind = 'order'${andTenant(reach)} AND c.ended = true
      AND (c.status = 'failed' OR c.status = 'cancelled') AND c.updatedAt >= @from AND c.updatedAt < @before
      ORDER BY c.updatedAt OFFSET 0 LIMIT @limit`,
    parameters: given({ ...tenantIn(reach), from: fromIso, before: beforeIso, limit }),
  };
}

/** Oldest change first, so that one moment says how far they were seen. */
export function endedBetweenQuery(reach: Reach, fromIso: string, beforeIso: string): Query {
  return {
    query: `SELECT c.orderId, c.updatedAt, ARRAY_LENGTH(c.returns) AS returns FROM c
      WHERE c.kind = 'order'${andTenant(reach)} AND c.ended = true AND c.saga.needsIntervention = false
      AND (NOT IS_DEFINED(c.openReturns) OR c.openReturns = 0) AND c.updatedAt >= @from AND c.updatedAt < @before ORDER BY c.updatedAt`,
    parameters: given({ ...tenantIn(reach), from: fromIso, before: beforeIso }),
  };
}

/** What leaves the other tenants' orders out; nothing where all are reached. */
function andTenant(reach: Reach): string {
  return reach === ALL_TENANTS ? '' : ' AND c.tenantId = @tenantId';
}

function tenantIn(reach: Reach): { readonly tenantId?: string } {
  return reach === ALL_TENANTS ? {} : { tenantId: reach.tenantId };
}

/** The patch that brings the document from one fold to the next: whole top-level fields, so it equals the fold. */
export function changedFields(before: OrderHead, after: OrderHead): PatchOperation[] {
  const fields = (Object.keys(after) as (keyof OrderHead)[]).filter(
    (field) => before[field] !== after[field],
  );
  if (fields.length > MAX_PATCH_OPERATIONS) {
    throw new TerminalError(
      'PATCH_TOO_WIDE',
      `one append changes ${fields.length} fields: ${fields.join(', ')}`,
    );
  }
  return fields.map((field) => ({ op: 'set', path: `/${field}`, value: after[field] }));
}

export function toOrderDocument(order: OrderHead): Record<string, never> {
  return { id: order.orderId, kind: 'order', ...headOf(order) } as unknown as Record<string, never>;
}

export function toEventDocument(event: EventEnvelope): Record<string, never> {
  return { id: event.eventId, kind: 'event', ...event } as unknown as Record<string, never>;
}

export function toSnapshotDocument(snapshot: Snapshot): Record<string, never> {
  const { orderId, sequence } = snapshot;
  return {
    id: `${orderId}:snapshot:${sequence}`,
    kind: 'snapshot',
    ...snapshot,
  } as unknown as Record<string, never>;
}

/** As it is stored: whether it is whole is for its reader to say. */
export function fromSnapshotDocument(document: StoredDocument): Snapshot {
  return contentOf(document) as unknown as Snapshot;
}

/** Only this adapter writes these documents, so they are taken at their word; what Cosmos adds is left off. */
export function fromOrderDocument(document: StoredDocument): Stored<OrderHead> {
  return { order: contentOf(document) as unknown as OrderHead, etag: document._etag };
}

export function fromEventDocument(document: StoredDocument): EventEnvelope {
  return contentOf(document) as unknown as EventEnvelope;
}

function contentOf(document: StoredDocument): Record<string, unknown> {
  const { id, kind, ...fields } = withoutSystemProperties(document);
  return fields;
}
