import type { ServiceBusReceivedMessage, ServiceBusReceiver, ServiceBusSender } from '@azure/service-bus';
import { serviceBusLookAlikeOnly } from '../../testing/contract-target';
import {
  codeOf,
  config,
  peekAll,
  queue,
  receive,
  receiveOne,
  type ServiceBus,
} from '../../testing/servicebus-fixture';
import { openServiceBusTarget } from '../../testing/servicebus-target';

const MINUTE = 60_000;
let bus: ServiceBus;
let sender: ServiceBusSender;
let receiver: ServiceBusReceiver;

beforeEach(async () => {
  bus = await openServiceBusTarget(
    config([
      queue('q', {
        MaxDeliveryCount: 2,
        DeadLetteringOnMessageExpiration: true,
        DefaultMessageTimeToLive: 'PT1H',
      }),
      queue('forgetful', { DeadLetteringOnMessageExpiration: false }),
      queue('unique', { RequiresDuplicateDetection: true, DuplicateDetectionHistoryTimeWindow: 'PT5M' }),
    ]),
  );
  sender = bus.client.createSender('q');
  receiver = bus.client.createReceiver('q');
});
afterEach(() => bus.close());

const left = (name = 'q'): Promise<ServiceBusReceivedMessage[]> =>
  peekAll(bus, (client) => client.createReceiver(name));
const deadLetter = (): Promise<ServiceBusReceivedMessage> =>
  receiveOne(bus.client.createReceiver('q', { subQueueType: 'deadLetter' }));

serviceBusLookAlikeOnly('clock')(
  'when a lock runs out a second receiver gets the message, and the first can no longer complete it',
  async () => {
    await sender.sendMessages({ body: 1 });
    const first = await receiveOne(receiver);
    const other = bus.client.createReceiver('q');
    const waiting = receiveOne(other);
    bus.clock.advance(MINUTE);
    const second = await waiting;
    expect(second.deliveryCount).toBe(1);
    expect(await codeOf(receiver.completeMessage(first))).toBe('MessageLockLost');
    expect(await left()).toHaveLength(1);
    await other.completeMessage(second);
    expect(await left()).toEqual([]);
  },
);

test('a message whose lock was renewed can be completed', async () => {
  await sender.sendMessages({ body: 1 });
  const message = await receiveOne(receiver);
  const until = await receiver.renewMessageLock(message);
  expect(until.getTime()).toBeGreaterThan(bus.nowMs());
  await receiver.completeMessage(message);
  expect(await left()).toEqual([]);
});

serviceBusLookAlikeOnly('clock')('a lock that is renewed holds on', async () => {
  await sender.sendMessages({ body: 1 });
  const message = await receiveOne(receiver);
  bus.clock.advance(MINUTE - 1);
  expect(await receiver.renewMessageLock(message)).toEqual(new Date(bus.clock.now() + MINUTE));
  bus.clock.advance(MINUTE - 1);
  await receiver.completeMessage(message);
  expect(await left()).toEqual([]);
});

serviceBusLookAlikeOnly('clock')('a lost lock cannot be renewed', async () => {
  await sender.sendMessages({ body: 1 });
  const message = await receiveOne(receiver);
  bus.clock.advance(MINUTE);
  expect(await codeOf(receiver.renewMessageLock(message))).toBe('MessageLockLost');
});

serviceBusLookAlikeOnly('clock')('locks that run out use up deliveries', async () => {
  await sender.sendMessages({ body: 'slow' });
  for (const deliveryCount of [0, 1]) {
    expect((await receiveOne(receiver)).deliveryCount).toBe(deliveryCount);
    bus.clock.advance(MINUTE);
  }
  expect(await deadLetter()).toMatchObject({ body: 'slow', deadLetterReason: 'MaxDeliveryCountExceeded' });
});

test('a link that closes keeps its locks; the client settles through the management link', async () => {
  await sender.sendMessages({ body: 1 });
  const message = await receiveOne(receiver);
  await receiver.close();
  const other = bus.client.createReceiver('q');
  expect(await other.receiveMessages(1, { maxWaitTimeInMs: 100 })).toEqual([]);
  await other.completeMessage(message);
  expect(await left()).toEqual([]);
});

serviceBusLookAlikeOnly('clock')(
  'a message past its time to live is dead-lettered where the queue says so',
  async () => {
    await sender.sendMessages([{ body: 'short', timeToLive: MINUTE }, { body: 'long' }]);
    bus.clock.advance(MINUTE);
    expect(await deadLetter()).toMatchObject({
      body: 'short',
      deadLetterReason: 'TTLExpiredException',
      deadLetterErrorDescription: 'The message expired and was dead lettered.',
    });
    expect((await left()).map(({ body }) => body as unknown)).toEqual(['long']);
  },
);

serviceBusLookAlikeOnly('clock')(
  'a message past its time to live is dropped where the queue says nothing',
  async () => {
    await bus.client.createSender('forgetful').sendMessages({ body: 'short', timeToLive: 1000 });
    bus.clock.advance(1000);
    expect(await left('forgetful')).toEqual([]);
    expect(await peekAll(bus, (c) => c.createReceiver('forgetful', { subQueueType: 'deadLetter' }))).toEqual(
      [],
    );
  },
);

