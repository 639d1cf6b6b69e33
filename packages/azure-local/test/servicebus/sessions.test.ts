import { create_container } from 'rhea';
import { until } from '../../src/kit/until';
import type { ServiceBusSender, ServiceBusSessionReceiver } from '@azure/service-bus';
import { serviceBusLookAlikeOnly } from '../../testing/contract-target';
import {
  codeOf,
  config,
  messageOf,
  queue,
  receive,
  receiveOne,
  type ServiceBus,
} from '../../testing/servicebus-fixture';
import { openServiceBusTarget } from '../../testing/servicebus-target';

const MINUTE = 60_000;
let bus: ServiceBus;
let sender: ServiceBusSender;
const accept = (id: string): Promise<ServiceBusSessionReceiver> =>
  bus.client.acceptSession('q', id, { maxAutoLockRenewalDurationInMs: 0 });
const acceptNext = (): Promise<ServiceBusSessionReceiver> =>
  bus.client.acceptNextSession('q', { maxAutoLockRenewalDurationInMs: 0 });

beforeEach(async () => {
  bus = await openServiceBusTarget(
    config([queue('q', { RequiresSession: true, MaxDeliveryCount: 2 }), queue('plain')]),
  );
  sender = bus.client.createSender('q');
});
afterEach(() => bus.close());

test('a session receiver gets the messages of its session only, in order', async () => {
  const steps = Array.from({ length: 30 }, (_, n) => ({ body: n, sessionId: `order-${n % 3}` }));
  await sender.sendMessages(steps);
  const session = await accept('order-1');
  const bodies = (await receive(session, 10)).map(({ body }) => body as number);
  expect(bodies).toEqual([1, 4, 7, 10, 13, 16, 19, 22, 25, 28]);
});

test('an abandoned message comes before its successors', async () => {
  await sender.sendMessages([1, 2, 3].map((body) => ({ body, sessionId: 's' })));
  const session = await accept('s');
  await session.abandonMessage(await receiveOne(session));
  expect((await receive(session, 3)).map(({ body }) => body as unknown)).toEqual([1, 2, 3]);
});

test('the next session is the one with the oldest message that nobody holds', async () => {
  await sender.sendMessages(['a', 'b', 'a', 'c'].map((sessionId) => ({ body: 1, sessionId })));
  const sessions = [await acceptNext(), await acceptNext(), await acceptNext()];
  expect(sessions.map(({ sessionId }) => sessionId)).toEqual(['a', 'b', 'c']);
});

test('a receiver that waits for the next session gets one when a message arrives', async () => {
  const waiting = acceptNext();
  await sender.sendMessages({ body: 'hello', sessionId: 'new' });
  const session = await waiting;
  expect(session.sessionId).toBe('new');
  expect((await receiveOne(session)).body).toBe('hello');
});

serviceBusLookAlikeOnly('clock')(
  'a receiver that waits for the next session in vain gets a timeout error',
  async () => {
    const waiting = codeOf(acceptNext());
    await until('the broker knows of it', () => bus.clock.nextDueMs() !== undefined);
    bus.clock.advance(MINUTE);
    expect(await waiting).toBe('ServiceTimeout');
  },
);

serviceBusLookAlikeOnly('inside')(
  'a receiver that has stopped waiting does not get the next session',
  async () => {
    const container = create_container({ id: 'raw' });
    const { hostname: host, port } = new URL(
      bus.connectionString.replace(/^Endpoint=sb:(.*?);.*$/, 'http:$1'),
    );
    const connection = container.connect({
      host,
      port: Number(port),
      username: 'any',
      password: 'x',
      reconnect: false,
    });
    connection.on('disconnected', () => undefined);
    const filter = { 'com.microsoft:session-filter': null };
    const waiting = connection.open_receiver({ source: { address: 'q', filter } });
    await until('the broker knows of it', () => bus.clock.nextDueMs() !== undefined);
    waiting.close();
    await new Promise((resolve) => connection.once('receiver_close', resolve));
    expect(bus.clock.nextDueMs()).toBeUndefined();
    connection.close();
    await sender.sendMessages({ body: 1, sessionId: 's' });
    expect((await acceptNext()).sessionId).toBe('s');
  },
);

