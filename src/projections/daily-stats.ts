// Read model `daily-stats`: what was ordered and what became of it, per day in UTC. An event counts on the day it
// happened: an order that was created before midnight and completed after it counts on both days. Knows the events only.
//
// daily-stats.D1  The counts of a part of a day and one mark that names the events of a page are written together, and only
//   over the very counts (etag) that were read before the marks: so an event counts once, however the feed cuts its pages
//   when it brings them again, and whoever else counts meanwhile.
// daily-stats.D3  `newestAt` is when the newest event happened that is in the counts. It says nothing of older ones: the
//   feed has several readers, and what one of them has not brought yet another cannot know. A count never takes it back.
// daily-stats.D2  A mark lives for two days; what the feed repeats is seconds old, after an outage hours. Older is for
//   a rebuild, and a replay brings nothing that could outlive its mark on the way.
import type { EventEnvelope } from '../domain/event-envelope';
import { bucketOf } from '../domain/bucket';
import { decimalIn } from '../domain/money';
import { tenantOf, type Scope, type TenantScope } from '../domain/scope';
import { TransientError } from '../errors';
import { createBoundedMap, type BoundedMap } from './bounded-map';
import { evolve, isCounted, later, NOTHING, plusCounts, type Counted } from './daily-counts';
import type { OrderStreams, Origin } from './order-streams';
import type { Projection } from './projection';
import type {
  CountedPart,
  CountedTogether,
  DailyCounts,
  DailyStats,
  DailyStatsReads,
  DailyStatsStore,
  DailyStatsWrites,
  Sums,
} from './read-model-stores';

const DAY_MS = 86_400_000;

/** How long it is remembered that an event was counted, from when it was. */
export const MARK_LIFE_MS = 2 * DAY_MS;

/** A day is counted in 16 parts, so that no one partition takes the writes of all orders. */
const SHARD_BITS = 4;

/** The UTC day on which an event counts, and the part of it that its order belongs to. */
export function dayShardOf({ occurredAt, orderId }: Pick<EventEnvelope, 'occurredAt' | 'orderId'>): string {
  return `${occurredAt.slice(0, 10)}:${bucketOf(orderId, SHARD_BITS).toString(16)}`;
}

/** The day of which `dayShard` is a part. */
export function dayOfShard(dayShard: string): string {
  return dayShard.slice(0, 10);
}

/** The parts of each day added up. */
export function addedUp(parts: readonly DailyStats[]): readonly DailyStats[] {
  const days = new Map<string, DailyStats>();
  for (const { day, ...counts } of parts)
    days.set(day, { day, ...plusCounts(days.get(day) ?? NOTHING, counts) });
  return [...days.values()];
}

/** An event with what is needed to count it. */
export interface Countable {
  readonly event: EventEnvelope;
  readonly origin: Counted;
}

function sumOf(countables: readonly Countable[]): DailyCounts {
  return countables.reduce((counts, { event, origin }) => evolve(counts, event, origin), NOTHING);
}

/** The events of one tenant that count in one part of a day. */
export interface CountedDay {
  readonly scope: TenantScope;
  readonly dayShard: string;
  readonly countables: readonly Countable[];
}

/** The events that count, by tenant and part of a day. */
export async function countablesByDay(
  events: readonly EventEnvelope[],
  streams: OrderStreams,
): Promise<readonly CountedDay[]> {
  const days = new Map<string, CountedDay & { readonly countables: Countable[] }>();
  for (const event of events) {
    if (!isCounted(event)) continue;
    const origin = await streams.originOf(tenantOf(event), event.orderId);
    if (origin === undefined) continue;
    const dayShard = dayShardOf(event);
    const key = `${origin.tenantId}\n${dayShard}`;
    const own = days.get(key) ?? { scope: tenantOf(origin), dayShard, countables: [] };
    days.set(key, own);
    own.countables.push({
      event,
      origin: {
        ...origin,
        amountDueMinor: await amountDue(event, origin, streams),
        goesBack: await wentBack(event, origin, streams),
      },
    });
  }
  return [...days.values()];
}

/** Only a completed order's is asked for: by then it is fixed. */
async function amountDue(event: EventEnvelope, origin: Origin, streams: OrderStreams): Promise<number> {
  if (event.type !== 'OrderCompleted') return origin.totalMinor;
  return (await streams.amountDueOf(tenantOf(event), event.orderId)) ?? origin.totalMinor;
}

/** Only asked for an order that ends without success: by then it is fixed. */
async function wentBack(event: EventEnvelope, origin: Origin, streams: OrderStreams): Promise<boolean> {
  if (event.type !== 'OrderFailed' && event.type !== 'OrderCancelled') return false;
  return origin.goesBack || (await streams.wentBack(tenantOf(event), event.orderId));
}

/** Parts of a day whose counts and events are remembered, so that they need not be read: those of this day and the last. */
const PARTS_REMEMBERED = 64;
/** More events of one part than this are forgotten, and read again with the next page. */
const EVENTS_REMEMBERED = 500;
/** Each conflict means that somebody else has counted; losing more often in a row means a replica that is behind. */
const MAX_CONFLICTS = 8;

