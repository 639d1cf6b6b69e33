// Order store that counts what is written through it: events by type, orders by outcome, compensations, interventions. An
// append is counted where it was accepted, so over all instances each event counts once, whoever wrote it.
import type { EventEnvelope } from '../domain/event-envelope';
import type { Meter } from '../ports/meter';
import type { OrderStore } from '../ports/order-store';
import { stepLabel } from './step-label';

/** `orders`, with what it writes counted by `meter`. */
export function measuredOrders(orders: OrderStore, meter: Meter): OrderStore {
  return {
    ...orders,
    create: async (scope, order, events) => {
      const result = await orders.create(scope, order, events);
      if (result.kind === 'created') countEvents(meter, events);
      return result;
    },
    append: async (scope, before, etag, after, events) => {
      const result = await orders.append(scope, before, etag, after, events);
      if (result.kind === 'appended') countEvents(meter, events);
      return result;
    },
  };
}

const OUTCOMES: Readonly<Record<string, string>> = {
  OrderCreated: 'placed',
  OrderCompleted: 'completed',
  OrderFailed: 'failed',
  OrderCancelled: 'cancelled',
};

function countEvents(meter: Meter, events: readonly EventEnvelope[]): void {
  for (const { type, data } of events) {
    meter.add('order_saga_events_written_total', { type });
    const outcome = OUTCOMES[type];
    if (outcome !== undefined) meter.add('order_saga_orders_total', { outcome });
    if (type === 'InterventionOpened' || type === 'CompensationFailed')
      meter.add('order_saga_interventions_total', {});
    if ('undoes' in data) {
      const labels = {
        step: stepLabel(data.step),
        outcome: type === 'CompensationFailed' ? 'failed' : 'done',
      };
      meter.add('order_saga_compensations_total', labels);
    }
  }
}
