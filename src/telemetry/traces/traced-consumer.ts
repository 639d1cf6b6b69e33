// Work that messages bring in spans, under the sending of the message. A message without trace context is not traced: it is of no
// order's trace.
import { toTraceparent } from './span-context';
import type { Tracer } from './tracer';
import { publishContext } from './traced-publishers';

/** What is read of a message that is an event of an order; it is not validated here. */
interface Message {
  readonly eventId?: unknown;
  readonly type?: unknown;
  readonly orderId?: unknown;
  readonly traceparent?: unknown;
}

/**
 * Runs `work` for `message`, from the queue or topic `source`, in a span of the consumer `name`. It gets the message with the context
 * of that span. Brought again, it is the same span.
 */
export function inConsumerSpan<T>(
  name: string,
  source: string,
  message: unknown,
  tracer: Tracer,
  work: (message: unknown) => Promise<T>,
): Promise<T> {
  const { eventId, type, orderId, ...given } = (message ?? {}) as Message;
  const parent = publishContext(source, { eventId, ...given });
  if (parent === undefined) return work(message);
  const start = {
    name: typeof type === 'string' ? `${name} ${type}` : name,
    kind: 'consumer' as const,
    key: `consume ${name} ${String(eventId)}`,
    parent,
    attributes: { ...(typeof orderId === 'string' ? { 'order.id': orderId } : {}) },
  };
  return tracer.within(start, ({ context }) =>
    work({ ...(message as Message), traceparent: toTraceparent(context) }),
  );
}
