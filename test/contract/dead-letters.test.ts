// Dead letters on the Service Bus look-alike with the official SDK, as an operator's tools work on them.
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { config, openServiceBus, queue, type ServiceBus } from 'azure-local/testing/servicebus-fixture';
import { createServiceBusDeadLetters } from '../../src/adapters/service-bus-dead-letters';
import { orderIdFor } from '../../src/commands/place-order';
import {
  groupLetters,
  listLetters,
  redriveLetters,
  type RedriveRequest,
} from '../../src/operations/dead-letters';
import type { OperatorAct } from '../../src/ports/audit';

const SCOPE = { tenantId: 'default' };
const QUEUES = { orders: 'orders', notifications: 'customer-notifications' };
const BODY = {
  customerId: 'cust-1',
  items: [{ productId: 'p', productName: 'P', quantity: 1, unitPrice: 1 }],
};

let bus: ServiceBus;
let acts: OperatorAct[];
beforeEach(async () => {
  const properties = { MaxDeliveryCount: 3, RequiresDuplicateDetection: true };
  bus = await openServiceBus(config([queue('orders', properties), queue('customer-notifications')]));
  acts = [];
});
afterEach(() => bus.close());

const ports = () => ({
  letters: createServiceBusDeadLetters(() => Promise.resolve(bus.client)),
  audit: {
    record: (_: unknown, act: OperatorAct) => Promise.resolve(void acts.push(act)),
    list: () => Promise.resolve(acts),
  },
  clock: { nowMs: () => Date.UTC(2026, 0, 1) },
  queues: QUEUES,
});
const redrive = (request: Partial<RedriveRequest>) =>
  redriveLetters(ports(), {
    ...{ scope: SCOPE, queue: 'orders', operator: 'operator:jo', reason: 'mended', dryRun: false },
    ...request,
  });
const letters = () => listLetters(ports(), SCOPE, 'orders');

async function deadLetter(
  messageId: string,
  body: unknown,
  reason = 'ValidationFailed',
  description = 'customerId is required',
  applicationProperties: Record<string, string> = {},
): Promise<void> {
  const sender = bus.client.createSender('orders');
  await sender.sendMessages({ messageId, body, applicationProperties });
  await takeOne((message, receiver) =>
    receiver.deadLetterMessage(message, {
      deadLetterReason: reason,
      deadLetterErrorDescription: description,
    }),
  );
  await sender.close();
}

async function takeOne(
  settle: (
    message: ServiceBusReceivedMessage,
    receiver: ReturnType<typeof bus.client.createReceiver>,
  ) => Promise<void>,
): Promise<ServiceBusReceivedMessage> {
  const receiver = bus.client.createReceiver('orders');
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5_000 });
  if (message === undefined) throw new Error('there is no message');
  await settle(message, receiver);
  await receiver.close();
  return message;
}

test('a letter is listed with why, when, how often it was delivered, and its body', async () => {
  await deadLetter('m-1', BODY);
  expect(await letters()).toMatchObject([
    {
      ...{ messageId: 'm-1', key: 'm-1', reason: 'ValidationFailed', description: 'customerId is required' },
      ...{ deliveryCount: 1, redriveCount: 0 },
    },
  ]);
});

test('letters that differ in ids and numbers only are one group', async () => {
  await deadLetter('m-1', {}, 'ValidationFailed', 'items[0].quantity must be at least 1');
  await deadLetter('m-2', {}, 'ValidationFailed', 'items[7].quantity must be at least 1');
  await deadLetter('m-3', '{', 'InvalidJson', 'The body is not JSON');
  const groups = groupLetters(await letters());
  expect(groups.map(({ cause, count }) => [cause, count])).toEqual([
    ['ValidationFailed: items[…].quantity must be at least …', 2],
    ['InvalidJson: The body is not JSON', 1],
  ]);
  const redriven = await redrive({ cause: groups[0]?.cause });
  expect(redriven).toMatchObject({ letters: [{ outcome: 'moved' }, { outcome: 'moved' }] });
  expect((await letters()).map(({ messageId }) => messageId)).toEqual(['m-3']);
});

