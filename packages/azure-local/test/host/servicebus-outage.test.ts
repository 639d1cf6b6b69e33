// A broker that goes away and comes back, a host that ends in the middle of its work, and outputs that are not taken.
import { ServiceBusClient, type ServiceBusMessage } from '@azure/service-bus';
import { until } from '../../src/kit/until';
import { removeChildren } from '../../testing/child-programs';
import {
  queue,
  startBroker,
  startServiceBusHost,
  topic,
  type Broker,
  type ServiceBusHost,
} from './servicebus-process';

interface Seen {
  readonly body: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
}

let broker: Broker;
const clients: ServiceBusClient[] = [];
beforeEach(async () => {
  broker = await startBroker(
    [
      ...['plain', 'manual', 'out', 'forward'].map((name) => queue(name)),
      queue('sessions', { RequiresSession: true }),
    ],
    [topic('out-events', 'all')],
  );
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await broker.close();
});
afterAll(removeChildren);

function connect(): ServiceBusClient {
  const client = new ServiceBusClient(broker.connectionString);
  clients.push(client);
  return client;
}

function start(functions: readonly string[], section: object = {}): Promise<ServiceBusHost> {
  return startServiceBusHost(
    functions,
    { Bus: broker.connectionString, ManualQueue: 'manual', OutQueue: 'out' },
    section,
  );
}

async function send(name: string, ...messages: ServiceBusMessage[]): Promise<void> {
  await connect().createSender(name).sendMessages(messages);
}

const times = (text: string, part: string): number => text.split(part).length - 1;

test('a broker that cannot be reached does not fail the start; it is logged once, and receiving begins when it comes', async () => {
  await broker.stop();
  const host = await start(['Plain', 'Sessions']);
  const AWAY = 'Function Plain does not receive from queue plain (';
  await until('the outage', () => host.output().includes(AWAY));
  await until('several tries for sessions', () =>
    host.output().includes('Function Sessions does not receive from queue sessions ('),
  );
  await broker.start();
  await until('the return', () => host.output().includes('Function Plain receives from queue plain again.'));
  await send('plain', { body: 'after the outage' });
  await send('sessions', { sessionId: 's', body: {} });
  expect(await host.seen<Seen>('Plain', 1)).toMatchObject([{ body: 'after the outage' }]);
  await host.seen('Sessions', 2);
  expect(times(host.output(), AWAY)).toBe(1);
});

test('a broker that goes away and comes back is received from again, and what was locked comes again', async () => {
  const host = await start(['Manual']);
  await send('manual', { messageId: 'held', body: {}, applicationProperties: { hold: 'outage' } });
  await host.seen('Manual', 1);
  await broker.stop();
  await until('the outage', () =>
    host.output().includes('Function Manual does not receive from queue manual ('),
  );
  await broker.start();
  await until('the return', () =>
    host.output().includes('Function Manual receives from queue manual again.'),
  );
  host.open('outage');
  const seen = await host.seen<Seen & { messageId: string }>('Manual', 2);
  expect(seen.map(({ messageId }) => messageId)).toEqual(['held', 'held']);
  await send('manual', { messageId: 'next', body: {} });
  await until('the next one', async () =>
    (await host.seen<{ messageId: string; settled?: true }>('Manual', 3)).some(
      ({ messageId, settled }) => messageId === 'next' && settled,
    ),
  );
});

