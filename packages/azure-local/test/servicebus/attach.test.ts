// How clients other than the JavaScript one come in: the mechanism and the addresses of the .NET client.
import { create_container, type ConnectionOptions } from 'rhea';
import { config, openServiceBus, queue, receiveOne, type ServiceBus } from '../../testing/servicebus-fixture';

let bus: ServiceBus;
beforeAll(async () => {
  bus = await openServiceBus(config([queue('q', { RequiresSession: false })]));
});
afterAll(() => bus.close());

test.each(['ANONYMOUS', 'MSSBCBS'])(
  'a client that knows the mechanism %s only is let in',
  async (mechanism) => {
    const { hostname: host, port } = new URL(
      bus.connectionString.replace(/^Endpoint=sb:(.*?);.*$/, 'http:$1'),
    );
    const start = (answer: (error: undefined, response: Buffer) => void): void =>
      answer(undefined, Buffer.alloc(0));
    const connection = create_container({ id: 'raw' }).connect({
      ...{ host, port: Number(port), reconnect: false },
      sasl_mechanisms: { [mechanism]: { start } },
    } as unknown as ConnectionOptions);
    const answer = await new Promise((resolve) => {
      connection.once('connection_open', () => resolve('let in'));
      connection.once('connection_error', () => resolve(connection.error));
      connection.once('disconnected', ({ error }) => resolve(error));
    });
    expect(answer).toBe('let in');
    const closed = new Promise((resolve) => connection.once('connection_close', resolve));
    connection.close();
    await closed;
  },
);

test('an address may begin with a slash: to send, to receive, for requests and for dead letters', async () => {
  await bus.client.createSender('/q').sendMessages({ body: 'by a URL' });
  const receiver = bus.client.createReceiver('/q');
  expect(await receiver.peekMessages(1)).toMatchObject([{ body: 'by a URL' }]);
  await receiver.deadLetterMessage(await receiveOne(receiver));
  const dead = bus.client.createReceiver('/q', { subQueueType: 'deadLetter' });
  expect(await receiveOne(dead)).toMatchObject({ body: 'by a URL' });
});
