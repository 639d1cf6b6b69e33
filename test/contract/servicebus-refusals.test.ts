import { connect } from 'node:net';
import { create_container, types, type EventContext } from 'rhea';
import { config, messageOf, openServiceBus, queue, type ServiceBus } from './servicebus-fixture';

let bus: ServiceBus;
beforeAll(async () => {
  bus = await openServiceBus(
    config([queue('q')], [{ Name: 't', Properties: {}, Subscriptions: [{ Name: 's', Properties: {} }] }]),
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

test('receiving from a topic is refused with the path to use', async () => {
  const receiving = bus.client.createReceiver('t').receiveMessages(1, { maxWaitTimeInMs: 1000 });
  expect(await messageOf(receiving)).toMatch(/is a topic: receive from 't\/Subscriptions\/<name>'/);
});

test('a rule operation is refused by its name', async () => {
  const rules = bus.client.createRuleManager('t', 's');
  expect(await messageOf(rules.createRule('r', { sqlExpression: 'amount > 1' }))).toMatch(
    /does not simulate the operation 'com.microsoft:add-rule'.*Config\.json/,
  );
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
  socket.write('GET / HTTP/1.1\r\n\r\n');
  await closed;
  await bus.client.createSender('q').sendMessages({ body: 1 });
});
