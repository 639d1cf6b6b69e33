// Read model writes of the wire floor for one page of events: a document per order and the counts of the day.
import type { Container, OperationInput, PatchOperation } from '@azure/cosmos';
import { QUIET } from '../../../src/adapters/cosmos-client';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import { marksQuery } from '../../../src/adapters/cosmos-daily-stats';
import { NOTHING } from '../../../src/projections/daily-counts';
import { dayShardOf } from '../../../src/projections/daily-stats';
import { createUnlessThere, type TakePage } from './floor-feeds';
import type { OrderPlan } from './order-plan';

/** The counts of a part of a day, and their etag once they are stored. */
interface CountedDay {
  readonly counts: ReturnType<typeof dayDocument>;
  readonly etag: string | undefined;
}

interface Known {
  readonly customerKey: string;
  readonly etag: string;
}

const MARK_SECONDS = 2 * 24 * 3_600;
const FEED_HOLD = { id: 'feed', dayShard: 'feed' };
const STATS_ID = 'stats:default';
const COUNTED = ['OrderCreated', 'OrderCompleted'];

export function toReadModels(customerOrders: Container, dailyStats: Container, plan: OrderPlan): TakePage {
  const known = new Map<string, Known>();
  const feedHold = dailyStats.item(FEED_HOLD.id, FEED_HOLD.dayShard);
  const days = new Map<string, CountedDay>();

  const writeOrder = async (orderId: string, own: readonly EventEnvelope[]): Promise<void> => {
    const last = own.at(-1);
    if (last === undefined) return;
    const { sequence: version } = last;
    const status = last.type === 'OrderCompleted' ? 'completed' : 'processing';
    const before = known.get(orderId);
    const [first] = own;
    if (first?.type === 'OrderCreated') {
      const { customerId, tenantId } = first.data;
      const completedAt = status === 'completed' ? last.occurredAt : null;
      const seen = {
        status,
        version,
        changedAt: last.occurredAt,
        completedAt,
        trackingId: trackingIdIn(own) ?? null,
      };
      const document = { ...plan.listed({ orderId, customerId }), ...seen };
      const { etag } = await customerOrders.items.create(document);
      if (status !== 'completed') known.set(orderId, { customerKey: `${tenantId}\n${customerId}`, etag });
      return;
    }
    if (before === undefined) throw new Error(`Changes of ${orderId} came before the order did.`);
    const { etag } = await customerOrders.item(orderId, before.customerKey).patch(changesBy(own, last), {
      accessCondition: { type: 'IfMatch', condition: before.etag },
    });
    if (status === 'completed') known.delete(orderId);
    else known.set(orderId, { ...before, etag });
  };

  const countDay = async (day: string, events: readonly EventEnvelope[]): Promise<void> => {
    const before = days.get(day) ?? (await startOf(dailyStats, day));
    const counts = countsAfter(before.counts, events);
    const { result = [] } = await dailyStats.items.batch(
      countOperations(counts, before.etag, events),
      day,
      QUIET,
    );
    if (result.some(({ statusCode }) => statusCode >= 300)) throw new Error(`${day} was not counted.`);
    days.set(day, { counts, etag: result[0]?.eTag });
  };

  return async (events) => {
    if (events.length === 0) return;
    await feedHold.read();
    const counted = events.filter(({ type }) => COUNTED.includes(type));
    await Promise.all([
      ...[...groupBy(events, ({ orderId }) => orderId)].map(([orderId, own]) => writeOrder(orderId, own)),
      countDays(counted, countDay),
    ]);
  };
}

/** Makes what the app's first page finds missing. */
export function prepareReadModels(dailyStats: Container): Promise<void> {
  return createUnlessThere(dailyStats, { ...FEED_HOLD, held: null });
}

async function countDays(
  events: readonly EventEnvelope[],
  countDay: (day: string, events: readonly EventEnvelope[]) => Promise<void>,
): Promise<void> {
  for (const [dayShard, own] of groupBy(events, dayShardOf)) {
    await countDay(dayShard, own);
  }
}

/** As the app looks when it does not know who has counted: at the counts, and at the marks. */
async function startOf(dailyStats: Container, day: string): Promise<CountedDay> {
  await dailyStats.item(STATS_ID, day).read();
  await dailyStats.items.query(marksQuery('default', ''), { partitionKey: day }).fetchAll();
  return { counts: dayDocument(day), etag: undefined };
}

function dayDocument(day: string) {
  return {
    ...{ id: STATS_ID, dayShard: day, day: day.slice(0, 10) },
    ...NOTHING,
    ...{ createdMinor: { USD: 0 }, completedMinor: { USD: 0 }, newestAt: '' },
  };
}

function changesBy(own: readonly EventEnvelope[], last: EventEnvelope): PatchOperation[] {
  const isCompleted = last.type === 'OrderCompleted';
  const trackingId = trackingIdIn(own);
  const fields = {
    status: isCompleted ? 'completed' : 'processing',
    ...(trackingId === undefined ? {} : { trackingId }),
    ...(isCompleted ? { completedAt: last.occurredAt } : {}),
    version: last.sequence,
    changedAt: last.occurredAt,
  };
  return Object.entries(fields).map(([field, value]) => ({ op: 'set', path: `/${field}`, value }));
}

function trackingIdIn(events: readonly EventEnvelope[]): string | undefined {
  const shipped = events.find((event) => event.type === 'ShipmentCreated');
  return shipped?.data.trackingId;
}

function countsAfter(
  before: ReturnType<typeof dayDocument>,
  events: readonly EventEnvelope[],
): ReturnType<typeof dayDocument> {
  const created = events.filter(({ type }) => type === 'OrderCreated').length;
  const completed = events.length - created;
  return {
    ...before,
    created: before.created + created,
    completed: before.completed + completed,
    durationMs: before.durationMs + 20 * completed,
    durations: { upTo100: before.completed + completed },
    createdMinor: { USD: before.createdMinor.USD + created * 14_993 },
    completedMinor: { USD: before.completedMinor.USD + completed * 14_993 },
    newestAt: newestOf(events),
  };
}

function countOperations(
  counts: ReturnType<typeof dayDocument>,
  etag: string | undefined,
  events: readonly EventEnvelope[],
): OperationInput[] {
  const eventIds = events.map(({ eventId }) => eventId);
  const mark = {
    ...{ id: `counted:feed:${eventIds[0]}`, dayShard: counts.dayShard, tenantId: 'default' },
    ...{ eventIds, newestAt: newestOf(events), ttl: MARK_SECONDS },
  };
  return [
    etag === undefined
      ? { operationType: 'Create', resourceBody: counts }
      : { operationType: 'Replace', id: STATS_ID, resourceBody: counts, ifMatch: etag },
    { operationType: 'Create', resourceBody: mark },
  ];
}

function newestOf(events: readonly EventEnvelope[]): string {
  return events.map(({ occurredAt }) => occurredAt).reduce((a, b) => (a > b ? a : b));
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
