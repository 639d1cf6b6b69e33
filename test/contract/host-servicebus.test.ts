// Service Bus triggers on the real function host, with the unmodified SDKs against the broker look-alike: what a function
// gets, and what becomes of its messages.
import { ServiceBusClient, type ServiceBusMessage, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { until } from '../../local/until';
import { removeChildren } from '../support/child-programs';
import {
  queue,
  startBroker,
  startServiceBusHost,
  topic,
  type Broker,
  type ServiceBusHost,
} from './host-servicebus-process';

interface SeenBody {
  readonly type: string;
  readonly body: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
}

interface SeenMessage extends Readonly<Record<string, unknown>> {
  readonly body: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly raw: { readonly messageAnnotations: Readonly<Record<string, unknown>> };
  readonly settled?: true;
  readonly error?: string;
}

let broker: Broker;
let client: ServiceBusClient;
let host: ServiceBusHost;
beforeAll(async () => {
  broker = await startBroker(
    [
      ...['manual', 'plain', 'binary'].map((name) => queue(name)),
      queue('left', { LockDuration: 'PT5S', MaxDeliveryCount: 2 }),
    ],
    [topic('events', 'all')],
  );
  client = new ServiceBusClient(broker.connectionString);
  host = await startServiceBusHost(['Manual', 'Plain', 'PlainBatch', 'Binary', 'Left'], {
    Bus: broker.connectionString,
    ManualQueue: 'manual',
  });
});
afterAll(async () => {
  await client.close();
  removeChildren();
  await broker.close();
});

async function send(place: string, ...messages: ServiceBusMessage[]): Promise<void> {
  const sender = client.createSender(place);
  await sender.sendMessages(messages);
  await sender.close();
}

/** What lies in a queue once there is `count` of it. */
async function lying(name: string, count: number): Promise<readonly ServiceBusReceivedMessage[]> {
  return until(`${count} messages in ${name}`, async () => {
    // A client looks at a queue from where it left off: each look is a new one's.
    const looking = new ServiceBusClient(broker.connectionString);
    const messages = await looking.createReceiver(name).peekMessages(50);
    await looking.close();
    return messages.length === count && messages;
  });
}

/** Takes the next dead letter of a queue, or of a subscription. */
async function deadLetter(
  name: string,
  subscription?: string,
): Promise<ServiceBusReceivedMessage | undefined> {
  const options = { subQueueType: 'deadLetter', receiveMode: 'receiveAndDelete' } as const;
  const receiver =
    subscription === undefined
      ? client.createReceiver(name, options)
      : client.createReceiver(name, subscription, options);
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 15_000 });
  await receiver.close();
  return message;
}

/** An annotated message has its id elsewhere. */
function withId(messageId: string, message: object): ServiceBusMessage {
  return { messageId, properties: { messageId }, ...message } as never;
}

/** Sends a message to the function Manual and waits until it has been seen `times` times. */
async function manual(
  id: string,
  message: Partial<ServiceBusMessage>,
  times = 1,
): Promise<readonly SeenMessage[]> {
  await send('manual', withId(id, { body: {}, ...message }));
  return until(`${times} deliveries of ${id}`, async () => {
    const all = await host.seen<SeenMessage>('Manual', 0);
    const own = all.filter(({ messageId }) => messageId === id);
    return own.length >= times && own.every((each) => each.settled ?? each.error) && own;
  });
}