/** `eventIds` has every event in the counts that happened at `fromIso` or later. */
interface KnownPart extends CountedPart {
  readonly fromIso: string;
}

/** The projection into `store`: one request per part of a day as a rule, two more where it is not known who has counted. */
export function createDailyStats(store: DailyStatsStore, streams: OrderStreams): Projection {
  const parts = createBoundedMap<KnownPart>(PARTS_REMEMBERED);
  return {
    name: 'daily-stats',
    remembersMs: MARK_LIFE_MS / 2,
    project: async (events) => {
      const days = await countablesByDay(events, streams);
      await Promise.all(days.map((day) => count(store, parts, day)));
    },
  };
}

async function count(
  store: DailyStatsWrites,
  parts: BoundedMap<KnownPart>,
  { scope, dayShard, countables }: CountedDay,
): Promise<void> {
  const key = `${scope.tenantId}\n${dayShard}`;
  const fromIso = countables.map(occurredAt).reduce((a, b) => (a < b ? a : b));
  let known = parts.get(key);
  // Whoever counts in between, and whatever goes wrong: what is known then is read again.
  parts.delete(key);
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
    if (known === undefined || fromIso < known.fromIso)
      known = { ...(await store.part(scope, dayShard, fromIso)), fromIso };
    const part: KnownPart = known;
    const fresh = countables.filter(({ event }) => !part.eventIds.has(event.eventId));
    if (fresh.length === 0) {
      keep(parts, key, part);
      return;
    }
    const counts = plusCounts(part.counts, sumOf(fresh));
    const counted = togetherOf(fresh.map(({ event }) => event));
    const etag = await store.count(scope, dayShard, part.etag, counts, counted);
    if (etag !== undefined) {
      const eventIds = new Set([...part.eventIds, ...counted.eventIds]);
      keep(parts, key, { counts, etag, eventIds, fromIso: part.fromIso });
      return;
    }
    known = undefined;
  }
  throw new TransientError(
    'STORE_BEHIND',
    `daily-stats of ${dayShard}: lost ${MAX_CONFLICTS} races in a row`,
  );
}

function keep(parts: BoundedMap<KnownPart>, key: string, part: KnownPart): void {
  if (part.eventIds.size <= EVENTS_REMEMBERED) parts.set(key, part);
}

function occurredAt({ event }: Countable): string {
  return event.occurredAt;
}

/** What a mark says of these events. */
export function togetherOf(events: readonly EventEnvelope[]): CountedTogether {
  return {
    eventIds: events.map(({ eventId }) => eventId),
    newestAt: events.map((event) => event.occurredAt).reduce((a, b) => (a > b ? a : b)),
  };
}

/** A day as the API shows it: decimal money; null where there is nothing to divide by. */
export interface DailyStatsView {
  readonly day: string;
  readonly created: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly createdAmount: Sums;
  readonly completedAmount: Sums;
  /** Completed among those that ended on this day. */
  readonly successRate: number | null;
  readonly meanDurationMs: number | null;
}

export interface ListedDays {
  readonly days: readonly DailyStatsView[];
  /** When the newest event happened that is counted on one of them (daily-stats.D3); null where nothing is. */
  readonly newestAt: string | null;
}

/** Every day from `fromDay` to `toDay`, both included, also those on which nothing happened. */
export async function listDailyStats(
  store: DailyStatsReads,
  scope: Scope,
  fromDay: string,
  toDay: string,
): Promise<ListedDays> {
  const stored = new Map((await store.days(scope, fromDay, toDay)).map((stats) => [stats.day, stats]));
  return {
    days: daysBetween(fromDay, toDay).map((day) => toDailyStatsView(stored.get(day) ?? { day, ...NOTHING })),
    newestAt: [...stored.values()].reduce<string | null>((at, stats) => later(at, stats.newestAt), null),
  };
}

/** How many days there are from `fromDay` to `toDay`, both included; 0 or less when they are the wrong way round. */
export function dayCount(fromDay: string, toDay: string): number {
  return (Date.parse(toDay) - Date.parse(fromDay)) / DAY_MS + 1;
}

function daysBetween(fromDay: string, toDay: string): readonly string[] {
  return Array.from({ length: dayCount(fromDay, toDay) }, (_, index) =>
    new Date(Date.parse(fromDay) + index * DAY_MS).toISOString().slice(0, 10),
  );
}

function toDailyStatsView(stats: DailyStats): DailyStatsView {
  const { day, created, completed, failed, cancelled, durationMs } = stats;
  const ended = completed + failed + cancelled;
  return {
    day,
    created,
    completed,
    failed,
    cancelled,
    createdAmount: toAmounts(stats.createdMinor),
    completedAmount: toAmounts(stats.completedMinor),
    successRate: ended === 0 ? null : completed / ended,
    meanDurationMs: completed === 0 ? null : durationMs / completed,
  };
}

export function toAmounts(sums: Sums): Sums {
  const amounts = Object.entries(sums).map(
    ([currency, minor]) => [currency, decimalIn(currency, minor)] as const,
  );
  return Object.fromEntries(amounts.sort(([a], [b]) => (a < b ? -1 : 1)));
}
