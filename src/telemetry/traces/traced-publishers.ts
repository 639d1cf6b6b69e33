// What leaves the app in spans: one for each event and target, under the write of the event. The message carries the context of
// its span, on which the consumer goes on.
import type { EventEnvelope } from '../../domain/event-envelope';
import type { EventPublisher, Unsendable } from '../../ports/event-publisher';
import type { OrderFailure, OrderFailures } from '../../ports/order-failures';
import type { SpanContext } from './span';
import { contextIn, spanIdFor, toTraceparent } from './span-context';
import type { Tracer } from './tracer';

export function tracedPublisher(
  target: string,
  publisher: EventPublisher,
  { tracer, nowMs }: { readonly tracer: Tracer; readonly nowMs: () => number },
): EventPublisher {
  const nameOf = ({ type }: EventEnvelope): string => type;
  const publish = (events: readonly EventEnvelope[]) => publisher.publish(events);
  return {
    publish: (events) =>
      inSpans({ tracer, nowMs, target, publish, nameOf, keyOf: ({ eventId }) => eventId }, events),
  };
}

export function tracedFailures(
  target: string,
  queue: OrderFailures,
  { tracer, nowMs }: { readonly tracer: Tracer; readonly nowMs: () => number },
): OrderFailures {
  const publish = (failures: readonly OrderFailure[]) => queue.publish(failures);
  const nameOf = (): string => 'OrderFailed';
  return {
    publish: (failures) =>
      inSpans({ tracer, nowMs, target, publish, nameOf, keyOf: ({ orderId }) => orderId }, failures),
  };
}

interface Publishing<T> {
  readonly tracer: Tracer;
  readonly nowMs: () => number;
  readonly target: string;
  readonly publish: (items: readonly T[]) => Promise<readonly Unsendable<T>[]>;
  readonly nameOf: (item: T) => string;
  /** What tells the item from others to the same target; sent again, it is the same span. */
  readonly keyOf: (item: T) => string;
}

interface Outgoing {
  readonly orderId: string;
  readonly traceparent: string;
}

async function inSpans<T extends Outgoing>(
  publishing: Publishing<T>,
  items: readonly T[],
): Promise<readonly Unsendable<T>[]> {
  const { nowMs, publish, keyOf } = publishing;
  const startMs = nowMs();
  try {
    const refused = await publish(items.map((item) => sentOn(publishing, item)));
    const refusedKeys = new Set(refused.map(({ item }) => keyOf(item)));
    for (const item of items)
      recordOne(publishing, item, startMs, refusedKeys.has(keyOf(item)) ? 'parked' : undefined);
    return refused;
  } catch (error) {
    for (const item of items) recordOne(publishing, item, startMs, 'not sent');
    throw error;
  }
}

const spanKey = <T>({ target, keyOf }: Publishing<T>, item: T): string => `publish ${target} ${keyOf(item)}`;

/** The item with the context of the span of its sending. */
function sentOn<T extends Outgoing>(publishing: Publishing<T>, item: T): T {
  const parent = contextIn(item.traceparent);
  if (parent === undefined) return item;
  const context: SpanContext = { ...parent, spanId: spanIdFor(parent.traceId, spanKey(publishing, item)) };
  return { ...item, traceparent: toTraceparent(context) };
}

function recordOne<T extends Outgoing>(
  publishing: Publishing<T>,
  item: T,
  startMs: number,
  error: string | undefined,
): void {
  const { tracer, nowMs, target, nameOf } = publishing;
  const parent = contextIn(item.traceparent);
  if (parent === undefined) return;
  tracer.record({
    name: `publish ${nameOf(item)} to ${target}`,
    kind: 'producer',
    key: spanKey(publishing, item),
    parent,
    attributes: { 'order.id': item.orderId, 'messaging.destination.name': target },
    startMs,
    endMs: nowMs(),
    error,
  });
}
