// NotifyCustomers over the notification simulator: what customers are told, once.
import { sharedCipher } from '../../support/field-cipher';
import { createNotificationService } from '../../../src/adapters/notification-service';
import { createServiceClient, type ServiceClient } from '../../../src/adapters/service-client';
import { createCustomerNotifier } from '../../../src/consumers/notify-customers';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import { toEnvelope } from '../../../src/events/envelope';
import { rememberingLog } from '../../support/inventory-event-input';
import { createMemoryOrderStore } from '../../support/memory-order-store';
import { envelopes } from '../../support/memory-read-models';
import { AT, created, facts, ORDER_ID, orderAfter } from '../../support/orders';
import { closeServices, openServices, type Services } from 'order-saga-simulators/testing/simulated-services';

const envelope = (fact: Parameters<typeof toEnvelope>[1]): EventEnvelope =>
  toEnvelope(orderAfter(), fact, 2, { actor: 'saga', occurredAt: AT, key: null });
const completed = envelope(facts.completed);
const cancelled = envelope(facts.cancelled);

let services: Services;
let client: ServiceClient;
beforeEach(async () => {
  services = await openServices();
  client = createServiceClient({
    service: 'notification',
    baseUrl: `${services.url}/notifications`,
    breakerOpenMs: 1,
  });
});
afterEach(async () => {
  await client.close();
  await closeServices();
});

function open() {
  const orders = createMemoryOrderStore();
  orders.seed(orderAfter(), envelopes(ORDER_ID, [created]));
  const parked: unknown[] = [];
  const parking = { park: (_: string, document: unknown) => Promise.resolve(void parked.push(document)) };
  const { lines, log } = rememberingLog();
  const notifications = createNotificationService(client);
  const consumer = createCustomerNotifier({ orders, notifications, parking, cipher: sharedCipher });
  return { orders, parked, lines, take: (json: unknown) => consumer.take(json, log) };
}

const statusOf = async (kind: string): Promise<unknown> =>
  (await services.get(`/notifications/messages/${ORDER_ID}%3A${kind}`)).body;
const messages = async (): Promise<string[]> => {
  const { body } = await services.get('/control/ledger');
  return (body as { key: string }[]).map(({ key }) => key.slice(ORDER_ID.length + 1));
};

describe('a customer', () => {
  test('gets one confirmation of a completed order, however often the event comes', async () => {
    const app = open();
    await Promise.all([app.take(completed), app.take(completed)]);
    await app.take(completed);
    expect(await messages()).toEqual(['confirmation']);
  });

  test('gets a notice when the order is cancelled after that, and the confirmation is void', async () => {
    const app = open();
    await app.take(completed);
    await app.take(cancelled);
    await app.take(cancelled);
    expect(await messages()).toEqual(['confirmation', 'cancellation']);
    expect(await statusOf('confirmation')).toMatchObject({ status: 'void' });
  });

  test('notify-customers.N2: gets no confirmation any more once the cancellation came first', async () => {
    const app = open();
    await app.take(cancelled);
    await app.take(completed);
    expect(await messages()).toEqual(['cancellation']);
    expect(app.lines).toMatchObject([{ level: 'info', event: 'message held back: it is void' }]);
  });

  test('notify-customers.N1: gets one message when the answer of the service was lost and the event comes again', async () => {
    const app = open();
    await services.put('/control/faults', [{ service: 'notifications', fault: 'loseAnswer', times: 1 }]);
    await expect(app.take(completed)).rejects.toMatchObject({ code: 'NOTIFICATION_FAILED' });
    await app.take(completed);
    expect(await messages()).toEqual(['confirmation']);
  });

  test('gets the message after an outage, which is told as one', async () => {
    const app = open();
    await services.put('/control/faults', [{ service: 'notifications', fault: 'down', times: 1 }]);
    await expect(app.take(completed)).rejects.toMatchObject({ details: { outage: true } });
    await app.take(completed);
    expect(await messages()).toEqual(['confirmation']);
  });
});

describe('of a return', () => {
  const RETURN = `${ORDER_ID}:return:1`;
  const closed = envelope({ type: 'ReturnClosed', data: { returnNumber: 1 } });
  const rejected = envelope({
    type: 'ReturnRejected',
    data: {
      ...{ returnNumber: 1, kind: 'timedOut', code: 'RETURN_REJECTED' },
      ...{ detailCode: 'PARCEL_NOT_RECEIVED', reason: 'no parcel' },
    },
  });

  test.each([
    ['refunded', closed, 'returnRefunded'],
    ['refused', rejected, 'returnRejected'],
  ])('a customer is told once that it is %s', async (_, event, kind) => {
    const app = open();
    await app.take(event);
    await app.take(event);
    expect(await messages()).toEqual([`return:1:${kind}`]);
    const { body } = await services.get(`/notifications/messages/${encodeURIComponent(`${RETURN}:${kind}`)}`);
    expect(body).toMatchObject({ kind, status: 'sent' });
  });

  test('each of several is told by itself, and beside the end of the order', async () => {
    const app = open();
    const second = envelope({ type: 'ReturnClosed', data: { returnNumber: 2 } });
    for (const event of [completed, closed, second]) await app.take(event);
    expect(await messages()).toEqual(['confirmation', 'return:1:returnRefunded', 'return:2:returnRefunded']);
  });
});

describe('an event that no repetition would turn into a message', () => {
  test.each<[string, (app: ReturnType<typeof open>) => unknown, string]>([
    [
      'because the service refuses it',
      () => services.put('/control/faults', [{ service: 'notifications', fault: 'refuse' }]),
      'notification: The message cannot be delivered.',
    ],
    [
      'because its order is gone',
      ({ orders }) => void (orders.placed = () => Promise.resolve(undefined)),
      'the order is gone from the store',
    ],
  ])('%s is an error in the log and is not asked for again', async (_, breakIt, reason) => {
    const app = open();
    await breakIt(app);
    expect(await app.take(completed)).toBe('handled');
    expect(app.lines).toMatchObject([{ level: 'error', event: 'customer not notified', fields: { reason } }]);
  });

  test('because it is no event of an order is parked', async () => {
    const app = open();
    await app.take('hello');
    expect(app.parked).toEqual(['hello']);
  });
});