describe('a function that takes bodies', () => {
  test.each([
    ['JSON', { body: { orderId: 'o-1' } }, { type: 'object', body: { orderId: 'o-1' } }],
    ['text', { body: Buffer.from('plain text') }, { type: 'string', body: 'plain text' }],
    ['bytes that are no text', { body: Buffer.from([0xff, 0x00]) }, { type: 'string', body: '\ufffd\u0000' }],
    ['text as an AMQP value', { bodyType: 'value', body: 'a value' }, { type: 'string', body: 'a value' }],
  ])('gets %s as the platform hands it over', async (kind, message, expected) => {
    await send('plain', withId(`plain ${kind}`, message));
    const entry = await until(`the body of ${kind}`, async () =>
      (await host.seen<SeenBody>('Plain', 1)).find(
        ({ metadata }) => metadata['messageId'] === `plain ${kind}`,
      ),
    );
    expect(entry).toMatchObject(expected);
    await lying('plain', 0);
  });

  test('finds the broker’s data in the trigger metadata', async () => {
    const beforeMs = Date.now();
    await send('plain', {
      messageId: 'with metadata',
      body: 'x',
      contentType: 'text/plain',
      correlationId: 'c-1',
      subject: 'OrderCreated',
      to: 'somebody',
      replyTo: 'me',
      applicationProperties: { tenant: 't-1', attempt: 2 },
    });
    const entry = await until('the entry', async () =>
      (await host.seen<SeenBody>('Plain', 1)).find(
        ({ metadata }) => metadata['messageId'] === 'with metadata',
      ),
    );
    expect(entry.metadata).toMatchObject({
      deliveryCount: 1,
      contentType: 'text/plain',
      correlationId: 'c-1',
      subject: 'OrderCreated',
      label: 'OrderCreated',
      to: 'somebody',
      replyTo: 'me',
      applicationProperties: { tenant: 't-1', attempt: 2 },
      userProperties: { tenant: 't-1', attempt: 2 },
      sequenceNumber: expect.any(Number) as number,
      lockToken: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
    const enqueuedMs = Date.parse(String(entry.metadata['enqueuedTime']));
    expect(enqueuedMs).toBeGreaterThanOrEqual(beforeMs - 1);
    expect(enqueuedMs).toBeLessThanOrEqual(Date.now());
    expect(`${String(entry.metadata['enqueuedTimeUtc'])}+00:00`).toBe(entry.metadata['enqueuedTime']);
  });

  test('gets bytes with dataType binary', async () => {
    await send('binary', { body: Buffer.from([0, 255, 7]) });
    expect(await host.seen('Binary', 1)).toEqual([{ base64: Buffer.from([0, 255, 7]).toString('base64') }]);
  });

  test('that throws gets its message again until the broker dead-letters it', async () => {
    await send('plain', { messageId: 'poison', body: { fail: true } });
    const dead = await deadLetter('plain');
    expect([dead?.messageId, dead?.deadLetterReason]).toEqual(['poison', 'MaxDeliveryCountExceeded']);
    const counts = (await host.seen<SeenBody>('Plain', 3))
      .filter(({ metadata }) => metadata['messageId'] === 'poison')
      .map(({ metadata }) => metadata['deliveryCount']);
    expect(counts).toEqual([1, 2, 3]);
  });

  test('of a subscription with cardinality many gets batches, and metadata for each message', async () => {
    await send('events', { messageId: 'e-1', body: 'one' }, { messageId: 'e-2', body: { two: 2 } });
    const entries = await until('both events', async () => {
      const all = await host.seen<{ bodies: unknown[]; metadata: Record<string, unknown[]> }>(
        'PlainBatch',
        1,
      );
      return all.flatMap(({ bodies }) => bodies).length >= 2 && all;
    });
    expect(entries.flatMap(({ bodies }) => bodies)).toEqual(['one', { two: 2 }]);
    expect(entries.flatMap(({ metadata }) => metadata['messageIdArray'])).toEqual(['e-1', 'e-2']);
    expect(entries.flatMap(({ metadata }) => metadata['deliveryCountArray'])).toEqual([1, 1]);
  });

  test('of a batch that throws gets all its messages again', async () => {
    await send('events', { messageId: 'fails', body: 'fail' });
    const dead = await deadLetter('events', 'all');
    expect(dead?.messageId).toBe('fails');
  });

  test('that completes by itself and leaves a message has it again when its lock ends', async () => {
    await send('left', { body: 'left alone' });
    expect(await host.seen('Left', 1)).toEqual(['left alone']);
    await lying('left', 1);
    expect(await host.seen('Left', 2)).toEqual(['left alone', 'left alone']);
  });

  test('that completes by itself and throws gives its message back at once', async () => {
    const startMs = performance.now();
    await send('left', { body: 'throw' });
    await until(
      'two deliveries',
      async () => (await host.seen<string>('Left', 0)).filter((body) => body === 'throw').length === 2,
    );
    expect(performance.now() - startMs).toBeLessThan(4_000);
  });
});

describe('a function that takes messages', () => {
  test('gets back what was sent: properties, annotations and a JSON body', async () => {
    const [seen] = await manual('all properties', {
      body: { orderId: 'o-1', lines: [1, 2] },
      contentType: 'application/json',
      correlationId: 'c-2',
      subject: 'OrderCreated',
      to: 'somebody',
      replyTo: 'me',
      timeToLive: 60_000,
      applicationProperties: { text: 'é', whole: 7, broken: 1.5, yes: true },
    });
    expect(seen).toMatchObject({
      body: { orderId: 'o-1', lines: [1, 2] },
      contentType: 'application/json',
      correlationId: 'c-2',
      subject: 'OrderCreated',
      to: 'somebody',
      replyTo: 'me',
      applicationProperties: { text: 'é', whole: 7, broken: 1.5, yes: true },
      lockToken: seen?.metadata['lockToken'],
      settled: true,
    });
    const annotations = seen?.raw.messageAnnotations ?? {};
    expect(annotations['x-opt-sequence-number']).toBe(seen?.metadata['sequenceNumber']);
    expect(annotations['x-opt-enqueued-time']).toBe(`${String(seen?.metadata['enqueuedTimeUtc'])}Z`);
    await lying('manual', 0);
  });

  test.each([
    ['text', { body: Buffer.from('not JSON') }, 'not JSON'],
    ['text as an AMQP value', { bodyType: 'value', body: 'a value' }, 'a value'],
    ['a number as an AMQP value', { bodyType: 'value', body: 42 }, 42],
  ])('gets %s as it was sent', async (kind, message, body) => {
    const [seen] = await manual(`body ${kind}`, message);
    expect(seen?.body).toEqual(body);
  });

  test('finds bytes that are no text in the raw message', async () => {
    const bytes = Buffer.from([0xff, 0x00, 0xfe]);
    const [seen] = await manual('raw bytes', { body: bytes });
    expect(seen?.raw).toMatchObject({ body: { content: { base64: bytes.toString('base64') } } });
  });

  test('writes nothing on the console for a message that is in order', async () => {
    await manual('quiet', {});
    expect(host.output()).not.toContain('WARNING');
  });

  test('is told of the count of deliveries by the metadata, as on Azure', async () => {
    const seen = await manual('again', { applicationProperties: { settle: 'abandonOnce' } }, 2);
    expect(seen.map(({ metadata }) => metadata['deliveryCount'])).toEqual([1, 2]);
    expect(seen.map(({ deliveryCount }) => deliveryCount)).toEqual([0, 0]);
  });

  test('dead-letters with its own reason and description', async () => {
    const reason = { reason: 'InvalidJson', description: 'the body is not JSON' };
    await manual('to be buried', { applicationProperties: { settle: 'deadletter', ...reason } });
    const dead = await deadLetter('manual');
    expect([dead?.deadLetterReason, dead?.deadLetterErrorDescription]).toEqual([
      'InvalidJson',
      'the body is not JSON',
    ]);
  });

  test('defers a message, which is then received by its number', async () => {
    const [seen] = await manual('deferred', { applicationProperties: { settle: 'defer' } });
    const receiver = client.createReceiver('manual');
    const [deferred] = await lying('manual', 1);
    expect([deferred?.state, seen?.settled]).toEqual(['deferred', true]);
    const [taken] = await receiver.receiveDeferredMessages([deferred?.sequenceNumber as never]);
    await receiver.completeMessage(taken as ServiceBusReceivedMessage);
    await receiver.close();
  });

  test('renews the lock of its message', async () => {
    expect((await manual('renewed', { applicationProperties: { settle: 'renew' } }))[0]?.settled).toBe(true);
  });

  test('that throws gives its message back, though it settles by hand', async () => {
    const seen = await manual('throws', { applicationProperties: { settle: 'throw' } }, 3);
    expect(seen.map(({ metadata }) => metadata['deliveryCount'])).toEqual([1, 2, 3]);
    expect((await deadLetter('manual'))?.messageId).toBe('throws');
  });

  test('that throws after it has settled does not get the message again', async () => {
    await manual('settled before', { applicationProperties: { settle: 'throwAfter' } });
    await lying('manual', 0);
  });

  test('settling with a token that is not held is refused with FAILED_PRECONDITION', async () => {
    const [seen] = await manual('unknown', { applicationProperties: { settle: 'unknown' } });
    expect(seen?.error).toBe(
      '9 9 FAILED_PRECONDITION: LockToken 00000000-0000-0000-0000-000000000000 not found.',
    );
  });

  test('settling twice is refused with UNKNOWN, and the first settlement stands', async () => {
    const [seen] = await manual('twice', { applicationProperties: { settle: 'twice' } });
    expect(seen?.error).toMatch(/^2 2 UNKNOWN: Error: The message is already settled/);
  });
});

test('a key of host.json that has no effect here is named in a warning', () => {
  expect(host.output()).toContain('extensions.serviceBus.transportType in host.json is not simulated');
});

test('running the function through /admin/functions is refused by name', async () => {
  const answer = await host.request('/admin/functions/Plain', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"input":"x"}',
  });
  expect([answer.status, answer.text]).toEqual([
    501,
    expect.stringContaining('Running Plain (serviceBusTrigger) through /admin/functions is not simulated'),
  ]);
});
