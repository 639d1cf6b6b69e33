// Orders in Cosmos DB: the order's document and its events share a partition and are written in one batch (S5).
import type { OperationInput, PatchOperation } from '@azure/cosmos';
import type { EventEnvelope } from '../domain/event-envelope';
import type { OrderHead } from '../domain/order';
import { isReached, isWithin, tenantOf, type Scope } from '../domain/scope';
import { TerminalError } from '../errors';
import { placedIn } from '../events/placed-order';
import { snapshotsDue } from '../events/snapshots';
import type { ExportFiles } from '../ports/exports';
import type {
  UnsuccessfulOrder,
  OrderStore,
  PlacedOrder,
  QuietOrder,
  Snapshot,
  Stored,
} from '../ports/order-store';
import { createBoundedMap } from '../projections/bounded-map';
import { attempt, batchError, sendBatch } from './cosmos-attempt';
import { storeOperation, type Connect } from './cosmos-client';
import {
  changedFields,
  eventsAfterQuery,
  unsuccessfulQuery,
  fromEventDocument,
  fromOrderDocument,
  fromSnapshotDocument,
  snapshotBeforeQuery,
  toEventDocument,
  toOrderDocument,
  toSnapshotDocument,
  unfinishedQuery,
} from './cosmos-documents';
import { scanEvents } from './cosmos-event-scan';
import { withExported } from './cosmos-exports';
import { selectFrom, type StoredDocument } from './cosmos-select';
import { requireWithin } from './scope-check';

/** More than are in flight in one process; an order of many lines is not kept, so that this stays a few megabytes. */
const PLACED_REMEMBERED = 2_000;
const LINES_REMEMBERED = 20;

/** The substatus of a 404 that is about the container, not about a document. */
const NO_CONTAINER = 1003;

/** The order store over the container that `connect` gives; `exports` has the events that have left it. */
export function createCosmosOrderStore(connect: Connect, exports?: ExportFiles): OrderStore {
  const remembered = createBoundedMap<PlacedOrder>(PLACED_REMEMBERED);
  return {
    create: async (scope, order, events) => {
      requireWithin(scope, order, `order ${order.orderId}`);
      const result = await create(connect, order, events);
      const placed = result.kind === 'created' ? placedIn(events[0]) : undefined;
      if (placed !== undefined && placed.lines.length <= LINES_REMEMBERED)
        remembered.set(order.orderId, placed);
      return result;
    },
    read: (scope, orderId) => readWithin(connect, scope, orderId),
    placed: async (scope, orderId) => {
      const placed = remembered.get(orderId) ?? (await readPlaced(connect, orderId));
      return placed && isWithin(scope, placed) ? placed : undefined;
    },
    append: async (scope, before, etag, after, events) => {
      requireWithin(scope, before, `order ${before.orderId}`);
      const results = await batch(connect, before.orderId, [
        {
          operationType: 'Patch',
          id: before.orderId,
          ifMatch: etag,
          resourceBody: { operations: changedFields(before, after) },
        },
        ...events.map(createEvent),
        ...snapshotsDue(before, events).map(createSnapshot),
      ]);
      const [patched] = results;
      if (patched !== undefined && succeeded(results)) return { kind: 'appended', etag: etagOf(patched) };
      if (failedWith(results, 412) || failedWith(results, 409)) return { kind: 'conflict' };
      throw refused(before.orderId, results);
    },
    eventsAfter: async (scope, orderId, sequence, range) => {
      if (!(await isCustomersOwn(connect, scope, orderId))) return [];
      const found = await selectFrom<StoredDocument>(connect, eventsAfterQuery(sequence, range), orderId);
      const events = await withExported(found, exports, { after: sequence, ...range });
      return events.filter((event) => isReached(tenantOf(scope), event));
    },
    snapshotBefore: async (scope, orderId, sequence, untilIso) => {
      const [newest] = await selectFrom<StoredDocument>(
        connect,
        snapshotBeforeQuery(sequence, untilIso),
        orderId,
      );
      const snapshot = newest && fromSnapshotDocument(newest);
      return snapshot && isWithin(scope, snapshot.head) ? snapshot : undefined;
    },
    scanEvents: (reach, filter) => scanEvents(connect, reach, filter, exports),
    unfinished: (reach, updatedBeforeIso, limit, updatedFromIso) =>
      selectFrom<QuietOrder>(connect, unfinishedQuery(reach, updatedBeforeIso, limit, updatedFromIso)),
    unsuccessful: (reach, fromIso, beforeIso, limit) =>
      selectFrom<UnsuccessfulOrder>(connect, unsuccessfulQuery(reach, fromIso, beforeIso, limit)),
    ping: async () => {
      const container = await storeOperation(connect);
      // Of the container's documents, as orders are: its description may be answered while they are not.
      const { substatus } = await storeOperation(() => container.item('ping', 'ping').read());
      if (substatus === NO_CONTAINER) throw new Error('there is no such container');
    },
  };
}

