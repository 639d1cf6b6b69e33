// Invariants of what is stored: streams, documents, and the read models made of them.
import { isDeepStrictEqual } from 'node:util';
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { fold } from '../../src/domain/order';
import { toOrderSummary } from '../../src/queries/order-view';
import type { DayCounts, Facts, ListedOrder } from './facts';

export function wholeStreams({ orders, streams }: Facts): string[] {
  const known = new Set(orders.map(({ orderId }) => orderId));
  return [
    ...orders.flatMap((order) => {
      const events = streams.get(order.orderId) ?? [];
      const gap = events.findIndex(({ sequence }, index) => sequence !== index + 1);
      if (gap >= 0) return [`the stream of ${order.orderId} has no event ${gap + 1}`];
      return isDeepStrictEqual(fold(order.orderId, events), order)
        ? repeatedKeys(order.orderId, events)
        : [`order ${order.orderId} is not the fold of its ${events.length} events`];
    }),
    ...[...streams.keys()].flatMap((orderId) =>
      known.has(orderId) ? [] : [`the stream ${orderId} has no order`],
    ),
  ];
}

/** Under one key there may be several facts, but from one write. */
function repeatedKeys(orderId: string, events: readonly EventEnvelope[]): string[] {
  const types = new Set<string>();
  return events.flatMap(({ type, key }) => {
    if (key === null) return [];
    const once = `${type} ${key}`;
    if (types.has(once)) return [`order ${orderId} has ${type} twice under ${key}`];
    types.add(once);
    return [];
  });
}

export function listedOrders({ orders, streams, listed }: Facts): string[] {
  const found = new Map(listed.map((document) => [document.id, document]));
  return [
    ...orders.flatMap((order) => {
      const document = found.get(order.orderId);
      if (document === undefined) return [`order ${order.orderId} is in no list`];
      const changedAt = streams.get(order.orderId)?.at(-1)?.occurredAt;
      const expected = { ...toOrderSummary(order), customerKey: order.customerKey, changedAt };
      return isDeepStrictEqual(document, expected)
        ? []
        : [
            `order ${order.orderId} is ${order.status}, and listed otherwise: ${differing(expected, document)}`,
          ];
    }),
    ...(listed.length > orders.length ? [`${listed.length} are listed of ${orders.length} orders`] : []),
  ];
}

function differing(expected: object, document: ListedOrder): string {
  const fields = Object.entries(expected).filter(
    ([name, value]) => !isDeepStrictEqual(document[name], value),
  );
  const more = Object.keys(document).filter((name) => !(name in expected));
  return [...fields.map(([name]) => `${name} ${JSON.stringify(document[name])}`), ...more].join(', ');
}

type Counts = Record<
  'created' | 'completed' | 'failed' | 'cancelled' | 'createdMinor' | 'completedMinor',
  number
>;

const FIELDS: Readonly<Record<string, 'created' | 'completed' | 'failed' | 'cancelled'>> = {
  OrderCreated: 'created',
  OrderCompleted: 'completed',
  OrderFailed: 'failed',
  OrderCancelled: 'cancelled',
};

/** Counted anew from the streams, not by the code that counts for the read model. */
export function dailyFigures({ orders, streams, days }: Facts): string[] {
  const expected = new Map<string, Counts>();
  for (const { orderId, totalMinor, amountDueMinor } of orders) {
    for (const { type, occurredAt } of streams.get(orderId) ?? []) {
      const field = FIELDS[type];
      if (field === undefined) continue;
      const day = occurredAt.slice(0, 10);
      const counts = expected.get(day) ?? NONE();
      expected.set(day, counts);
      counts[field] += 1;
      if (field === 'created') counts.createdMinor += totalMinor;
      if (field === 'completed') counts.completedMinor += amountDueMinor;
    }
  }
  // A day is stored in parts.
  const stored = new Map<string, Counts>();
  for (const part of days) {
    const [sum, more] = [stored.get(part.day) ?? NONE(), storedCounts(part)];
    for (const field of Object.keys(sum) as (keyof Counts)[]) sum[field] += more[field];
    stored.set(part.day, sum);
  }
  return [...new Set([...expected.keys(), ...stored.keys()])].flatMap((day) => {
    const [should, is] = [expected.get(day) ?? NONE(), stored.get(day) ?? NONE()];
    return isDeepStrictEqual(should, is)
      ? []
      : [`${day} is counted as ${JSON.stringify(is)} and was ${JSON.stringify(should)}`];
  });
}

const NONE = (): Counts => ({
  created: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
  createdMinor: 0,
  completedMinor: 0,
});

/** Every order of a run is in dollars. */
function storedCounts({
  created,
  completed,
  failed,
  cancelled,
  createdMinor,
  completedMinor,
}: DayCounts): Counts {
  return {
    created,
    completed,
    failed,
    cancelled,
    createdMinor: createdMinor['USD'] ?? 0,
    completedMinor: completedMinor['USD'] ?? 0,
  };
}
