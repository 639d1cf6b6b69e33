// Messages held on demand, driven by the official SDK: what is on disk, what senders and receivers see.
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { ManualClock } from '../../src/kit/clock';
import { MessageHolds, type MessageHoldRule } from '../../src/servicebus/message-holds';
import { until } from '../../src/kit/until';
import {
  config,
  openServiceBus,
  peekAll,
  queue,
  receiveOne,
  silent,
  type ServiceBus,
} from '../../testing/servicebus-fixture';

let bus: ServiceBus;
let holds: MessageHolds;
let clock: ManualClock;
beforeEach(async () => {
  clock = new ManualClock(Date.UTC(2026, 0, 2));
  holds = new MessageHolds(clock);
  bus = await openServiceBus(config([queue('q')]), silent, { holds });
});
afterEach(() => bus.close());

const rule = (more: Partial<MessageHoldRule>): MessageHoldRule => ({
  ...{ entity: 'Q', operation: 'send', contains: ['held'], nth: 1, moment: 'arrival' },
  ...more,
});

const held = (): Promise<unknown> =>
  until('a message is held', () => holds.list().some((one) => one.held > 0));
const lies = async (): Promise<readonly unknown[]> =>
  (await peekAll(bus, (client) => client.createReceiver('q'))).map(({ body }) => body as unknown);

/** Whether it has been answered by now. */
function answerOf(work: Promise<unknown>): { isThere: boolean } {
  const answer = { isThere: false };
  work.then(
    () => (answer.isThere = true),
    () => undefined,
  );
  return answer;
}

const send = (body: string): Promise<void> => bus.client.createSender('q').sendMessages({ body });

test('message-holds.M2: a message held at its arrival is never there, and its sender gets no answer', async () => {
  holds.replace([rule({ moment: 'arrival' })]);
  const answer = answerOf(send('is held'));
  await held();
  await send('is not');

  expect(await lies()).toEqual(['is not']);
  holds.replace([]);
  expect([await lies(), answer.isThere]).toEqual([['is not'], false]);
});

test('message-holds.M2: a message held at its answer is on disk, and given to somebody once it is let go', async () => {
  holds.replace([rule({ moment: 'answer' })]);
  const receiver = bus.client.createReceiver('q');
  const received = receiveOne(receiver);
  const given = answerOf(received);
  const answer = answerOf(send('is held'));
  await held();

  await until('it is on disk', async () => (await lies()).length === 1);
  expect([answer.isThere, given.isThere]).toEqual([false, false]);
  holds.replace([]);
  expect((await received).body).toBe('is held');
});

async function completed(moment: MessageHoldRule['moment']): Promise<ServiceBusReceivedMessage> {
  holds.replace([rule({ operation: 'complete', moment })]);
  await send('is held');
  const receiver = bus.client.createReceiver('q');
  const message = await receiveOne(receiver);
  const answer = answerOf(receiver.completeMessage(message));
  await held();
  expect(answer.isThere).toBe(false);
  return message;
}

test('message-holds.M2: a message whose completion is held at its arrival stays in the queue', async () => {
  await completed('arrival');

  expect(await lies()).toEqual(['is held']);
});

test('message-holds.M2: a message whose completion is held at its answer is gone', async () => {
  await completed('answer');

  await until('it is gone', async () => (await lies()).length === 0);
});

test('message-holds.M1: the n-th message that contains every text is held, and all that do are counted', async () => {
  holds.replace([rule({ contains: ['held', 'second'], nth: 2 })]);
  await send('held first');
  await send('held second');
  clock.advance(1_500);
  const answer = answerOf(send('held second'));
  await held();
  await send('held second');

  expect(await lies()).toEqual(['held first', 'held second', 'held second']);
  expect(answer.isThere).toBe(false);
  const later = '2026-01-02T00:00:01.500Z';
  expect(holds.list()[0]?.seen).toEqual(['2026-01-02T00:00:00.000Z', later, later]);
});

test('message-holds.M1: messages of another entity and another operation are not held', async () => {
  holds.replace([rule({ entity: 'other' }), rule({ operation: 'complete' })]);
  await send('is held by nothing');

  expect(holds.list().map((one) => one.held)).toEqual([0, 0]);
  expect(() => holds.replace([{ entity: 'q' }])).toThrow(/operation/);
});