test('a letter goes back once, under its key, without what dead-lettering wrote on it', async () => {
  await deadLetter('m-1', BODY, 'ProcessingFailed', 'the store was away', { source: 'shop' });
  const [letter] = await letters();
  const result = await redrive({ sequenceNumbers: [letter?.sequenceNumber ?? ''] });
  expect(result).toMatchObject({ letters: [{ outcome: 'moved', orderId: orderIdFor(SCOPE, 'm-1') }] });
  expect(await letters()).toEqual([]);
  const copy = await takeOne((message, receiver) => receiver.completeMessage(message));
  expect(copy.body).toEqual(BODY);
  expect(copy.applicationProperties).toEqual({
    ...{ source: 'shop', idempotencyKey: 'm-1', originalMessageId: 'm-1', redriveCount: 1 },
  });
  expect(acts).toMatchObject([
    { actor: 'operator:jo', action: 'redrive', before: JSON.stringify(BODY), after: null },
  ]);
});

test('a second redrive of the same letter adds no second copy, as after a crash before it was removed', async () => {
  await deadLetter('m-1', BODY);
  const [letter] = await letters();
  const { client } = bus;
  const createReceiver = client.createReceiver.bind(client);
  const crash = jest.spyOn(client, 'createReceiver').mockImplementationOnce((...args: unknown[]) => {
    const receiver = (createReceiver as (...given: unknown[]) => ReturnType<typeof createReceiver>)(...args);
    receiver.completeMessage = () => Promise.reject(new Error('killed'));
    return receiver;
  });
  // The letters are listed by a receiver of their own: the one that fails is the second.
  const plain = createReceiver('orders', { subQueueType: 'deadLetter' });
  const { letters: adapter } = ports();
  await expect(adapter.redrive('orders', [letter?.sequenceNumber ?? ''], () => undefined)).rejects.toThrow(
    'killed',
  );
  crash.mockRestore();
  await plain.close();
  bus.clock.advance(60_000);
  expect(await adapter.redrive('orders', [letter?.sequenceNumber ?? ''], () => undefined)).toEqual(
    new Map([[letter?.sequenceNumber, 'moved']]),
  );
  const receiver = createReceiver('orders');
  expect(await receiver.peekMessages(10)).toHaveLength(1);
  await receiver.close();
});

test('an edited letter is checked first, and its original is on record', async () => {
  await deadLetter('m-1', { customerId: 'cust-1' });
  const [letter] = await letters();
  const sequenceNumbers = [letter?.sequenceNumber ?? ''];
  expect(await redrive({ sequenceNumbers, body: { customerId: 5, items: [] } })).toMatchObject({
    kind: 'invalidBody',
    errors: [{ path: 'customerId' }, { path: 'items' }],
  });
  expect([await letters(), acts]).toMatchObject([[{ messageId: 'm-1' }], []]);
  await redrive({ sequenceNumbers, body: BODY });
  expect((await takeOne((message, receiver) => receiver.completeMessage(message))).body).toEqual(BODY);
  expect(acts).toMatchObject([{ before: '{"customerId":"cust-1"}', after: JSON.stringify(BODY) }]);
});

test('a redaction in an edited letter stands for what the letter has there, and for nothing else', async () => {
  const contact = { email: 'jo@example.com' };
  await deadLetter('m-1', { contact });
  const redacted = '[redacted]';
  const shippingAddress = { name: '[redacted]' };
  expect(await redrive({ body: { ...BODY, contact: redacted, shippingAddress } })).toMatchObject({
    kind: 'invalidBody',
    errors: [{ path: 'shippingAddress.name' }],
  });
  expect(acts).toEqual([]);
  await redrive({ body: { ...BODY, contact: redacted } });
  const sent = await takeOne((message, receiver) => receiver.completeMessage(message));
  expect(sent.body).toEqual({ ...BODY, contact });
});

test('what has come back three times is not sent again as it is', async () => {
  await deadLetter('m-1', {});
  for (let time = 0; time < 3; time += 1) {
    expect(await redrive({})).toMatchObject({ letters: [{ outcome: 'moved' }] });
    await takeOne((message, receiver) =>
      receiver.deadLetterMessage(message, {
        deadLetterReason: 'ValidationFailed',
        deadLetterErrorDescription: '',
      }),
    );
  }
  expect(await redrive({})).toMatchObject({ letters: [{ outcome: 'tooOften' }] });
  expect(await letters()).toMatchObject([{ redriveCount: 3, key: 'm-1' }]);
});

test('a dry run moves nothing; letters of another tenant are not there', async () => {
  await deadLetter('m-1', {});
  await deadLetter('m-2', {}, 'ValidationFailed', '', { tenantId: 'other' });
  expect(await redrive({ dryRun: true })).toMatchObject({
    letters: [{ messageId: 'm-1', outcome: 'wouldMove' }],
  });
  expect([(await letters()).length, acts]).toEqual([1, []]);
  expect(await redrive({ scope: { tenantId: 'other' } })).toMatchObject({ letters: [{ messageId: 'm-2' }] });
});