test('a held session cannot be accepted; a closed one can, with what was not settled and uncounted', async () => {
  await sender.sendMessages({ body: 1, sessionId: 's' });
  const first = await accept('s');
  await receiveOne(first);
  expect(await codeOf(accept('s'))).toBe('SessionCannotBeLocked');
  await first.close();
  const second = await accept('s');
  expect(await receiveOne(second)).toMatchObject({ body: 1, deliveryCount: 0 });
});

serviceBusLookAlikeOnly('clock')(
  'when the session lock runs out the next receiver has the session, and the delivery counts',
  async () => {
    await sender.sendMessages({ body: 1, sessionId: 's' });
    const first = await accept('s');
    const message = await receiveOne(first);
    bus.clock.advance(MINUTE);
    await until('the receiver is closed', () => first.isClosed);
    expect(await codeOf(first.completeMessage(message))).toBe('SessionLockLost');
    const second = await acceptNext();
    expect(await receiveOne(second)).toMatchObject({ body: 1, deliveryCount: 1 });
  },
);

test('a session whose lock was renewed can go on', async () => {
  await sender.sendMessages({ body: 1, sessionId: 's' });
  const session = await accept('s');
  const message = await receiveOne(session);
  const until = await session.renewSessionLock();
  expect(until.getTime()).toBeGreaterThan(bus.nowMs());
  await session.completeMessage(message);
  expect(await session.peekMessages(5)).toEqual([]);
});

serviceBusLookAlikeOnly('clock')('a renewed session lock holds on', async () => {
  await sender.sendMessages({ body: 1, sessionId: 's' });
  const session = await accept('s');
  expect(session.sessionLockedUntilUtc).toEqual(new Date(bus.clock.now() + MINUTE));
  const message = await receiveOne(session);
  bus.clock.advance(MINUTE - 1);
  expect(await session.renewSessionLock()).toEqual(new Date(bus.clock.now() + MINUTE));
  bus.clock.advance(MINUTE - 1);
  await session.completeMessage(message);
});

test('the state of a session is there for its next holder, and can be taken away', async () => {
  const first = await accept('s');
  expect(await first.getSessionState()).toBeNull();
  await first.setSessionState({ step: 3 });
  await first.close();
  const second = await accept('s');
  expect(await second.getSessionState()).toEqual({ step: 3 });
  await second.setSessionState(null);
  expect(await second.getSessionState()).toBeNull();
});

serviceBusLookAlikeOnly('disk')('the state of a session is there after a restart', async () => {
  const first = await accept('s');
  await first.setSessionState({ step: 3 });
  await first.close();
  await bus.restart();
  expect(await (await accept('s')).getSessionState()).toEqual({ step: 3 });
});

test('a deferred message of a session is received through it', async () => {
  await sender.sendMessages({ body: 'later', sessionId: 's' });
  const session = await accept('s');
  const message = await receiveOne(session);
  await session.deferMessage(message);
  if (message.sequenceNumber === undefined) throw new Error('a message has a number');
  const [deferred] = await session.receiveDeferredMessages(message.sequenceNumber);
  expect(deferred?.body).toBe('later');
  if (deferred !== undefined) await session.completeMessage(deferred);
  expect(await session.peekMessages(5)).toEqual([]);
});

test('a message without a session is refused by a queue with sessions', async () => {
  expect(await messageOf(sender.sendMessages({ body: 1 }))).toMatch(/SessionId was not set/);
});

test('a queue with sessions takes no plain receiver, and one without takes no session receiver', async () => {
  const plain = bus.client.createReceiver('q').receiveMessages(1, { maxWaitTimeInMs: 500 });
  expect(await messageOf(plain)).toMatch(/requires sessions/);
  expect(await messageOf(bus.client.acceptNextSession('plain'))).toMatch(/does not require sessions/);
});
