// The read model `daily-stats` in Cosmos DB: per part of a day (`/dayShard`) one document of counts for each tenant, and a
// mark for each page of events that are in them.
import type { OperationInput } from '@azure/cosmos';
import { isReached } from '../domain/scope';
import { NOTHING } from '../projections/daily-counts';
import { addedUp, dayOfShard, MARK_LIFE_MS } from '../projections/daily-stats';
import type {
  CountedTogether,
  DailyCounts,
  DailyStats,
  DailyStatsStore,
  DailyStatsUpkeep,
  StatsPlace,
} from '../projections/read-model-stores';
import { attempt, batchError, sendBatch } from './cosmos-attempt';
import type { Connect } from './cosmos-client';
import {
  given,
  selectFrom,
  selectPages,
  withoutSystemProperties,
  type Query,
  type StoredDocument,
} from './cosmos-select';

/** The store of `daily-stats` over the container that `connect` gives. */
export function createCosmosDailyStats(connect: Connect): DailyStatsStore & DailyStatsUpkeep {
  return {
    part: async ({ tenantId }, dayShard, fromIso) => {
      // The counts first: the session token of their answer makes the marks at least as new.
      const { answer } = await attempt(connect, (container) =>
        container.item(statsId(tenantId), dayShard).read<StoredDocument>(),
      );
      const document = answer?.resource;
      const marks = await selectFrom<readonly string[]>(connect, marksQuery(tenantId, fromIso), dayShard);
      return {
        counts: document === undefined ? NOTHING : countsIn(document),
        etag: document?._etag,
        eventIds: new Set(marks.flat()),
      };
    },
    count: async ({ tenantId }, dayShard, etag, counts, events) => {
      const resourceBody = toDocument(tenantId, dayShard, counts);
      return written(connect, dayShard, [
        etag === undefined
          ? { operationType: 'Create', resourceBody }
          : { operationType: 'Replace', id: resourceBody.id, resourceBody, ifMatch: etag },
        { operationType: 'Create', resourceBody: markDocument(tenantId, dayShard, 'feed', events) },
      ]);
    },
    days: async ({ tenantId, customerId }, fromDay, toDay) => {
      if (customerId !== undefined) return [];
      const query = {
        query: 'SELECT * FROM c WHERE c.id = @id AND c.day >= @from AND c.day <= @to',
        parameters: given({ id: statsId(tenantId), from: fromDay, to: toDay }),
      };
      return addedUp((await selectFrom<StoredDocument>(connect, query)).map(fromDocument));
    },
    mark: async ({ tenantId }, dayShard, events) => {
      const mark = markDocument(tenantId, dayShard, 'rebuild', events);
      await attempt(connect, ({ items }) => items.upsert(mark));
    },
    places: async function* (reach) {
      for await (const page of selectPages<{ readonly id: string; readonly dayShard: string }>(
        connect,
        EVERY_PLACE,
      ))
        yield page.map(placeOf).filter((place) => isReached(reach, place));
    },
    put: async ({ tenantId }, dayShard, counts) => {
      await attempt(
        connect,
        (container): Promise<unknown> =>
          counts === undefined
            ? container.item(statsId(tenantId), dayShard).delete()
            : container.items.upsert(toDocument(tenantId, dayShard, counts)),
        404,
      );
    },
  };
}

const STATS_PREFIX = 'stats:';
const MARK_PREFIX = 'counted:';
const EVERY_PLACE = {
  query: 'SELECT c.id, c.dayShard FROM c WHERE STARTSWITH(c.id, @prefix)',
  parameters: given({ prefix: STATS_PREFIX }),
};

function statsId(tenantId: string): string {
  return `${STATS_PREFIX}${tenantId}`;
}

function placeOf({ id, dayShard }: { readonly id: string; readonly dayShard: string }): StatsPlace {
  return { tenantId: id.slice(STATS_PREFIX.length), dayShard };
}

/** By its first event: the same page twice is refused even by a store whose marks are read from a replica that is behind. */
function markDocument(
  tenantId: string,
  dayShard: string,
  by: 'feed' | 'rebuild',
  { eventIds, newestAt }: CountedTogether,
): { readonly id: string } {
  const id = `${MARK_PREFIX}${by}:${eventIds[0]}`;
  return { id, dayShard, tenantId, eventIds, newestAt, ttl: MARK_LIFE_MS / 1_000 } as { readonly id: string };
}

export function marksQuery(tenantId: string, fromIso: string): Query {
  return {
    query:
      'SELECT VALUE c.eventIds FROM c WHERE c.tenantId = @tenantId AND c.newestAt >= @from AND STARTSWITH(c.id, @prefix)',
    parameters: given({ tenantId, from: fromIso, prefix: MARK_PREFIX }),
  };
}

/** The etag of the counts, the first of `operations`; undefined when somebody else has counted, and nothing was done. */
async function written(
  connect: Connect,
  dayShard: string,
  operations: OperationInput[],
): Promise<string | undefined> {
  const what = `daily-stats of ${dayShard}`;
  const results = await sendBatch(connect, what, operations, dayShard);
  const codes = results.map(({ statusCode }) => statusCode);
  if (codes.every((code) => code >= 200 && code < 300)) return results[0]?.eTag;
  if (codes.some((code) => [404, 409, 412].includes(code))) return undefined;
  throw batchError(what, codes);
}

function toDocument(tenantId: string, dayShard: string, counts: DailyCounts): { readonly id: string } {
  const place = { id: statsId(tenantId), dayShard, day: dayOfShard(dayShard) };
  return { ...place, ...counts };
}

/** Only this adapter writes these documents, so they are taken at their word. */
function fromDocument(document: StoredDocument): DailyStats {
  const { id: _id, dayShard: _dayShard, ...stats } = withoutSystemProperties(document);
  return stats as unknown as DailyStats;
}

function countsIn(document: StoredDocument): DailyCounts {
  const { day: _day, ...counts } = fromDocument(document);
  return counts;
}
