// Tokens of payments: for the payment service only, so neither relayed nor shown.
import { relayChanges } from '../../../src/events/relay';
import { toEnvelope } from '../../../src/events/envelope';
import { auditedEvents } from '../../../src/queries/order-history';
import { headOf } from '../../../src/domain/order';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import { createMemoryOrderStore } from '../../support/memory-order-store';
import { AT, created, orderOf, withCoupon } from '../../support/orders';

const TOKEN = 'v1.a-key.dG9rX3Zpc2E';
const order = headOf(orderOf(withCoupon));
const payments = withCoupon.payments.map((payment) =>
  'token' in payment ? { ...payment, token: TOKEN } : payment,
);
const event = toEnvelope(order, { ...created, data: { ...created.data, ...withCoupon, payments } }, 1, {
  ...{ actor: 'cust-1', occurredAt: AT, key: null },
});

test('the event of an order is stored with its token', () => {
  expect(JSON.stringify(event)).toContain(TOKEN);
});

test('what is relayed has the payments, and no token', async () => {
  const published: EventEnvelope[] = [];
  const publisher = {
    publish: (events: readonly EventEnvelope[]) => {
      published.push(...events);
      return Promise.resolve([]);
    },
  };
  const parking = { park: () => Promise.resolve() };
  await relayChanges({ source: 'test', publisher, parking }, [
    { id: event.eventId, kind: 'event', ...event },
  ]);
  expect(published[0]?.data).toMatchObject({ payments: [{ amountMinor: 5_000 }, { amountMinor: null }] });
  expect(JSON.stringify(published)).not.toContain(TOKEN);
});

test('what the API shows of the events has the payments, and no token', async () => {
  const orders = createMemoryOrderStore();
  orders.seed(order, [event]);
  const [shown] = await auditedEvents(orders, order, { after: 0, limit: 10 });
  expect(shown?.data).toMatchObject({ payments: [{ method: 'giftCard' }, { method: 'card' }] });
  expect(JSON.stringify(shown)).not.toContain(TOKEN);
});
