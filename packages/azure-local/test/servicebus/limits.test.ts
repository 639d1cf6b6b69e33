// The limits of a Service Bus namespace of the tier that is deployed: at each, one below and one above.
import { message, type Message } from 'rhea';
import { parseEntities } from '../../src/servicebus/entities';
import { HEADER_BYTES_AT_MOST, MESSAGE_BYTES_AT_MOST } from '../../src/servicebus/limits';
import { sendRaw } from '../../testing/raw-sender';
import { config, openServiceBus, peekAll, queue, type ServiceBus } from '../../testing/servicebus-fixture';

let bus: ServiceBus;
beforeAll(async () => {
  bus = await openServiceBus(config([queue('q')]));
});
afterAll(() => bus.close());

const send = (sent: Message): Promise<void> =>
  sendRaw(/sb:[^;]+/.exec(bus.connectionString)?.[0] ?? '', 'q', sent);

const withBody = (bytes: number, more: object = {}): Message => ({
  ...more,
  body: message.data_section(Buffer.alloc(bytes)) as unknown,
});

/** Bytes of everything but the body's own. */
const around = (more: object): number => message.encode(withBody(1_000, more)).length - 1_000;

const lying = async (): Promise<number> =>
  (await peekAll(bus, (client) => client.createReceiver('q'))).length;

describe('a message of', () => {
  /** The length of a body that is longer than 255 bytes takes three bytes more. */
  const bodyOf = (bytes: number): Message =>
    withBody(bytes - around({ message_id: 'm' }), { message_id: 'm' });

  test.each([-1, 0])('256 kB %i bytes is taken', async (more) => {
    const before = await lying();
    await send(bodyOf(256 * 1024 + more));
    expect(MESSAGE_BYTES_AT_MOST).toBe(256 * 1024);
    expect(await lying()).toBe(before + 1);
  });

  test('256 kB and one byte is refused, alone and in a batch, and nothing of it is kept', async () => {
    const before = await lying();
    await expect(send(bodyOf(256 * 1024 + 1))).rejects.toThrow('message-size-exceeded');
    expect(await lying()).toBe(before);
  });
});

describe('the headers of a message', () => {
  const withHeaders = (bytes: number): Message => {
    const of = (value: string): Message =>
      withBody(1_000, { message_id: 'm', application_properties: { p: value } });
    // Three bytes of descriptor and five of length stand before the body's own.
    const fixed = message.encode(of('x'.repeat(1_000))).length - 1_008;
    return of('x'.repeat(bytes - fixed + 1_000));
  };

  test.each([-1, 0])('may have 64 kB %i bytes', async (more) => {
    await expect(send(withHeaders(HEADER_BYTES_AT_MOST + more))).resolves.toBeUndefined();
  });

  test('may not have one byte more', async () => {
    await expect(send(withHeaders(HEADER_BYTES_AT_MOST + 1))).rejects.toThrow(
      'over the limit of 65536 bytes',
    );
  });
});

test.each([
  ['MessageId', 'message_id'],
  ['SessionId', 'group_id'],
])('a %s has at most 128 characters', async (name, field) => {
  await expect(send(withBody(1, { [field]: 'x'.repeat(128) }))).resolves.toBeUndefined();
  await expect(send(withBody(1, { [field]: 'x'.repeat(129) }))).rejects.toThrow(
    `The ${name} has 129 characters`,
  );
});

test('the names of queues and topics have at most 260 characters, those of subscriptions and rules 50', () => {
  const named = (entity: number, subscription: number, rule: number): unknown => {
    const Rules = [
      { Name: 'r'.repeat(rule), Properties: { FilterType: 'Correlation', CorrelationFilter: {} } },
    ];
    const Subscriptions = [{ Name: 's'.repeat(subscription), Properties: {}, Rules }];
    return config([queue('q'.repeat(entity))], [{ Name: 't'.repeat(entity), Properties: {}, Subscriptions }]);
  };
  expect(() => parseEntities(named(260, 50, 50))).not.toThrow();
  expect(() => parseEntities(named(261, 50, 50))).toThrow('Queues[0].Name has 261 characters');
  expect(() => parseEntities(named(260, 51, 50))).toThrow('Subscriptions[0].Name has 51 characters');
  expect(() => parseEntities(named(260, 50, 51))).toThrow('Rules[0].Name has 51 characters');
});
