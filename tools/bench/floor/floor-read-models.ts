// Read model writes of the wire floor for one page of events: a document per order and the counts of the day.
import type { Container, OperationInput, PatchOperation } from '@azure/cosmos';
import { QUIET } from '../../../src/adapters/cosmos-client';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import { dayShardOf } from '../../../src/projections/daily-stats';
import { createUnlessThere, type TakePage } from './floor-feeds';
import type { OrderPlan } from './order-plan';

interface Known {
  readonly customerKey: string;
  readonly etag: string;
}

const MAX_COUNTED_AT_ONCE = 90;
const MARK_SECONDS = 2 * 24 * 3_600;
const FEED_HOLD = { id: 'feed', dayShard: 'feed' };
const STATS_ID = 'stats:default';
const COUNTED = ['OrderCreated', 'OrderCompleted'];

export function toReadModels(customerOrders: Container, dailyStats: Container, plan: OrderPlan): TakePage {
  const known = new Map<string, Known>();
  const feedHold = dailyStats.item(FEED_HOLD.id, FEED_HOLD.dayShard);
  const days = new Set<string>();

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
    if (!days.has(day)) await createUnlessThere(dailyStats, dayDocument(day));
    days.add(day);
    for (let at = 0; at < events.length; at += MAX_COUNTED_AT_ONCE) {
      const operations = countOperations(day, events.slice(at, at + MAX_COUNTED_AT_ONCE));
      const { result = [] } = await dailyStats.items.batch(operations, day, QUIET);
      if (result.some(({ statusCode }) => statusCode >= 300)) throw new Error(`${day} was not counted.`);
    }
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

function dayDocument(day: string): Record<string, unknown> {
  const sums = { createdMinor: {}, completedMinor: {} };
  return {
    id: STATS_ID,
    dayShard: day,
    day: day.slice(0, 10),
    created: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
    ...sums,
    durationMs: 0,
    newestAt: null,
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

function countOperations(day: string, events: readonly EventEnvelope[]): OperationInput[] {
  const created = events.filter(({ type }) => type === 'OrderCreated').length;
  const increments = {
    ...{ created, completed: events.length - created, failed: 0, cancelled: 0, durationMs: 20 },
    ...(created > 0 ? { 'createdMinor/USD': created * 14_993 } : {}),
    ...(events.length > created ? { 'completedMinor/USD': (events.length - created) * 14_993 } : {}),
  };
  const newestAt = events.map(({ occurredAt }) => occurredAt).reduce((a, b) => (a > b ? a : b));
  const operations: PatchOperation[] = [
    { op: 'set', path: '/newestAt', value: newestAt },
    ...Object.entries(increments).map(([field, value]): PatchOperation => {
      return { op: 'incr', path: `/${field}`, value };
    }),
  ];
  return [
    ...events.map(({ eventId }): OperationInput => {
      const resourceBody = { id: `evt:${eventId}`, dayShard: day, ttl: MARK_SECONDS };
      return { operationType: 'Create', resourceBody };
    }),
    { operationType: 'Patch', id: STATS_ID, resourceBody: { operations } },
  ];
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
