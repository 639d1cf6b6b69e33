// The read model `daily-stats` in Cosmos DB: per day one document of counts, and a mark per event that is in them.
import type { OperationInput, PatchOperation } from '@azure/cosmos';
import { MARK_LIFE_MS, NOTHING } from '../projections/daily-stats';
import type {
  DailyCounts,
  DailyStats,
  DailyStatsStore,
  DailyStatsUpkeep,
} from '../projections/read-model-stores';
import { attempt, batchError, sendBatch } from './cosmos-attempt';
import type { Connect } from './cosmos-client';
import { given, selectFrom, withoutSystemProperties, type StoredDocument } from './cosmos-select';

const STATS_ID = 'stats';
/** Cosmos takes no more operations in one patch. */
const MAX_PATCH_OPERATIONS = 10;

/** The store of `daily-stats` over the container that `connect` gives. */
export function createCosmosDailyStats(connect: Connect): DailyStatsStore & DailyStatsUpkeep {
  return {
    count: async (day, eventIds, counts) => {
      const operations = [
        ...eventIds.map((eventId) => markOperation('Create', day, eventId)),
        ...patchesOf(counts),
      ];
      const refusal = await refusalOf(connect, day, operations);
      if (refusal === 404) {
        await attempt(connect, ({ items }) => items.create({ id: STATS_ID, day, ...NOTHING }), 409);
        return (await refusalOf(connect, day, operations)) === undefined;
      }
      return refusal === undefined;
    },
    counted: async (day, eventIds) => {
      const query = {
        query: 'SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(@ids, c.id)',
        parameters: [{ name: '@ids', value: eventIds.map(markId) }],
      };
      const marks = await selectFrom<string>(connect, query, day);
      return new Set(marks.map((id) => id.slice(MARK_PREFIX.length)));
    },
    days: async (fromDay, toDay) => {
      const query = {
        query: 'SELECT * FROM c WHERE c.id = @id AND c.day >= @from AND c.day <= @to',
        parameters: given({ id: STATS_ID, from: fromDay, to: toDay }),
      };
      return (await selectFrom<StoredDocument>(connect, query)).map(fromDocument);
    },
    mark: async (day, eventIds) => {
      await refusalOf(
        connect,
        day,
        eventIds.map((eventId) => markOperation('Upsert', day, eventId)),
      );
    },
    put: async (day, counts) => {
      await attempt(
        connect,
        (container): Promise<unknown> =>
          counts === undefined
            ? container.item(STATS_ID, day).delete()
            : container.items.upsert({ id: STATS_ID, day, ...counts }),
        404,
      );
    },
  };
}

const MARK_PREFIX = 'evt:';

function markId(eventId: string): string {
  return `${MARK_PREFIX}${eventId}`;
}

function markOperation(operationType: 'Create' | 'Upsert', day: string, eventId: string): OperationInput {
  return { operationType, resourceBody: { id: markId(eventId), day, ttl: MARK_LIFE_MS / 1_000 } };
}

/** The counts as increments, in as many patches as they need. */
function patchesOf(counts: DailyCounts): OperationInput[] {
  const { createdMinor, completedMinor, ...numbers } = counts;
  const increments = [
    ...Object.entries(numbers).map(([field, value]) => increment(`/${field}`, value)),
    ...Object.entries(createdMinor).map(([currency, value]) => increment(`/createdMinor/${currency}`, value)),
    ...Object.entries(completedMinor).map(([currency, value]) =>
      increment(`/completedMinor/${currency}`, value),
    ),
  ];
  const patches: OperationInput[] = [];
  for (let at = 0; at < increments.length; at += MAX_PATCH_OPERATIONS) {
    const operations = increments.slice(at, at + MAX_PATCH_OPERATIONS);
    patches.push({ operationType: 'Patch', id: STATS_ID, resourceBody: { operations } });
  }
  return patches;
}

function increment(path: string, value: number): PatchOperation {
  return { op: 'incr', path, value };
}

/** Why nothing of a batch was done: 409 for a mark that is there, 404 when the day has no counts yet. */
async function refusalOf(
  connect: Connect,
  day: string,
  operations: OperationInput[],
): Promise<404 | 409 | undefined> {
  const what = `daily-stats of ${day}`;
  const codes = (await sendBatch(connect, what, operations, day)).map(({ statusCode }) => statusCode);
  if (codes.every((code) => code >= 200 && code < 300)) return undefined;
  if (codes.includes(409)) return 409;
  if (codes.includes(404)) return 404;
  throw batchError(what, codes);
}

/** Only this adapter writes these documents, so they are taken at their word. */
function fromDocument(document: StoredDocument): DailyStats {
  const { id: _, ...stats } = withoutSystemProperties(document);
  return stats as unknown as DailyStats;
}
