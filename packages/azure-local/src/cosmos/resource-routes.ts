// Routes for the account, its databases, its containers and their partition key ranges.
import type { Catalog } from './catalog';
import { REFUSED_CHARGE } from './charge';
import { notSimulated } from './protocol/errors';
import { parseObject, type JsonObject } from './protocol/json';
import { header, type CosmosRequest, type Reply } from './message';
import type { Container } from './container';

const LOCATION = 'Local';

/** What a client may make of a query by itself. The .NET client takes no account whose configuration is empty. */
const QUERY_ENGINE = {
  maxSqlQueryInputLength: 262_144,
  maxJoinsPerSqlQuery: 5,
  maxLogicalAndPerSqlQuery: 500,
  maxLogicalOrPerSqlQuery: 500,
  maxUdfRefPerSqlQuery: 0,
  maxInExpressionItemsCount: 16_000,
  queryMaxInMemorySortDocumentCount: 500,
  maxQueryRequestTimeoutFraction: 0.9,
  sqlAllowNonFiniteNumbers: false,
  sqlAllowAggregateFunctions: true,
  sqlAllowSubQuery: false,
  sqlAllowScalarSubQuery: false,
  allowNewKeywords: true,
  sqlAllowLike: true,
  sqlAllowGroupByClause: false,
  maxSpatialQueryCells: 12,
  spatialMaxGeometryPointCount: 256,
  sqlDisableQueryILOptimization: false,
  enableSpatialIndexing: false,
};

/**
 * The account names the host that the client has come by as its only location: the SDK sends everything after this
 * answer there, and a mapped port or a proxy in between stays in between.
 */
export function readAccount(host = '127.0.0.1'): Reply {
  const locations = [{ name: LOCATION, databaseAccountEndpoint: `http://${host}/` }];
  const account = {
    _self: '',
    id: 'local',
    _rid: 'local',
    media: '//media/',
    addresses: '//addresses/',
    _dbs: '//dbs/',
    writableLocations: locations,
    readableLocations: locations,
    enableMultipleWriteLocations: false,
    userConsistencyPolicy: { defaultConsistencyLevel: 'Session' },
    readPolicy: { primaryReadCoefficient: 1, secondaryReadCoefficient: 1 },
    queryEngineConfiguration: JSON.stringify(QUERY_ENGINE),
  };
  return { status: 200, body: JSON.stringify(account) };
}

const answer = (status: number, resource: JsonObject, container?: Container): Reply => ({
  status,
  body: JSON.stringify(resource),
  charge: REFUSED_CHARGE,
  headers: ['etag', resource._etag as string],
  ...(container !== undefined && { container }),
});

const list = (name: string, resources: readonly JsonObject[], rid: string): Reply => ({
  status: 200,
  body: JSON.stringify({ _rid: rid, [name]: resources, _count: resources.length }),
  charge: REFUSED_CHARGE,
});

function refuseQuery({ headers }: CosmosRequest, what: string): void {
  if (header(headers, 'x-ms-documentdb-isquery') !== undefined)
    throw notSimulated(`queries over ${what}`, `List them with readAll().`);
}

/** `/dbs` and `/dbs/{id}`. */
export async function databaseRoute(catalog: Catalog, request: CosmosRequest): Promise<Reply> {
  const [, id] = request.resource.segments;
  const { method } = request;
  if (id === undefined && method === 'GET')
    return list(
      'Databases',
      catalog.list().map(({ resource }) => resource),
      '',
    );
  if (id === undefined && method === 'POST') {
    refuseQuery(request, 'databases');
    return answer(201, (await catalog.createDatabase(parseObject(request.body))).resource);
  }
  if (id !== undefined && method === 'GET') return answer(200, catalog.database(id).resource);
  if (id !== undefined && method === 'DELETE') {
    await catalog.deleteDatabase(id);
    return { status: 204, charge: REFUSED_CHARGE };
  }
  throw notSimulated(`${method} on databases`, 'They are created, read, listed and deleted.');
}

/** `/dbs/{id}/colls` and `/dbs/{id}/colls/{id}`. */
export async function containerRoute(catalog: Catalog, request: CosmosRequest): Promise<Reply> {
  const [, databaseId = '', , id] = request.resource.segments;
  const { method } = request;
  if (id === undefined && method === 'GET') {
    const { containers, resource } = catalog.database(databaseId);
    const resources = [...containers.values()].map((container) => container.resource);
    return list('DocumentCollections', resources, resource._rid as string);
  }
  if (id === undefined && method === 'POST') {
    refuseQuery(request, 'containers');
    const created = await catalog.createContainer(databaseId, parseObject(request.body));
    return answer(201, created.resource, created);
  }
  if (id !== undefined && method === 'GET') {
    const container = catalog.container(databaseId, id);
    return answer(200, container.resource, container);
  }
  if (id !== undefined && method === 'DELETE') {
    await catalog.deleteContainer(databaseId, id);
    return { status: 204, charge: REFUSED_CHARGE };
  }
  throw notSimulated(`${method} on containers`, 'They are created, read, listed and deleted.');
}

/**
 * `/dbs/{id}/colls/{id}/pkranges`: one range, the whole of the key space. It never changes, so a client that follows its
 * changes (`A-IM`) hears 304 from the first answer on: the .NET client asks until it does.
 */
export function partitionKeyRangesRoute(container: Container, { headers }: CosmosRequest): Reply {
  const etag = container.resource._etag as string;
  const unchanged = headers['a-im'] !== undefined && header(headers, 'if-none-match') === etag;
  if (unchanged) return { status: 304, charge: REFUSED_CHARGE, container, headers: ['etag', etag] };
  const range = {
    _rid: container.rid,
    id: PARTITION_KEY_RANGE,
    _etag: etag,
    minInclusive: KEY_SPACE.start,
    maxExclusive: KEY_SPACE.end,
    ridPrefix: 0,
    _self: `${container.self}pkranges/${PARTITION_KEY_RANGE}/`,
    throughputFraction: 1,
    status: 'online',
    parents: [],
    _ts: container.resource._ts ?? null,
  };
  return { ...list('PartitionKeyRanges', [range], container.rid), container, headers: ['etag', etag] };
}

export const PARTITION_KEY_RANGE = '0';
export const KEY_SPACE = { start: '', end: 'FF' } as const;