serviceBusLookAlikeOnly('clock')("no message outlives the queue's own time to live", async () => {
  await sender.sendMessages({ body: 1, timeToLive: 100 * 60 * MINUTE });
  bus.clock.advance(60 * MINUTE);
  expect((await deadLetter()).deadLetterReason).toBe('TTLExpiredException');
});

serviceBusLookAlikeOnly('clock')('a locked message expires when it is given back, not before', async () => {
  await sender.sendMessages({ body: 1, timeToLive: 1000 });
  const message = await receiveOne(receiver);
  bus.clock.advance(2000);
  expect(await left()).toHaveLength(1);
  await receiver.abandonMessage(message);
  expect((await deadLetter()).deadLetterReason).toBe('TTLExpiredException');
});

test('a scheduled message is there, and is not received before its time', async () => {
  const at = new Date(bus.nowMs() + 10 * MINUTE);
  await sender.scheduleMessages({ body: 'later' }, at);
  await sender.sendMessages([{ body: 'now' }, { body: 'later too', scheduledEnqueueTimeUtc: at }]);
  expect((await left()).map(({ state }) => state)).toEqual(['scheduled', 'active', 'scheduled']);
  expect((await receiveOne(receiver)).body).toBe('now');
  expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 500 })).toEqual([]);
});

serviceBusLookAlikeOnly('clock')(
  'a scheduled message arrives at its time, with a number of its own then',
  async () => {
    const at = new Date(bus.clock.now() + MINUTE);
    const [number] = await sender.scheduleMessages({ body: 'later' }, at);
    await sender.sendMessages([{ body: 'now' }, { body: 'later too', scheduledEnqueueTimeUtc: at }]);
    expect((await left()).map(({ state }) => state)).toEqual(['scheduled', 'active', 'scheduled']);
    await receiver.completeMessage(await receiveOne(receiver));
    bus.clock.advance(MINUTE);
    const [first, second] = await receive(receiver, 2);
    expect([first?.body, second?.body]).toEqual(['later', 'later too']);
    expect(first?.sequenceNumber?.toNumber()).toBeGreaterThan(number?.toNumber() ?? Infinity);
    expect(first?.enqueuedTimeUtc).toEqual(at);
  },
);

test('a scheduled message that is cancelled is gone, and cannot be cancelled again', async () => {
  const [number] = await sender.scheduleMessages([{ body: 1 }], new Date(bus.nowMs() + 10 * MINUTE));
  if (number === undefined) throw new Error('a number was given');
  await sender.cancelScheduledMessages(number);
  expect(await left()).toEqual([]);
  expect(await codeOf(sender.cancelScheduledMessages(number))).toBe('MessageNotFound');
});

serviceBusLookAlikeOnly('clock')('a scheduled message that is cancelled never arrives', async () => {
  const [number] = await sender.scheduleMessages([{ body: 1 }], new Date(bus.clock.now() + MINUTE));
  if (number === undefined) throw new Error('a number was given');
  await sender.cancelScheduledMessages(number);
  bus.clock.advance(2 * MINUTE);
  expect(await left()).toEqual([]);
});

serviceBusLookAlikeOnly('disk')('schedules, times to live and remembered ids survive a restart', async () => {
  await sender.scheduleMessages({ body: 'later' }, new Date(bus.clock.now() + MINUTE));
  await bus.client.createSender('unique').sendMessages({ body: 1, messageId: 'm-1' });
  await bus.restart();
  bus.clock.advance(MINUTE);
  await bus.client.createSender('unique').sendMessages({ body: 2, messageId: 'm-1' });
  expect((await left('unique')).map(({ body }) => body as unknown)).toEqual([1]);
  expect((await receiveOne(bus.client.createReceiver('q'))).body).toBe('later');
  bus.clock.advance(60 * MINUTE);
  expect((await deadLetter()).deadLetterReason).toBe('TTLExpiredException');
});

test('a second message with the same id is dropped, also after the first was completed', async () => {
  const to = bus.client.createSender('unique');
  const from = bus.client.createReceiver('unique');
  await to.sendMessages({ body: 'first', messageId: 'm-1' });
  await from.completeMessage(await receiveOne(from));
  await to.sendMessages([
    { body: 'again', messageId: 'm-1' },
    { body: 'other', messageId: 'm-2' },
  ]);
  expect((await left('unique')).map(({ body }) => body as unknown)).toEqual(['other']);
});

serviceBusLookAlikeOnly('clock')(
  'a second message with the same id is dropped inside the window and taken after it',
  async () => {
    const to = bus.client.createSender('unique');
    const from = bus.client.createReceiver('unique');
    await to.sendMessages({ body: 'first', messageId: 'm-1' });
    await from.completeMessage(await receiveOne(from));
    bus.clock.advance(5 * MINUTE - 1);
    await to.sendMessages([
      { body: 'again', messageId: 'm-1' },
      { body: 'other', messageId: 'm-2' },
    ]);
    expect((await left('unique')).map(({ body }) => body as unknown)).toEqual(['other']);
    bus.clock.advance(1);
    await to.sendMessages({ body: 'after the window', messageId: 'm-1' });
    expect((await left('unique')).map(({ body }) => body as unknown)).toEqual(['other', 'after the window']);
  },
);
