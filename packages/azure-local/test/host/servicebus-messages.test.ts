// Service Bus triggers on the real function host, with the unmodified SDKs against the broker look-alike: functions that
// take messages and settle them by hand.
import type { ServiceBusMessage, ServiceBusReceivedMessage } from '@azure/service-bus';
import { until } from '../../src/kit/until';
import { withId } from './servicebus-places';
import { queue } from './servicebus-process';
import { openServiceBusFixture, type ServiceBusHostFixture } from './servicebus-host-fixture';

interface SeenMessage extends Readonly<Record<string, unknown>> {
  readonly body: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly raw: { readonly messageAnnotations: Readonly<Record<string, unknown>> };
  readonly settled?: true;
  readonly error?: string;
}

let fixture: ServiceBusHostFixture;
let places: ServiceBusHostFixture['places'];
let host: ServiceBusHostFixture['host'];
beforeAll(async () => {
  fixture = await openServiceBusFixture({ queues: [queue('manual')], functions: ['Manual'] });
  ({ places, host } = fixture);
});
afterAll(() => fixture.close());

/** Sends a message to the function Manual and waits until it has been seen `times` times. */
async function manual(
  id: string,
  message: Partial<ServiceBusMessage>,
  times = 1,
): Promise<readonly SeenMessage[]> {
  await places.send('manual', withId(id, { body: {}, ...message }));
  return until(`${times} deliveries of ${id}`, async () => {
    const all = await host.seen<SeenMessage>('Manual', 0);
    const own = all.filter(({ messageId }) => messageId === id);
    return own.length >= times && own.every((each) => each.settled ?? each.error) && own;
  });
}

describe('a function that takes messages', () => {
  test('gets back what was sent: properties, annotations and a JSON body', async () => {
    const sent = {
      body: { orderId: 'o-1', lines: [1, 2] },
      contentType: 'application/json',
      correlationId: 'c-2',
      subject: 'OrderCreated',
      to: 'somebody',
      replyTo: 'me',
      applicationProperties: { text: 'é', whole: 7, broken: 1.5, yes: true },
    };
    const [seen] = await manual('all properties', { ...sent, timeToLive: 60_000 });
    expect(seen).toMatchObject({ ...sent, lockToken: seen?.metadata['lockToken'], settled: true });
    const annotations = seen?.raw.messageAnnotations ?? {};
    expect(annotations['x-opt-sequence-number']).toBe(seen?.metadata['sequenceNumber']);
    expect(annotations['x-opt-enqueued-time']).toBe(`${String(seen?.metadata['enqueuedTimeUtc'])}Z`);
    await places.lying('manual', 0);
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

  test('finds the delivery count in the trigger metadata, as on Azure', async () => {
    const seen = await manual('again', { applicationProperties: { settle: 'abandonOnce' } }, 2);
    expect(seen.map(({ metadata }) => metadata['deliveryCount'])).toEqual([1, 2]);
    expect(seen.map(({ deliveryCount }) => deliveryCount)).toEqual([0, 0]);
  });

  test('dead-letters with its own reason and description', async () => {
    const reason = { reason: 'InvalidJson', description: 'the body is not JSON' };
    await manual('to be buried', { applicationProperties: { settle: 'deadletter', ...reason } });
    const dead = await places.deadLetter('manual');
    expect([dead?.deadLetterReason, dead?.deadLetterErrorDescription]).toEqual([
      'InvalidJson',
      'the body is not JSON',
    ]);
  });

  test('defers a message, which is then received by its number', async () => {
    const [seen] = await manual('deferred', { applicationProperties: { settle: 'defer' } });
    const receiver = places.client.createReceiver('manual');
    const [deferred] = await places.lying('manual', 1);
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
    expect((await places.deadLetter('manual'))?.messageId).toBe('throws');
  });

  test('that throws after it has settled does not get the message again', async () => {
    await manual('settled before', { applicationProperties: { settle: 'throwAfter' } });
    await places.lying('manual', 0);
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
