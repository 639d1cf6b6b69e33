// Messages that are put off while no orders are taken, on the Service Bus look-alike with the official SDK: on a queue that drops
// duplicates, and on one that does not.
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { config, openServiceBus, queue, type ServiceBus } from 'azure-local/testing/servicebus-fixture';
import { toInboundMessage } from '../../src/adapters/service-bus-delivery';
import { createPostpone } from '../../src/adapters/service-bus-postponing';

const LATER_MS = 10_000;
/** For so long a message is under lock. */
const LOCK_MS = 60_000;
const BODY = { customerId: 'cust-1' };

let bus: ServiceBus;
beforeAll(async () => {
  bus = await openServiceBus(
    config([queue('detecting', { RequiresDuplicateDetection: true }), queue('plain')]),
  );
});
afterAll(() => bus.close());

/** Takes one message; `act` settles it or leaves it under lock. */
async function take(
  name: string,
  act: (message: ServiceBusReceivedMessage, complete: () => Promise<void>) => Promise<void> = (
    _message,
    complete,
  ) => complete(),
): Promise<ServiceBusReceivedMessage> {
  const receiver = bus.client.createReceiver(name);
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
  if (message === undefined) throw new Error('there is no message');
  await act(message, () => receiver.completeMessage(message));
  await receiver.close();
  return message;
}

const peek = async (name: string): Promise<readonly ServiceBusReceivedMessage[]> => {
  const receiver = bus.client.createReceiver(name);
  const messages = await receiver.peekMessages(10);
  await receiver.close();
  return messages;
};

describe.each(['detecting', 'plain'])('on the queue %s', (name) => {
  const postpone = (message: ServiceBusReceivedMessage): Promise<void> =>
    createPostpone(() => Promise.resolve(bus.client), name)(message, bus.nowMs() + LATER_MS);

  test('a message that is put off again and again keeps the id and the key of its sender, and is never lost', async () => {
    const sender = bus.client.createSender(name);
    await sender.sendMessages({ messageId: 'm-1', body: BODY, applicationProperties: { source: 'shop' } });
    const ids = new Set<unknown>(['m-1']);
    for (let times = 1; times <= 3; times += 1) {
      await take(name, async (message, complete) => {
        await postpone(message);
        await complete();
      });
      const [copy] = await peek(name);
      ids.add(copy?.messageId);
      expect(ids.size).toBe(1 + times);
      expect(copy?.applicationProperties).toEqual({
        ...{ source: 'shop', idempotencyKey: 'm-1', originalMessageId: 'm-1' },
      });
      bus.clock.advance(LATER_MS);
    }
    const taken = await take(name);
    expect(taken.body).toEqual(BODY);
    expect(toInboundMessage(taken)).toMatchObject({ messageId: 'm-1', key: 'm-1', deliveryCount: 1 });
    expect(await peek(name)).toEqual([]);
  });

  test('a key of its own stays beside the id', async () => {
    await bus.client
      .createSender(name)
      .sendMessages({ messageId: 'm-2', body: BODY, applicationProperties: { idempotencyKey: 'key-2' } });
    await take(name, async (message, complete) => {
      await postpone(message);
      await complete();
    });
    bus.clock.advance(LATER_MS);
    expect(toInboundMessage(await take(name))).toMatchObject({ messageId: 'm-2', key: 'key-2' });
  });
});

test('a crash between copy and completion leaves one message where duplicates are dropped, two of one key where not', async () => {
  const left: Record<string, unknown[]> = {};
  for (const name of ['detecting', 'plain']) {
    const postpone = createPostpone(() => Promise.resolve(bus.client), name);
    const later = bus.nowMs() + 10 * LOCK_MS;
    await bus.client.createSender(name).sendMessages({ messageId: 'm-3', body: BODY });
    await take(name, (message) => postpone(message, later));
    bus.clock.advance(LOCK_MS);
    await take(name, async (message, complete) => {
      expect(message.deliveryCount).toBe(1);
      await postpone(message, later);
      await complete();
    });
    left[name] = (await peek(name)).map((message) => toInboundMessage(message).key);
  }
  expect(left).toEqual({ detecting: ['m-3'], plain: ['m-3', 'm-3'] });
});
