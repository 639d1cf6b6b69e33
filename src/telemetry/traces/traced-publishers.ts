// What leaves the app in spans: one for each event and target, under the write of the event. The event goes out as it is stored, with
// the context of its write: every target gets the same. The span's id follows from target and event, so a consumer of the app's own
// finds its parent without being told.
import type { EventEnvelope } from '../../domain/event-envelope';
import type { EventPublisher, Unsendable } from '../../ports/event-publisher';
import type { OrderFailure, OrderFailures } from '../../ports/order-failures';
import type { SpanContext } from './span';
import { contextIn, spanIdFor } from './span-context';
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
    const refused = await publish(items);
    const refusedKeys = new Set(refused.map(({ item }) => keyOf(item)));
    for (const item of items)
      recordOne(publishing, item, startMs, refusedKeys.has(keyOf(item)) ? 'parked' : undefined);
    return refused;
  } catch (error) {
    for (const item of items) recordOne(publishing, item, startMs, 'not sent');
    throw error;
  }
}

const spanKey = (target: string, key: string): string => `publish ${target} ${key}`;

/** The span in which `event`, or the message that has its ids, was sent to `target`; undefined without a trace context. */
export function publishContext(
  target: string,
  { eventId, traceparent }: { readonly eventId?: unknown; readonly traceparent?: unknown },
): SpanContext | undefined {
  const write = contextIn(traceparent);
  return write && { ...write, spanId: spanIdFor(write.traceId, spanKey(target, String(eventId))) };
}

function recordOne<T extends Outgoing>(
  publishing: Publishing<T>,
  item: T,
  startMs: number,
  error: string | undefined,
): void {
  const { tracer, nowMs, target, nameOf, keyOf } = publishing;
  const parent = contextIn(item.traceparent);
  if (parent === undefined) return;
  tracer.record({
    name: `publish ${nameOf(item)} to ${target}`,
    kind: 'producer',
    key: spanKey(target, keyOf(item)),
    parent,
    attributes: { 'order.id': item.orderId, 'messaging.destination.name': target },
    startMs,
    endMs: nowMs(),
    error,
  });
}
