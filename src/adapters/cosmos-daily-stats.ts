// The read model `daily-stats` in Cosmos DB: per part of a day (`/dayShard`) one document of
// counts for each tenant, and a mark per event that is in them.
import type { OperationInput, PatchOperation } from '@azure/cosmos';
import { isReached } from '../domain/scope';
import { NOTHING } from '../projections/daily-counts';
import { addedUp, dayOfShard, MARK_LIFE_MS } from '../projections/daily-stats';
import type {
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
  type StoredDocument,
} from './cosmos-select';

/** Cosmos takes no more operations in one patch. */
const MAX_PATCH_OPERATIONS = 10;

/** The store of `daily-stats` over the container that `connect` gives. */
export function createCosmosDailyStats(connect: Connect): DailyStatsStore & DailyStatsUpkeep {
  return {
    count: async ({ tenantId }, dayShard, eventIds, counts) => {
      const id = statsId(tenantId);
      const marks = eventIds.map((eventId) => markOperation('Create', dayShard, eventId));
      let patches = patchesOf(id, counts);
      for (;;) {
        const refusal = await refusalOf(connect, dayShard, [...marks, ...patches]);
        // A newer event is in the counts already, by another reader of the feed.
        if (refusal === 412) patches = patchesOf(id, { ...counts, newestAt: null });
        else if (refusal === 404)
          await attempt(connect, ({ items }) => items.create(toDocument(tenantId, dayShard, NOTHING)), 409);
        else return refusal === undefined;
      }
    },
    counted: async (_, dayShard, eventIds) => {
      const query = {
        query: 'SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(@ids, c.id)',
        parameters: [{ name: '@ids', value: eventIds.map(markId) }],
      };
      const marks = await selectFrom<string>(connect, query, dayShard);
      return new Set(marks.map((id) => id.slice(MARK_PREFIX.length)));
    },
    days: async ({ tenantId, customerId }, fromDay, toDay) => {
      if (customerId !== undefined) return [];
      const query = {
        query: 'SELECT * FROM c WHERE c.id = @id AND c.day >= @from AND c.day <= @to',
        parameters: given({ id: statsId(tenantId), from: fromDay, to: toDay }),
      };
      return addedUp((await selectFrom<StoredDocument>(connect, query)).map(fromDocument));
    },
    mark: async (_, dayShard, eventIds) => {
      await refusalOf(
        connect,
        dayShard,
        eventIds.map((eventId) => markOperation('Upsert', dayShard, eventId)),
      );
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
const MARK_PREFIX = 'evt:';
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

function markId(eventId: string): string {
  return `${MARK_PREFIX}${eventId}`;
}

function markOperation(
  operationType: 'Create' | 'Upsert',
  dayShard: string,
  eventId: string,
): OperationInput {
  return { operationType, resourceBody: { id: markId(eventId), dayShard, ttl: MARK_LIFE_MS / 1_000 } };
}

/**
 * The counts as increments, in as many patches as they need. With a `newestAt` that is not later than what is there, the
 * first is refused with 412.
 */
function patchesOf(id: string, counts: DailyCounts): OperationInput[] {
  const { createdMinor, completedMinor, newestAt, ...others } = counts;
  const changes: PatchOperation[] = [
    ...(newestAt === null ? [] : [{ op: 'set', path: '/newestAt', value: newestAt } as const]),
    ...increments('', flat(others)),
    ...increments('/createdMinor', createdMinor),
    ...increments('/completedMinor', completedMinor),
  ];
  const patches: OperationInput[] = [];
  for (let at = 0; at < changes.length; at += MAX_PATCH_OPERATIONS) {
    const operations = changes.slice(at, at + MAX_PATCH_OPERATIONS);
    const condition = at === 0 && newestAt !== null ? { condition: isBefore(newestAt) } : {};
    patches.push({ operationType: 'Patch', id, resourceBody: { ...condition, operations } });
  }
  return patches;
}

function isBefore(newestAt: string): string {
  return `FROM c WHERE NOT IS_STRING(c.newestAt) OR c.newestAt < ${JSON.stringify(newestAt)}`;
}

/** What stays as it is costs no operation. */
function increments(under: string, values: Readonly<Record<string, number>>): PatchOperation[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === 0 ? [] : [{ op: 'incr', path: `${under}/${name}`, value } as const],
  );
}

/** Counts by name, which are fields of the document itself: an increment makes a field, but nothing around it. */
const BY_NAME = ['durations', 'failures', 'compensations', 'failedCompensations'] as const;

type FlatCounts = Omit<DailyCounts, 'createdMinor' | 'completedMinor' | 'newestAt'>;

function flat(counts: FlatCounts): Record<string, number> {
  const { durations, failures, compensations, failedCompensations, ...numbers } = counts;
  const groups = { durations, failures, compensations, failedCompensations };
  const named = BY_NAME.flatMap((group) =>
    Object.entries(groups[group]).map(([name, value]) => [`${group}:${name}`, value] as const),
  );
  return { ...numbers, ...Object.fromEntries(named) };
}

/** Why nothing of a batch was done: 409 for a mark that is there, 404 when the day has no counts yet, 412 for counts with a newer event. */
async function refusalOf(
  connect: Connect,
  dayShard: string,
  operations: OperationInput[],
): Promise<404 | 409 | 412 | undefined> {
  const what = `daily-stats of ${dayShard}`;
  const codes = (await sendBatch(connect, what, operations, dayShard)).map(({ statusCode }) => statusCode);
  if (codes.every((code) => code >= 200 && code < 300)) return undefined;
  if (codes.includes(409)) return 409;
  if (codes.includes(404)) return 404;
  if (codes.includes(412)) return 412;
  throw batchError(what, codes);
}

function toDocument(tenantId: string, dayShard: string, counts: DailyCounts): Record<string, unknown> {
  const { createdMinor, completedMinor, newestAt, ...others } = counts;
  const place = { id: statsId(tenantId), dayShard, day: dayOfShard(dayShard) };
  return { ...place, ...flat(others), createdMinor, completedMinor, newestAt };
}

/** Only this adapter writes these documents, so they are taken at their word. */
function fromDocument(document: StoredDocument): DailyStats {
  const { id: _id, dayShard: _dayShard, ...fields } = withoutSystemProperties(document);
  const groups: Record<string, Record<string, unknown>> = Object.fromEntries(
    BY_NAME.map((group) => [group, {}]),
  );
  const rest: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(fields)) {
    const [group = '', ...name] = field.split(':');
    const named = name.length > 0 ? groups[group] : undefined;
    if (named === undefined) rest[field] = value;
    else named[name.join(':')] = value;
  }
  return { ...NOTHING, ...rest, ...groups } as unknown as DailyStats;
}
