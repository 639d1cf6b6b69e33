import type { ServiceBusReceivedMessage, ServiceBusReceiver, ServiceBusSender } from '@azure/service-bus';
import { uuidText } from '../../src/kit/uuid';
import { serviceBusLookAlikeOnly } from '../../testing/contract-target';
import {
  codeOf,
  config,
  messageOf,
  peekAll,
  queue,
  receive,
  receiveOne,
  type ServiceBus,
} from '../../testing/servicebus-fixture';
import { openServiceBusTarget } from '../../testing/servicebus-target';

const TITLES = 24;
const names = Array.from({ length: TITLES }, (_, n) => `q-${n}`);
let bus: ServiceBus;
let taken = 0;
let name: string;
let sender: ServiceBusSender;
let receiver: ServiceBusReceiver;

beforeAll(async () => {
  bus = await openServiceBusTarget(config(names.map((one) => queue(one, { MaxDeliveryCount: 3 }))));
});
afterAll(() => bus.close());
beforeEach(() => {
  name = names[taken] ?? 'none left';
  taken += 1;
  sender = bus.client.createSender(name);
  receiver = bus.client.createReceiver(name);
});
afterEach(() => Promise.all([sender.close(), receiver.close()]));

const deadLetters = (): ServiceBusReceiver => bus.client.createReceiver(name, { subQueueType: 'deadLetter' });
const left = (): Promise<ServiceBusReceivedMessage[]> =>
  peekAll(bus, (client) => client.createReceiver(name));

test('a message arrives with all it was sent with, and with what the broker adds', async () => {
  const sent = {
    body: { lines: [1, 2] },
    messageId: 'm-1',
    correlationId: 'c-1',
    contentType: 'application/json',
    subject: 'OrderCreated',
    to: 'there',
    replyTo: 'here',
    replyToSessionId: 'rs-1',
    sessionId: 's-1',
    partitionKey: 's-1',
    timeToLive: 60_000,
    applicationProperties: { text: 'é', half: 0.5, count: 7, big: 2 ** 40, yes: true, nothing: null },
  };
  await sender.sendMessages(sent);
  const message = await receiveOne(receiver);
  expect(message).toMatchObject({
    ...sent,
    deliveryCount: 0,
    state: 'active',
  });
  expect(message.sequenceNumber?.toNumber()).toBe(1);
  expect(message.enqueuedSequenceNumber).toBe(1);
});

serviceBusLookAlikeOnly('clock')(
  'a message says when it came, how long it is locked, and when it expires',
  async () => {
    await sender.sendMessages({ body: 1, timeToLive: 120_000 });
    expect(await receiveOne(receiver)).toMatchObject({
      enqueuedTimeUtc: new Date(bus.clock.now()),
      lockedUntilUtc: new Date(bus.clock.now() + 60_000),
      expiresAtUtc: new Date(bus.clock.now() + 120_000),
    });
  },
);

test('a locked message has its lock token in the delivery annotations, deferred or not; others have none', async () => {
  const annotated = (message: ServiceBusReceivedMessage | undefined): unknown => {
    const token = message?._rawAmqpMessage.deliveryAnnotations?.['x-opt-lock-token'] as object | undefined;
    // The SDK clones the bytes into an object.
    return token && uuidText(Buffer.from(Object.values(token)));
  };
  await sender.sendMessages({ body: 1 });
  expect((await left()).map(annotated)).toEqual([undefined]);
  const message = await receiveOne(receiver);
  expect(message.lockToken).toMatch(/^[0-9a-f-]{36}$/);
  expect(annotated(message)).toBe(message.lockToken);

  await receiver.deferMessage(message);
  const [deferred] = await receiver.receiveDeferredMessages(message.sequenceNumber ?? []);
  expect(annotated(deferred)).toBe(deferred?.lockToken);
  if (deferred !== undefined) await receiver.completeMessage(deferred);

  await sender.sendMessages({ body: 2 });
  const deleting = bus.client.createReceiver(name, { receiveMode: 'receiveAndDelete' });
  expect(annotated(await receiveOne(deleting))).toBeUndefined();
  await deleting.close();
});

test('a message without an id gets one', async () => {
  await sender.sendMessages({ body: 'x' });
  expect((await receiveOne(receiver)).messageId).toMatch(/^[0-9a-f-]{36}$/);
});

test('a completed message is gone', async () => {
  await sender.sendMessages({ body: 1 });
  await receiver.completeMessage(await receiveOne(receiver));
  expect(await left()).toEqual([]);
});

