// Events without the tokens of payments, for everyone but the payment service: readers of the API and of the bus.
import type { EventEnvelope } from '../domain/event-envelope';

export function withoutTokens(event: EventEnvelope): EventEnvelope {
  if (event.type !== 'OrderCreated' || !event.data.payments.some(({ token }) => token !== undefined))
    return event;
  const payments = event.data.payments.map(({ method, amountMinor }) => ({ method, amountMinor }));
  return { ...event, data: { ...event.data, payments } };
}