async function create(
  connect: Connect,
  order: OrderHead,
  events: readonly EventEnvelope[],
): ReturnType<OrderStore['create']> {
  const results = await batch(connect, order.orderId, [
    { operationType: 'Create', resourceBody: toOrderDocument(order) },
    ...events.map(createEvent),
  ]);
  const [created] = results;
  if (created !== undefined && succeeded(results)) return { kind: 'created', order, etag: etagOf(created) };
  const existing = failedWith(results, 409) ? await read(connect, order.orderId) : undefined;
  if (existing === undefined) throw refused(order.orderId, results);
  return { kind: 'exists', ...existing };
}

/**
 * An order that is read is as new as what this process has read or written; one that another process has just written may
 * be older (Session consistency). Not so its absence: nobody is told that an acknowledged order does not exist.
 */
async function read(connect: Connect, orderId: string): Promise<Stored<OrderHead> | undefined> {
  const document = await readSurely(connect, orderId, orderId);
  return document && fromOrderDocument(document);
}

/** The first event of an order; its absence is as sure as that of the order. */
async function readPlaced(connect: Connect, orderId: string): Promise<PlacedOrder | undefined> {
  const document = await readSurely(connect, orderId, `${orderId}:1`);
  return document && placedIn(fromEventDocument(document));
}

async function readSurely(
  connect: Connect,
  orderId: string,
  id: string,
): Promise<StoredDocument | undefined> {
  return (
    (await readOnce(connect, orderId, id)) ??
    ((await isAbsent(connect, orderId)) ? undefined : readOnce(connect, orderId, id))
  );
}

async function readWithin(
  connect: Connect,
  scope: Scope,
  orderId: string,
): Promise<Stored<OrderHead> | undefined> {
  const stored = await read(connect, orderId);
  return stored && isWithin(scope, stored.order) ? stored : undefined;
}

/** Events say whose tenant's they are, and not which customer's. */
async function isCustomersOwn(connect: Connect, scope: Scope, orderId: string): Promise<boolean> {
  return scope.customerId === undefined || (await readWithin(connect, scope, orderId)) !== undefined;
}

async function readOnce(connect: Connect, orderId: string, id: string): Promise<StoredDocument | undefined> {
  const container = await storeOperation(connect);
  return (await storeOperation(() => container.item(id, orderId).read<StoredDocument>())).resource;
}

/**
 * Asked by a write, which no replica that is behind answers, and which is never carried out: no document has this etag. The
 * refusal brings the session token that makes the next read see what is there.
 */
async function isAbsent(connect: Connect, orderId: string): Promise<boolean> {
  const operations: PatchOperation[] = [{ op: 'add', path: '/unused', value: null }];
  const accessCondition = { type: 'IfMatch', condition: '"no-document-has-this-etag"' };
  const { refused } = await attempt(
    connect,
    (container) => container.item(orderId, orderId).patch({ operations }, { accessCondition }),
    404,
    412,
  );
  return refused === 404;
}

function batch(
  connect: Connect,
  orderId: string,
  operations: OperationInput[],
): Promise<readonly BatchResult[]> {
  return sendBatch(connect, `order ${orderId}`, operations, orderId);
}

function createEvent(event: EventEnvelope): OperationInput {
  return { operationType: 'Create', resourceBody: toEventDocument(event) };
}

function createSnapshot(snapshot: Snapshot): OperationInput {
  return { operationType: 'Create', resourceBody: toSnapshotDocument(snapshot) };
}

interface BatchResult {
  readonly statusCode: number;
  readonly eTag?: string;
}

function succeeded(results: readonly BatchResult[]): boolean {
  return results.every(({ statusCode }) => statusCode >= 200 && statusCode < 300);
}

function failedWith(results: readonly BatchResult[], statusCode: number): boolean {
  return results.some((result) => result.statusCode === statusCode);
}

function etagOf({ eTag }: BatchResult): string {
  if (eTag === undefined)
    throw new TerminalError('ETAG_MISSING', 'the store answered a write without an etag');
  return eTag;
}

function refused(orderId: string, results: readonly BatchResult[]): Error {
  return batchError(
    `order ${orderId}`,
    results.map(({ statusCode }) => statusCode),
  );
}