test('messages of a batch arrive in order, bytes and values included', async () => {
  const bodies = ['one', { two: 2 }, Buffer.from([3, 0, 255]), [4], null];
  await sender.sendMessages(bodies.map((body) => ({ body })));
  expect((await receive(receiver, 5)).map(({ body }) => body as unknown)).toEqual(bodies);
});

test('a batch made by the SDK may hold as much as one message', async () => {
  const batch = await sender.createMessageBatch();
  expect(batch.maxSizeInBytes).toBe(256 * 1024);
  expect(batch.tryAddMessage({ body: Buffer.alloc(130_000) })).toBe(true);
  expect(batch.tryAddMessage({ body: Buffer.alloc(130_000) })).toBe(true);
  await sender.sendMessages(batch);
  expect(await receive(receiver, 2)).toHaveLength(2);
});

test('a body of 255 KB goes through in both directions', async () => {
  const body = Buffer.from(Array.from({ length: 255 * 1024 }, (_, n) => n % 251));
  await sender.sendMessages({ body });
  const message = await receiveOne(receiver);
  expect(body.equals(message.body as Buffer)).toBe(true);
  await receiver.completeMessage(message);
});

test('bodies that are more together than may wait in a socket all arrive', async () => {
  const COUNT = 48;
  for (let n = 0; n < COUNT; n += 1) await sender.sendMessages({ body: Buffer.alloc(240 * 1024, n) });
  const messages = await receive(receiver, COUNT);
  expect(messages.map(({ body }) => (body as Buffer)[0])).toEqual(Array.from({ length: COUNT }, (_, n) => n));
});

test('a message over the limit is refused, and the link goes on', async () => {
  const refused = sender.sendMessages({ body: Buffer.alloc(300_000) });
  expect(await codeOf(refused)).toBe('MessageSizeExceeded');
  await sender.sendMessages({ body: 'small' });
  expect((await receiveOne(receiver)).body).toBe('small');
});

test('an abandoned message comes again, first in line, counted, with its properties changed', async () => {
  await sender.sendMessages([{ body: 1, applicationProperties: { kept: 'k', tries: 0 } }, { body: 2 }]);
  await receiver.abandonMessage(await receiveOne(receiver), { tries: 1, why: 'later' });
  const again = await receiveOne(receiver);
  expect(again).toMatchObject({
    body: 1,
    deliveryCount: 1,
    applicationProperties: { kept: 'k', tries: 1, why: 'later' },
  });
});

test('a message is delivered as often as MaxDeliveryCount says, then dead-lettered', async () => {
  await sender.sendMessages({ body: 'poison' });
  for (const deliveryCount of [0, 1, 2]) {
    const message = await receiveOne(receiver);
    expect(message.deliveryCount).toBe(deliveryCount);
    await receiver.abandonMessage(message);
  }
  const [dead] = await deadLetters().receiveMessages(1, { maxWaitTimeInMs: 5000 });
  expect(dead).toMatchObject({
    body: 'poison',
    deadLetterReason: 'MaxDeliveryCountExceeded',
    deadLetterErrorDescription: 'Message could not be consumed after 3 delivery attempts.',
    deadLetterSource: name,
  });
  expect(await left()).toEqual([]);
});

test('a dead-lettered message says why, keeps its number, and can be sent again', async () => {
  await sender.sendMessages({ body: 'bad', messageId: 'm-9', applicationProperties: { a: 1 } });
  const message = await receiveOne(receiver);
  await receiver.deadLetterMessage(message, {
    deadLetterReason: 'ValidationFailed',
    deadLetterErrorDescription: 'items[0].quantity',
    seen: true,
  });
  const dead = await receiveOne(deadLetters());
  expect(dead).toMatchObject({
    messageId: 'm-9',
    deadLetterReason: 'ValidationFailed',
    deadLetterErrorDescription: 'items[0].quantity',
    applicationProperties: { a: 1, seen: true },
    sequenceNumber: message.sequenceNumber,
  });
  await sender.sendMessages(dead);
  expect(await receiveOne(receiver)).toMatchObject({ body: 'bad', deliveryCount: 0 });
});

test('what is in a dead-letter queue can be abandoned for ever', async () => {
  await sender.sendMessages({ body: 'bad' });
  await receiver.deadLetterMessage(await receiveOne(receiver));
  const dead = deadLetters();
  for (let n = 0; n < 5; n += 1) await dead.abandonMessage(await receiveOne(dead));
  expect((await receiveOne(dead)).body).toBe('bad');
});

