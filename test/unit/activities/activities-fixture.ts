// Fixture of the activities' suites: activities over an order of which something has happened.
import { sharedCipher } from '../../support/field-cipher';
import { createOrderActivities, type OrderActivities } from '../../../src/activities/order-activities';
import type { OrderStepInput, OrderStepOutput } from '../../../src/activities/step-stream';
import { headOf } from '../../../src/domain/order';
import type { Failure, OrderFact } from '../../../src/domain/order-events';
import { toEnvelope } from '../../../src/events/envelope';
import type { ServiceCall } from '../../../src/ports/downstream';
import { createFakeServices } from '../../support/fake-services';
import { createMemoryOrderStore } from '../../support/memory-order-store';
import { SCOPE, AT, ORDER_ID, created, facts, orderAfter, streamOf } from '../../support/orders';

type Name = keyof OrderActivities;
export type Input = OrderStepInput<never>;

export const declined: Failure = facts.compensationStarted.data;

export const callOf = (step: Name): ServiceCall => ({
  ...{ key: `${ORDER_ID}:${step}`, orderId: ORDER_ID, customerId: 'cust-1', timeoutMs: 1 },
  ...{ correlationId: '', traceparent: '' },
});

/** Activities over a store that holds an order of which `held` has happened. */
export function open(...held: OrderFact[]) {
  const orders = createMemoryOrderStore();
  const order = orderAfter(...held);
  const events = streamOf(created, ...held).map((event) =>
    toEnvelope(order, event, event.sequence, { actor: 'test', occurredAt: AT, key: null }),
  );
  const { etag } = orders.seed(order, events);
  const clock = { nowMs: () => Date.parse(AT) };
  const services = createFakeServices();
  const activities = createOrderActivities({ orders, clock, cipher: sharedCipher, ...services });
  const errors: object[] = [];
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (event: string, fields: object) => void errors.push({ event, ...fields }),
  };
  const run = async (step: Name, more: Partial<Input> = {}): Promise<OrderStepOutput> => {
    const input = {
      ...{ state: headOf(order), etag, step, undoes: null, key: `${ORDER_ID}:${step}`, nextStep: null },
      ...{ attempt: 1, lastError: null, timeoutMs: 1_000, refusedForMs: 0, facts: [], failure: null },
      ...{ answer: null, payload: { reservationKey: `${ORDER_ID}:ReserveInventory` }, ...more },
    };
    if (step === 'ConfirmInventory') await services.inventory.reserve(callOf('ReserveInventory'), []);
    return activities[step](input as Input, log);
  };
  const written = async (): Promise<string[]> =>
    (await orders.eventsAfter(SCOPE, ORDER_ID, events.length)).map(({ type }) => type);
  return { orders, services, run, written, errors };
}

/** What the saga has seen of an order, and the store has lost since. */
export const ahead = (...seen: OrderFact[]): Pick<Input, 'state' | 'etag'> => ({
  state: headOf(orderAfter(...seen)),
  etag: 'of a version that is gone',
});
