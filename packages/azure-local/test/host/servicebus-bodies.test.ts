// Service Bus triggers on the real function host, with the unmodified SDKs against the broker look-alike: functions that
// take bodies, and what becomes of their messages.
import { until } from '../../src/kit/until';
import { withId } from './servicebus-places';
import { queue, topic } from './servicebus-process';
import { openServiceBusFixture, type ServiceBusHostFixture } from './servicebus-host-fixture';

interface SeenBody {
  readonly type: string;
  readonly body: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
}

let fixture: ServiceBusHostFixture;
let places: ServiceBusHostFixture['places'];
let host: ServiceBusHostFixture['host'];
beforeAll(async () => {
  fixture = await openServiceBusFixture({
    queues: [
      ...[queue('plain'), queue('binary')],
      queue('left', { LockDuration: 'PT5S' }),
      // No lock ends while a test runs.
      queue('throws', { LockDuration: 'PT5M', MaxDeliveryCount: 2 }),
    ],
    topics: [topic('events', 'all')],
    functions: ['Plain', 'PlainBatch', 'Binary', 'Left', 'Throws'],
  });
  ({ places, host } = fixture);
});
afterAll(() => fixture.close());

describe('a function that takes bodies', () => {
  test.each([
    ['JSON', { body: { orderId: 'o-1' } }, { type: 'object', body: { orderId: 'o-1' } }],
    ['text', { body: Buffer.from('plain text') }, { type: 'string', body: 'plain text' }],
    ['bytes that are no text', { body: Buffer.from([0xff, 0x00]) }, { type: 'string', body: '\ufffd\u0000' }],
    ['text as an AMQP value', { bodyType: 'value', body: 'a value' }, { type: 'string', body: 'a value' }],
  ])('gets %s as the platform hands it over', async (kind, message, expected) => {
    await places.send('plain', withId(`plain ${kind}`, message));
    const entry = await until(`the body of ${kind}`, async () =>
      (await host.seen<SeenBody>('Plain', 1)).find(
        ({ metadata }) => metadata['messageId'] === `plain ${kind}`,
      ),
    );
    expect(entry).toMatchObject(expected);
    await places.lying('plain', 0);
  });

  test('finds the broker’s data in the trigger metadata', async () => {
    const beforeMs = Date.now();
    await places.send('plain', {
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
    await places.send('binary', { body: Buffer.from([0, 255, 7]) });
    expect(await host.seen('Binary', 1)).toEqual([{ base64: Buffer.from([0, 255, 7]).toString('base64') }]);
  });

  test('that throws gets its message again until the broker dead-letters it', async () => {
    await places.send('plain', { messageId: 'poison', body: { fail: true } });
    const dead = await places.deadLetter('plain');
    expect([dead?.messageId, dead?.deadLetterReason]).toEqual(['poison', 'MaxDeliveryCountExceeded']);
    const counts = (await host.seen<SeenBody>('Plain', 3))
      .filter(({ metadata }) => metadata['messageId'] === 'poison')
      .map(({ metadata }) => metadata['deliveryCount']);
    expect(counts).toEqual([1, 2, 3]);
  });

  test('of a subscription with cardinality many gets batches, and metadata for each message', async () => {
    await places.send('events', { messageId: 'e-1', body: 'one' }, { messageId: 'e-2', body: { two: 2 } });
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
    await places.send('events', { messageId: 'fails', body: 'fail' });
    const dead = await places.deadLetter('events', 'all');
    expect(dead?.messageId).toBe('fails');
  });

  test('that completes by itself and leaves a message has it again when its lock ends', async () => {
    await places.send('left', { body: 'left alone' });
    expect(await host.seen('Left', 1)).toEqual(['left alone']);
    await places.lying('left', 1);
    expect(await host.seen('Left', 2)).toEqual(['left alone', 'left alone']);
  });

  test('that completes by itself and throws gives its message back at once', async () => {
    await places.send('throws', { body: 'not now' });
    expect(await host.seen('Throws', 2)).toEqual(['not now', 'not now']);
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
