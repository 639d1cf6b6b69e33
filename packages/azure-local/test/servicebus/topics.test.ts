import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { serviceBusLookAlikeOnly } from '../../testing/contract-target';
import { config, peekAll, receiveOne, type ServiceBus } from '../../testing/servicebus-fixture';
import { openServiceBusTarget } from '../../testing/servicebus-target';

const rule = (CorrelationFilter: unknown): unknown => ({
  Name: 'r',
  Properties: { FilterType: 'Correlation', CorrelationFilter },
});
const subscription = (Name: string, Rules: unknown[] = [], Properties: unknown = {}): unknown => ({
  Name,
  Properties,
  Rules,
});

let bus: ServiceBus;
beforeAll(async () => {
  bus = await openServiceBusTarget(
    config(
      [],
      [
        {
          Name: 'events',
          Properties: { RequiresDuplicateDetection: true },
          Subscriptions: [
            subscription('all'),
            subscription('failed', [rule({ Label: 'PaymentFailed' })]),
            subscription('rich', [rule({ Properties: { amount: 100, vip: true } })]),
            subscription('either', [rule({ Label: 'A' }), rule({ CorrelationId: 'c-1', To: 'x' })]),
            subscription('always', [
              { Name: 'all', Properties: { FilterType: 'Sql', SqlFilter: { SqlExpression: '1=1' } } },
            ]),
            subscription('ordered', [], { RequiresSession: true }),
          ],
        },
      ],
    ),
  );
});
afterAll(() => bus.close());

const inSubscription = (name: string): Promise<ServiceBusReceivedMessage[]> =>
  peekAll(bus, (client) => client.createReceiver('events', name));

test('each subscription gets a copy of what its rules take', async () => {
  await bus.client.createSender('events').sendMessages([
    { body: 1, subject: 'PaymentFailed', sessionId: 's' },
    { body: 2, subject: 'paymentfailed', sessionId: 's' },
    { body: 3, applicationProperties: { amount: 100, vip: true }, sessionId: 's' },
    { body: 4, applicationProperties: { amount: '100', vip: true }, sessionId: 's' },
    { body: 5, correlationId: 'c-1', to: 'x', sessionId: 's' },
    { body: 6, correlationId: 'c-1', sessionId: 's' },
  ]);
  const bodies = async (name: string): Promise<unknown[]> =>
    (await inSubscription(name)).map(({ body }) => body as unknown);
  expect(await bodies('all')).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await bodies('always')).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await bodies('failed')).toEqual([1]);
  expect(await bodies('rich')).toEqual([3]);
  expect(await bodies('either')).toEqual([5]);
});

test('subscriptions are independent: settling in one leaves the copy of the other', async () => {
  await bus.client
    .createSender('events')
    .sendMessages({ body: 'twice', subject: 'PaymentFailed', sessionId: 't' });
  const failed = bus.client.createReceiver('events', 'failed');
  for (;;) {
    const message = await receiveOne(failed);
    await failed.completeMessage(message);
    if (message.body === 'twice') break;
  }
  expect(await inSubscription('failed')).toEqual([]);
  expect((await inSubscription('all')).at(-1)?.body).toBe('twice');
});

test('the dead-letter queue of a subscription names it as the source', async () => {
  const either = bus.client.createReceiver('events', 'either');
  await bus.client.createSender('events').sendMessages({ body: 'bad', subject: 'A', sessionId: 'u' });
  for (;;) {
    const message = await receiveOne(either);
    await either.deadLetterMessage(message, { deadLetterReason: 'R', deadLetterErrorDescription: 'D' });
    if (message.body === 'bad') break;
  }
  const dead = await peekAll(bus, (c) =>
    c.createReceiver('events', 'either', { subQueueType: 'deadLetter' }),
  );
  expect(dead.at(-1)).toMatchObject({
    body: 'bad',
    deadLetterReason: 'R',
    deadLetterSource: 'events/Subscriptions/either',
  });
});

test('duplicates are looked for in the topic, before its subscriptions', async () => {
  const before = (await inSubscription('all')).length;
  const sender = bus.client.createSender('events');
  await sender.sendMessages({ body: 'x', messageId: 'e-1', sessionId: 's' });
  await sender.sendMessages({ body: 'x', messageId: 'e-1', sessionId: 's' });
  expect(await inSubscription('all')).toHaveLength(before + 1);
});

serviceBusLookAlikeOnly('clock')(
  'a message scheduled on a topic reaches its subscriptions at its time',
  async () => {
    const at = new Date(bus.clock.now() + 60_000);
    await bus.client
      .createSender('events')
      .scheduleMessages({ body: 'later', subject: 'PaymentFailed', sessionId: 's' }, at);
    expect((await inSubscription('failed')).map(({ body }) => body as unknown)).not.toContain('later');
    bus.clock.advance(60_000);
    expect((await inSubscription('failed')).map(({ body }) => body as unknown)).toContain('later');
  },
);

test('a message without a session is dead-lettered by a subscription with sessions', async () => {
  await bus.client.createSender('events').sendMessages({ body: 'no session' });
  const dead = await peekAll(bus, (c) =>
    c.createReceiver('events', 'ordered', { subQueueType: 'deadLetter' }),
  );
  expect(dead).toEqual([
    expect.objectContaining({ body: 'no session', deadLetterReason: 'Session id is null.' }),
  ]);
});