test('a queue that the broker does not have is named with what to do, and the host goes on', async () => {
  const host = await startServiceBusHost(['Manual', 'Plain'], {
    Bus: broker.connectionString,
    ManualQueue: 'nowhere',
  });
  await until('the sentence', () =>
    /Function Manual does not receive from queue nowhere \(MessagingEntityNotFound.*Create it on the broker/.test(
      host.output(),
    ),
  );
  await send('plain', { body: 'goes on' });
  expect(await host.seen<Seen>('Plain', 1)).toMatchObject([{ body: 'goes on' }]);
});

test('a message whose host is killed comes again to the next one', async () => {
  const first = await start(['Plain']);
  await send('plain', { messageId: 'survives', body: { hold: 'never' } });
  await first.seen('Plain', 1);
  first.kill();
  await broker.stop();
  await broker.start();
  const next = await start(['Plain']);
  const [seen] = await next.seen<Seen>('Plain', 1);
  expect(seen?.metadata['messageId']).toBe('survives');
});

test('close takes no new message, and what is in flight ends and settles', async () => {
  const host = await start(['Plain'], { maxConcurrentCalls: 1, prefetchCount: 2 });
  await send('plain', { messageId: 'in flight', body: { hold: 'close' } });
  await host.seen('Plain', 1);
  await send('plain', { messageId: 'waits', body: {} });
  const closed = host.close();
  await send('plain', { messageId: 'late', body: {} });
  host.open('close');
  await closed;
  await until('the messages that were not handled', async () => {
    const client = new ServiceBusClient(broker.connectionString);
    const messages = await client.createReceiver('plain').peekMessages(10);
    await client.close();
    return (
      messages
        .map(({ messageId }) => messageId)
        .sort()
        .join() === 'late,waits'
    );
  });
});

describe('outputs', () => {
  async function put(host: ServiceBusHost, outputs: object): Promise<number> {
    const answer = await host.request('/Put', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(outputs),
    });
    return answer.status;
  }

  async function receive(
    count: number,
    subscription?: string,
  ): Promise<readonly (readonly [string, unknown])[]> {
    const options = { receiveMode: 'receiveAndDelete', skipParsingBodyAsJson: true } as const;
    const receiver =
      subscription === undefined
        ? connect().createReceiver('out', options)
        : connect().createReceiver('out-events', subscription, options);
    const messages = await receiver.receiveMessages(count, { maxWaitTimeInMs: 10_000 });
    return messages.map(({ body, contentType }) => [String(body), contentType]);
  }

  const BYTES = 'application/octet-stream';

  test('go to a queue and to a topic: text, objects, bytes, and arrays as several messages', async () => {
    const host = await start(['Put']);
    expect(await put(host, { queue: 'text', topic: { type: 'OrderCreated' } })).toBe(200);
    expect(await put(host, { queue: ['one', { two: 2 }] })).toBe(200);
    expect(await put(host, { bytes: Buffer.from('raw').toString('base64') })).toBe(200);
    expect(await receive(4)).toEqual([
      ['text', BYTES],
      ['one', BYTES],
      ['{"two":2}', BYTES],
      ['raw', BYTES],
    ]);
    expect(await receive(1, 'all')).toEqual([['{"type":"OrderCreated"}', BYTES]]);
  });

  test('hold more than one send can carry', async () => {
    const host = await start(['Put']);
    const big = 'x'.repeat(200_000);
    expect(await put(host, { queue: Array.from({ length: 6 }, (_, index) => `${index}${big}`) })).toBe(200);
    const received = await receive(6);
    expect(received.map(([body]) => [body[0], body.length])).toEqual(
      Array.from({ length: 6 }, (_, index) => [String(index), big.length + 1]),
    );
  });

  test('may be the return value', async () => {
    await start(['Forward']);
    await send('forward', { body: { a: 1 } });
    expect(await receive(1)).toEqual([['{"forwarded":{"a":1}}', BYTES]]);
  });

  test('of a function that fails are not sent', async () => {
    const host = await start(['Put']);
    expect(await put(host, { queue: 'never', fail: true })).toBe(500);
    expect(await put(host, { queue: 'sent' })).toBe(200);
    expect(await receive(1)).toEqual([['sent', BYTES]]);
  });

  test('that the broker does not take fail the invocation', async () => {
    const host = await startServiceBusHost(['Put'], { Bus: broker.connectionString, OutQueue: 'nowhere' });
    expect(await put(host, { queue: 'lost' })).toBe(500);
    await until('the failure in the log', () =>
      /Executed 'Functions\.Put' \(Failed[\s\S]*'nowhere' could not be found/.test(host.output()),
    );
  });

  test('with a connection that is not set are refused at the start', async () => {
    await expect(startServiceBusHost(['Put'], { OutQueue: 'out' })).rejects.toThrow(
      'HostStartError: "connection" of function Put is "Bus", but there is no setting Bus.',
    );
  });
});
