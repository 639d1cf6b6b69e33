// Order store in spans: one for each write, and one for the saga as a whole when the write ends it. What is written carries the
// trace context of its write, so that whoever reads the event from the change feed goes on in the trace.
import type { EventEnvelope } from '../../domain/event-envelope';
import type { OrderHead } from '../../domain/order';
import type { OrderStore } from '../../ports/order-store';
import type { OpenSpan } from './active-span';
import { sagaKey, sagaParent } from './order-spans';
import { contextIn, toTraceparent } from './span-context';
import { placeIn, type SpanStart, type Tracer } from './tracer';

export function tracedOrders(orders: OrderStore, tracer: Tracer): OrderStore {
  const write = async <R extends { readonly kind: string }>(
    order: OrderHead,
    events: readonly EventEnvelope[],
    work: (traced: readonly EventEnvelope[]) => Promise<R>,
  ): Promise<R> =>
    tracer.within(writeOf(order, events), async (span) => {
      const result = await work(events.map((event) => inSpan(event, span)));
      span.set({ outcome: result.kind });
      return result;
    });
  return {
    ...orders,
    create: (scope, order, events) => write(order, events, (traced) => orders.create(scope, order, traced)),
    async append(scope, before, etag, after, events) {
      const result = await write(after, events, (traced) =>
        orders.append(scope, before, etag, after, traced),
      );
      if (result.kind === 'appended') recordEnd(tracer, after, events);
      return result;
    },
  };
}

/**
 * The id follows from the writer's span and the first event: a write that is tried again after a lost answer is the same span, and
 * two writers that compete for a place in the stream are two.
 */
function writeOf(order: OrderHead, events: readonly EventEnvelope[]): SpanStart {
  const place = placeOf(order, events);
  return {
    ...place,
    name: `append ${events.map(({ type }) => type).join(', ')}`,
    kind: 'client',
    key: `append ${place.parent?.spanId ?? ''} ${events[0]?.eventId ?? ''}`,
    attributes: { 'order.id': order.orderId, 'db.system.name': 'azure.cosmosdb' },
  };
}

/** Under the span that its writer has given to the events; without one, where the order or the request about it is. */
function placeOf(
  { traceparent }: OrderHead,
  [first]: readonly EventEnvelope[],
): Pick<SpanStart, 'parent' | 'links'> {
  const given = first?.traceparent ?? traceparent;
  return given === traceparent ? placeIn(traceparent) : { parent: contextIn(given) };
}

function inSpan(event: EventEnvelope, { context }: OpenSpan): EventEnvelope {
  return { ...event, traceparent: toTraceparent(context) };
}

const ENDS = { OrderCompleted: 'completed', OrderFailed: 'failed', OrderCancelled: 'cancelled' } as const;

function recordEnd(tracer: Tracer, order: OrderHead, events: readonly EventEnvelope[]): void {
  const end = events.find(({ type }) => Object.hasOwn(ENDS, type));
  if (end === undefined) return;
  const outcome = ENDS[end.type as keyof typeof ENDS];
  tracer.record({
    name: 'saga',
    kind: 'internal',
    key: sagaKey,
    parent: sagaParent(order),
    attributes: { 'order.id': order.orderId, outcome },
    startMs: Date.parse(order.createdAt),
    endMs: Date.parse(end.occurredAt),
    error: outcome === 'failed' ? (order.failureCode ?? outcome) : undefined,
  });
}
