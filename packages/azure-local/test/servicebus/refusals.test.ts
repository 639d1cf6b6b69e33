// What the Service Bus SDK offers and the look-alike does not simulate, or the service itself refuses: said by name.
import { connect } from 'node:net';
import { ServiceBusClient, type ServiceBusRuleManager } from '@azure/service-bus';
import { create_container, types, type EventContext } from 'rhea';
import {
  config,
  messageOf,
  openServiceBus,
  queue,
  silent,
  type ServiceBus,
} from '../../testing/servicebus-fixture';

let bus: ServiceBus;
const logged: string[] = [];
beforeAll(async () => {
  bus = await openServiceBus(
    config(
      [queue('q'), queue('sessions', { RequiresSession: true })],
      [{ Name: 't', Properties: {}, Subscriptions: [{ Name: 's', Properties: {} }] }],
    ),
    { ...silent, warn: (text) => logged.push(text) },
  );
});
afterAll(() => bus.close());

function address(): { host: string; port: number } {
  const { hostname, port } = new URL(bus.connectionString.replace(/^Endpoint=sb:(.*?);.*$/, 'http:$1'));
  return { host: hostname, port: Number(port) };
}

test('an unknown entity is answered with not-found, the name, and where entities are defined', async () => {
  const sending = bus.client.createSender('nowhere').sendMessages({ body: 1 });
  await expect(sending).rejects.toMatchObject({ code: 'MessagingEntityNotFound' });
  expect(await messageOf(sending)).toMatch(/'nowhere' could not be found.*Config\.json/);
  const receiving = bus.client.createReceiver('t', 'nobody').receiveMessages(1, { maxWaitTimeInMs: 1000 });
  await expect(receiving).rejects.toMatchObject({ code: 'MessagingEntityNotFound' });
});

const DLQ = { subQueueType: 'transferDeadLetter' } as const;
const BRIEFLY = { maxWaitTimeInMs: 1000 };
const rules = (): ServiceBusRuleManager => bus.client.createRuleManager('t', 's');

test.each<[what: string, call: () => Promise<unknown>, named: RegExp]>([
  [
    'receiving from a topic',
    () => bus.client.createReceiver('t').receiveMessages(1, BRIEFLY),
    /is a topic: receive from 't\/Subscriptions\/<name>'/,
  ],
  [
    'sending to a subscription',
    () => bus.client.createSender('t/Subscriptions/s').sendMessages({ body: 1 }),
    /Nothing can be sent to 't\/Subscriptions\/s': send to the queue or the topic/,
  ],
  [
    'a rule operation',
    () => rules().createRule('r', { sqlExpression: 'amount > 1' }),
    /does not simulate the operation 'com.microsoft:add-rule'.*Config\.json/,
  ],
  [
    'the deletion of a rule',
    () => rules().deleteRule('r'),
    /does not simulate the operation 'com.microsoft:remove-rule'.*Config\.json/,
  ],
  [
    'a list of rules',
    () => rules().listRules().next(),
    /does not simulate the operation 'com.microsoft:enumerate-rules'.*Config\.json/,
  ],
  [
    'receiving transfer dead letters',
    () => bus.client.createReceiver('q', DLQ).receiveMessages(1, BRIEFLY),
    /does not simulate transfer dead-letter queues/,
  ],
  [
    'peeking at transfer dead letters',
    () => bus.client.createReceiver('q', DLQ).peekMessages(1),
    /does not simulate transfer dead-letter queues/,
  ],
  [
    'receiving without a session where there are sessions',
    () => bus.client.createReceiver('sessions').receiveMessages(1, BRIEFLY),
    /entity that requires sessions to create a non-sessionful message receiver/,
  ],
  [
    'sending without a session where there are sessions',
    () => bus.client.createSender('sessions').sendMessages({ body: 1 }),
    /SessionId was not set on a message/,
  ],
])('%s is refused with the reason', async (_, call, named) => {
  expect(await messageOf(call())).toMatch(named);
});

test('TLS is cut off, and the log says which setting goes without it', async () => {
  const secure = bus.connectionString.replace('UseDevelopmentEmulator=true;', '');
  const client = new ServiceBusClient(secure, { retryOptions: { maxRetries: 0 } });
  await expect(client.createSender('q').sendMessages({ body: 1 })).rejects.toThrow();
  await client.close();
  expect(logged).toContainEqual(
    expect.stringMatching(/TLS is not simulated: add UseDevelopmentEmulator=true/),
  );
});

test('HTTP, which WebSockets and the administration API begin with, is a 501 with the reason', async () => {
  const { host, port } = address();
  const answer = await fetch(`http://${host}:${port}/$servicebus/websocket`);
  expect([answer.status, await answer.text()]).toEqual([
    501,
    expect.stringMatching(/AMQP over WebSockets.*ServiceBusAdministrationClient is not simulated/),
  ]);
});

test('HTTP that goes on after its first bytes is cut off once', async () => {
  logged.length = 0;
  const socket = connect(address());
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined).resume();
  socket.write(Buffer.concat([Buffer.from('POST / HTTP/1.1\r\n\r\n'), Buffer.alloc(4 * 1024 * 1024)]));
  await closed;
  expect(logged).toEqual([expect.stringContaining('HTTP is not simulated')]);
});

test('a transaction is refused by its name', async () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  const container = create_container({ id: 'raw' });
  const connection = container.connect({
    ...address(),
    username: 'anybody',
    password: 'x',
    reconnect: false,
  });
  connection.on('disconnected', () => undefined);
  const refused = new Promise<EventContext>((resolve) => connection.once('sender_error', resolve));
  const sender = connection.open_sender({});
  const coordinator = 0x30;
  const target: unknown = types.described(types.wrap_ulong(coordinator), types.wrap_list([]));
  Object.assign((sender as unknown as { local: { attach: object } }).local.attach, { target });
  expect((await refused).sender?.error).toMatchObject({
    condition: 'amqp:not-implemented',
    description: expect.stringContaining('does not simulate transactions') as string,
  });
  const closed = new Promise((resolve) => connection.once('connection_close', resolve));
  connection.close();
  await closed;
  warn.mockRestore();
});

test('a client that speaks no AMQP is cut off, and the others are served on', async () => {
  const socket = connect(address());
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  socket.write('neither AMQP nor HTTP');
  await closed;
  await bus.client.createSender('q').sendMessages({ body: 1 });
});
