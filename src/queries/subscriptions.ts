// Subscriptions to the feed of all orders: what a reader wants of it, and the form in which it wants that. Pure. Another reader
// of the same feed is given the events as they were written. It is done here and not in the broker, where every event is paid
// for once more with every filter.
import { decimalIn } from '../domain/money';
import type { EventEnvelope } from '../domain/event-envelope';
import { readEvent } from '../events/read-event';

export interface Subscription {
  /** What its reader is given of an event; undefined: nothing. */
  readonly take: (event: EventEnvelope) => unknown;
}

const LARGE = 100;

export const SUBSCRIPTIONS = {
  /** Orders of more than 100 in their currency, with the total as `amount`. */
  'large-orders': {
    take: (event) => {
      if (event.type !== 'OrderCreated') return undefined;
      const { eventId, orderId, occurredAt, data } = event;
      const amount = decimalIn(data.currency, data.totalMinor);
      return amount > LARGE ? { eventId, orderId, occurredAt, amount, currency: data.currency } : undefined;
    },
  },
} as const satisfies Readonly<Record<string, Subscription>>;

export type SubscriptionName = keyof typeof SUBSCRIPTIONS;
export const SUBSCRIPTION_NAMES = Object.keys(SUBSCRIPTIONS) as [SubscriptionName];

/** The event as the subscription has it; undefined for what it does not want, and for what this release cannot read. */
export function takenBy(name: SubscriptionName, stored: unknown): unknown {
  const read = readEvent(stored);
  return read.kind === 'event' ? SUBSCRIPTIONS[name].take(read.event) : undefined;
}
