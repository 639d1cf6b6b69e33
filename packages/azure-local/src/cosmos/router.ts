// Router of requests: picks by path and method the routes of documents, feeds or resources.
import type { Catalog } from './catalog';
import type { OperationKind } from './counters';
import type { DocumentContext } from './document-context';
import { documentKind, documentRoute } from './document-routes';
import { CosmosError, notSimulated } from './protocol/errors';
import type { ExpirySweeper } from './expiry';
import { sessionHeaders, type CosmosRequest, type Reply } from './message';
import { containerRoute, databaseRoute, partitionKeyRangesRoute, readAccount } from './resource-routes';

export interface Route {
  readonly kind: OperationKind;
  /** Whether throttling on demand applies: to requests about documents only. */
  readonly metered: boolean;
  perform(): Reply | Promise<Reply>;
}

export interface RouterOptions extends Pick<DocumentContext, 'journal' | 'clock' | 'indexes' | 'replica'> {
  readonly catalog: Catalog;
  readonly sweeper: ExpirySweeper;
}

/** A function from requests to routes; it refuses nothing itself, the route does when it is performed. */
export function createRouter(options: RouterOptions): (request: CosmosRequest) => Route {
  const { catalog } = options;
  return (request) => {
    const { segments } = request.resource;
    const { length } = segments;
    if (length === 0) return unmetered('account', () => readAccount(request.headers.host));
    if (segments[0] !== 'dbs') return unknown(request);
    if (length <= 2) return unmetered('database', () => databaseRoute(catalog, request));
    if (segments[2] !== 'colls') return unknown(request);
    if (length <= 4) return unmetered('container', () => containerRoute(catalog, request));
    const [, databaseId = '', , containerId = ''] = segments;
    if (length === 5 && segments[4] === 'pkranges')
      return unmetered('partitionKeyRanges', () =>
        partitionKeyRangesRoute(catalog.container(databaseId, containerId), request),
      );
    return segments[4] === 'docs' && length <= 6 ? documents(request, options) : unknown(request);
  };
}

const unmetered = (kind: OperationKind, perform: Route['perform']): Route => ({
  kind,
  metered: false,
  perform,
});

function documents(request: CosmosRequest, options: RouterOptions): Route {
  const { catalog, sweeper, journal, clock, indexes, replica } = options;
  const kind = documentKind(request);
  if (kind === undefined) return unknown(request);
  const [, databaseId = '', , containerId = ''] = request.resource.segments;
  return {
    kind,
    metered: kind !== 'queryPlan',
    async perform() {
      const container = catalog.container(databaseId, containerId);
      try {
        const reply = await documentRoute(kind, { journal, clock, indexes, replica, container, request });
        if (container.expires) sweeper.arm();
        return reply;
      } catch (error) {
        throw error instanceof CosmosError && !error.headers.includes('x-ms-session-token')
          ? error.with(sessionHeaders(container))
          : error;
      }
    },
  };
}

const unknown = ({ method, resource }: CosmosRequest): Route =>
  unmetered('notSimulated', () => {
    throw notSimulated(
      `${method} on '${resource.segments.filter((_, at) => at % 2 === 0).join('/')}'`,
      'It has databases, containers, documents and partition key ranges.',
    );
  });