serviceBusLookAlikeOnly('texts')('what is in a dead-letter queue cannot be dead-lettered again', async () => {
  await sender.sendMessages({ body: 'bad' });
  await receiver.deadLetterMessage(await receiveOne(receiver));
  const dead = deadLetters();
  const message = await receiveOne(dead);
  expect(await messageOf(dead.deadLetterMessage(message))).toMatch(/is a dead-letter queue/);
});

serviceBusLookAlikeOnly('texts')('nothing can be sent to a dead-letter queue', async () => {
  const astray = bus.client.createSender(`${name}/$deadletterqueue`);
  expect(await messageOf(astray.sendMessages({ body: 1 }))).toMatch(/send to the queue or the topic/);
});

test('a deferred message is received by its number only, and settled', async () => {
  await sender.sendMessages([{ body: 'later' }, { body: 'now' }]);
  const [later, now] = await receive(receiver, 2);
  if (later?.sequenceNumber === undefined || now === undefined) throw new Error('two messages were sent');
  await receiver.deferMessage(later, { reason: 'not yet' });
  await receiver.abandonMessage(now);
  expect((await receiveOne(receiver)).body).toBe('now');
  expect((await left()).map(({ state }) => state)).toEqual(['deferred', 'active']);

  const [deferred] = await receiver.receiveDeferredMessages(later.sequenceNumber);
  expect(deferred).toMatchObject({
    body: 'later',
    deliveryCount: 1,
    applicationProperties: { reason: 'not yet' },
  });
  const twice = receiver.receiveDeferredMessages(later.sequenceNumber);
  expect(await codeOf(twice)).toBe('MessageNotFound');
  if (deferred !== undefined) await receiver.completeMessage(deferred);
  expect((await left()).map(({ body }) => body as unknown)).toEqual(['now']);
});

test('a message received in mode receiveAndDelete is gone', async () => {
  await sender.sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
  const deleting = bus.client.createReceiver(name, { receiveMode: 'receiveAndDelete' });
  expect((await receive(deleting, 2)).map(({ body }) => body as unknown)).toEqual([1, 2]);
  await deleting.close();
  expect((await left()).map(({ body }) => body as unknown)).toEqual([3]);
});

test('peeking shows messages in order from a number on and changes nothing', async () => {
  await sender.sendMessages(Array.from({ length: 5 }, (_, n) => ({ body: n })));
  const third = (await receive(receiver, 3))[2];
  if (third?.sequenceNumber === undefined) throw new Error('five messages were sent');
  const from = await receiver.peekMessages(2, { fromSequenceNumber: third.sequenceNumber });
  expect(from.map(({ body }) => body as unknown)).toEqual([2, 3]);
  expect((await receiver.peekMessages(9)).map(({ body }) => body as unknown)).toEqual([4]);
  expect(await left()).toHaveLength(5);
});

test('a receiver that waits gets what is sent then', async () => {
  const waiting = receiver.receiveMessages(1, { maxWaitTimeInMs: 10_000 });
  await sender.sendMessages({ body: 'at last' });
  expect((await waiting).map(({ body }) => body as unknown)).toEqual(['at last']);
});

test('two receivers share a queue, and none gets what the other has', async () => {
  const other = bus.client.createReceiver(name);
  await sender.sendMessages(Array.from({ length: 10 }, (_, n) => ({ body: n })));
  const [mine, theirs] = [await receive(receiver, 4), await receive(other, 6)];
  const bodies = [...mine, ...theirs].map(({ body }) => body as number);
  expect(bodies.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a subscriber with automatic completion empties a queue longer than its credit and than a page', async () => {
  const COUNT = 1500;
  await sender.sendMessages(Array.from({ length: COUNT }, (_, n) => ({ body: n })));
  const seen: number[] = [];
  await new Promise<void>((resolve, reject) => {
    receiver.subscribe(
      {
        processMessage: ({ body }) => {
          if (seen.push(body as number) === COUNT) resolve();
          return Promise.resolve();
        },
        processError: ({ error }) => {
          reject(error);
          return Promise.resolve();
        },
      },
      { maxConcurrentCalls: 16 },
    );
  });
  await receiver.close();
  expect(new Set(seen).size).toBe(COUNT);
  expect(seen.slice(0, 3)).toEqual([0, 1, 2]);
  expect((await left()).length).toBeLessThan(COUNT);
});

test('names are compared without case', async () => {
  await bus.client.createSender(name.toUpperCase()).sendMessages({ body: 1 });
  expect((await receiveOne(receiver)).body).toBe(1);
});
