// Routes for single documents and batches: tells which operation a request asks for, and translates it from and to
// HTTP.
import { BatchRefused, parseBatch, performBatch, refusedBatch, resultsText } from './batch';
import { readOperationRows, writeResultRows } from './batch-rows';
import {
  createDocument,
  deleteDocument,
  DOCUMENT_BYTES_AT_MOST,
  patchDocument,
  readDocument,
  replaceDocument,
  upsertDocument,
  type Outcome,
} from './documents';
import { isRecordStream } from './hybrid-row';
import { notSimulated, tooLarge } from './protocol/errors';
import { parseJson, parseObject } from './protocol/json';
import { header, isTrue, type CosmosRequest, type Reply } from './message';
import type { DocumentKind } from './counters';
import { placeOf, type DocumentContext } from './document-context';
import { changeFeedRoute, feedRoute, queryRoute } from './feed-routes';
import { queryPlanRoute } from './query-plan';

const BY_METHOD: Readonly<Record<string, DocumentKind>> = {
  GET: 'read',
  PUT: 'replace',
  DELETE: 'delete',
  PATCH: 'patch',
};

/** What a request to `/docs` or `/docs/{id}` asks for; undefined when the service knows no such request either. */
export function documentKind({ method, headers, resource }: CosmosRequest): DocumentKind | undefined {
  if (resource.segments.length === 6) return BY_METHOD[method];
  if (method === 'GET') return headers['a-im'] === undefined ? 'feed' : 'changeFeed';
  if (method !== 'POST') return undefined;
  if (isTrue(header(headers, 'x-ms-cosmos-is-batch-request'))) return 'batch';
  if (isTrue(header(headers, 'x-ms-cosmos-is-query-plan-request'))) return 'queryPlan';
  const query = headers['x-ms-documentdb-isquery'] ?? headers['x-ms-documentdb-query'];
  if (query !== undefined || headers['content-type']?.startsWith('application/query+json') === true)
    return 'query';
  return isTrue(header(headers, 'x-ms-documentdb-is-upsert')) ? 'upsert' : 'create';
}

const UNSUPPORTED_HEADERS = [
  ['x-ms-documentdb-pre-trigger-include', 'triggers'],
  ['x-ms-documentdb-post-trigger-include', 'triggers'],
  ['x-ms-cosmos-is-client-encrypted', 'client-side encryption'],
  ['x-ms-indexing-directive', 'indexing directives'],
] as const;

/** Performs a request about documents; the answer to a write is given after its commit. */
export async function documentRoute(kind: DocumentKind, context: DocumentContext): Promise<Reply> {
  const { headers } = context.request;
  for (const [name, what] of UNSUPPORTED_HEADERS)
    if (headers[name] !== undefined) throw notSimulated(what, `Do not send ${name}.`);
  switch (kind) {
    case 'batch':
      return batch(context);
    case 'query':
      return queryRoute(context);
    case 'queryPlan':
      return queryPlanRoute(context.container, context.request.body);
    case 'feed':
      return feedRoute(context);
    case 'changeFeed':
      return changeFeedRoute(context);
    case 'read':
      return read(context);
    default: {
      // Parsed before the write: what is no JSON never enters the journal.
      const perform = prepared(kind, context);
      return replyTo(await context.journal.write(perform), context);
    }
  }
}

async function read(context: DocumentContext): Promise<Reply> {
  const { headers, resource } = context.request;
  const id = resource.segments[5] ?? '';
  const ifNoneMatch = header(headers, 'if-none-match');
  const session = header(headers, 'x-ms-session-token');
  const read = (): Outcome =>
    readDocument(placeOf(context), id, {
      ...(ifNoneMatch !== undefined && { ifNoneMatch }),
      ...(session !== undefined && { session }),
    });
  return replyTo(await context.journal.read(read), context);
}

type WriteKind = 'create' | 'upsert' | 'replace' | 'delete' | 'patch';

function prepared(kind: WriteKind, context: DocumentContext): () => Outcome {
  const { body, headers, resource } = context.request;
  const place = placeOf(context);
  const id = resource.segments[5] ?? '';
  const ifMatch = header(headers, 'if-match');
  switch (kind) {
    case 'delete':
      return () => deleteDocument(place, id, ifMatch);
    case 'patch': {
      const request = parseJson(body);
      return () => patchDocument(place, id, request, ifMatch);
    }
    case 'create':
    case 'upsert':
    case 'replace': {
      const document = parseObject(body);
      if (kind === 'create') return () => createDocument(place, document);
      if (kind === 'upsert') return () => upsertDocument(place, document, ifMatch);
      return () => replaceDocument(place, id, document, ifMatch);
    }
  }
}

const wantsMinimal = ({ headers }: CosmosRequest): boolean => header(headers, 'prefer') === 'return=minimal';

function replyTo(
  { status, body, etag, charge, asOfLsn }: Outcome,
  { container, request }: DocumentContext,
): Reply {
  const silent = request.method !== 'GET' && wantsMinimal(request);
  return {
    status,
    container,
    charge,
    ...(body !== undefined && !silent && { body }),
    ...(etag !== undefined && { headers: ['etag', etag] }),
    ...(asOfLsn !== undefined && { asOfLsn }),
  };
}

async function batch(context: DocumentContext): Promise<Reply> {
  const { container, journal, request } = context;
  if (!isTrue(header(request.headers, 'x-ms-cosmos-batch-atomic')))
    throw notSimulated(
      'bulk requests (batches that are not atomic)',
      'Use items.batch() or single requests.',
    );
  const { bytes } = request;
  if (bytes.length > DOCUMENT_BYTES_AT_MOST) throw tooLarge();
  const place = placeOf(context);
  // Answered in the form in which it was asked: rows for the .NET client, else JSON.
  const asRows = isRecordStream(bytes);
  const asked = asRows ? readOperationRows(bytes) : parseJson(request.body);
  const operations = parseBatch(asked, place.pk, wantsMinimal(request));
  const { status, results, charge } = await journal
    .write(() => performBatch(place, operations))
    .catch((error: unknown) => {
      if (!(error instanceof BatchRefused)) throw error;
      return refusedBatch(operations, error);
    });
  return { status, charge, container, body: asRows ? writeResultRows(results) : resultsText(results) };
}
