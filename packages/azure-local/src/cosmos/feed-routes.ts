// Routes for many documents: queries, the plain feed, the change feed.
import { setImmediate } from 'node:timers/promises';
import { readChanges } from './change-feed';
import type { Container } from './container';
import { partitionOf, secondsOf, type DocumentContext } from './document-context';
import { CosmosError, notFound, notSimulated } from './protocol/errors';
import { isObject, own, parseObject, type Json } from './protocol/json';
import { header, type CosmosRequest, type Reply } from './message';
import { KEY_SPACE, PARTITION_KEY_RANGE } from './resource-routes';
import { checkOrder } from './composite-index';
import { runQuery, type GivenUp, type QueryPage } from './run-query';
import { BUDGET, type QueryRequest } from './scan';
import { queryFor, type Query } from './sql/query';

const ITEMS_BY_DEFAULT = 100;
const ITEMS_AT_MOST = 1000;

/** `x-ms-max-item-count`; -1 leaves it to the server. */
function itemsAtMost({ headers }: CosmosRequest): number {
  const wanted = Number(header(headers, 'x-ms-max-item-count') ?? ITEMS_BY_DEFAULT);
  return wanted === -1
    ? ITEMS_AT_MOST
    : Math.min(Math.max(1, Math.trunc(wanted) || ITEMS_BY_DEFAULT), ITEMS_AT_MOST);
}

/** There is one partition key range and it cannot be cut: a request for another is answered with 410, so the client reads the ranges again. */
function checkRange({ headers }: CosmosRequest): void {
  const range = header(headers, 'x-ms-documentdb-partitionkeyrangeid');
  if (range !== undefined && range.split(',').at(-1) !== PARTITION_KEY_RANGE)
    throw new CosmosError(410, `Partition key range ${range} is gone.`, 1002);
  const [start = '', end = ''] = [header(headers, 'x-ms-start-epk'), header(headers, 'x-ms-end-epk')];
  if (start !== KEY_SPACE.start || (end !== '' && end !== KEY_SPACE.end))
    throw notSimulated('parts of a partition key range', 'Read the whole container or one partition key.');
}

const documentsBody = ({ rid }: Container, items: readonly string[]): string =>
  `{"_rid":"${rid}","Documents":[${items.join()}],"_count":${items.length}}`;

const pageReply = (container: Container, { items, continuation, charge }: QueryPage): Reply => ({
  status: 200,
  body: documentsBody(container, items),
  charge,
  container,
  headers: [
    'x-ms-item-count',
    String(items.length),
    ...(continuation === undefined ? [] : ['x-ms-continuation', continuation]),
  ],
});

/** The query of a request's body. @throws CosmosError (400) */
export function parseQueryBody(text: string): { query: Query; parameters: ReadonlyMap<string, Json> } {
  const body = parseObject(text);
  const parameters = new Map<string, Json>();
  for (const parameter of Array.isArray(body.parameters) ? body.parameters : []) {
    const value = isObject(parameter) ? own(parameter, 'value') : undefined;
    if (isObject(parameter) && typeof parameter.name === 'string' && value !== undefined)
      parameters.set(parameter.name, value);
  }
  if (typeof body.query !== 'string')
    throw new CosmosError(400, 'A query request needs the text of a query.');
  return { query: queryFor(body.query), parameters };
}

/** A page of a query, over one partition or all. */
export function queryRoute(context: DocumentContext): Promise<Reply> {
  return answerQuery(context, () => parseQueryBody(context.request.body));
}

const EVERYTHING = 'SELECT * FROM c';

/** The plain feed of documents: a query for all of them. */
export function feedRoute(context: DocumentContext): Promise<Reply> {
  return answerQuery(context, () => ({ query: queryFor(EVERYTHING), parameters: new Map() }));
}

async function answerQuery(
  context: DocumentContext,
  read: () => Pick<QueryRequest, 'query' | 'parameters'>,
): Promise<Reply> {
  const { container, indexes, request } = context;
  checkRange(request);
  const asked = {
    ...read(),
    pk: partitionOf(context),
    itemsAtMost: itemsAtMost(request),
    continuation: header(request.headers, 'x-ms-continuation'),
    budget: BUDGET,
  };
  checkOrder(asked.query.orderBy, container.resource.indexingPolicy);
  for (let mayGiveUp = true; ;) {
    const page = await inTurns(context, { ...asked, mayGiveUp, seconds: secondsOf(context) });
    if ('items' in page) {
      if (page.wanted !== undefined) await indexes.want(container, page.wanted);
      return pageReply(container, page);
    }
    mayGiveUp = await indexes.complete(container, page.needs);
  }
}

/** run-query.Q5. The container may be deleted between two turns. */
async function inTurns(
  { container, journal }: DocumentContext,
  request: QueryRequest,
): Promise<QueryPage | GivenUp> {
  const turns = runQuery(container, request);
  for (;;) {
    const turn = await journal.read(() => {
      if (container.documents.dropped) throw notFound();
      return turns.next();
    });
    if (turn.done === true) return turn.value;
    await setImmediate();
  }
}

/** The change feed, of one partition or of the whole container. */
export async function changeFeedRoute(context: DocumentContext): Promise<Reply> {
  const { container, journal, request } = context;
  const { headers } = request;
  if (header(headers, 'a-im')?.toLowerCase() !== 'incremental feed')
    throw notSimulated(`the change feed mode '${String(headers['a-im'])}'`, 'Use the latest version mode.');
  checkRange(request);
  const { status, items, etag, charge } = await journal.read(() =>
    readChanges(container, {
      pk: partitionOf(context),
      ifNoneMatch: header(headers, 'if-none-match'),
      ifModifiedSince: header(headers, 'if-modified-since'),
      itemsAtMost: itemsAtMost(request),
      seconds: secondsOf(context),
    }),
  );
  return {
    status,
    container,
    charge,
    headers: ['etag', etag, 'x-ms-item-count', String(items.length)],
    ...(status === 200 && { body: documentsBody(container, items) }),
  };
}
