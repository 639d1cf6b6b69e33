// What becomes of a request to `$management` that the official SDK would not send: nobody waits for ever.
import { create_container, types, type Connection, type EventContext, type Sender } from 'rhea';
import { encodableId } from '../../src/kit/amqp-ids';
import { uuidBytes } from '../../src/kit/uuid';
import {
  config,
  openServiceBus,
  peekAll,
  queue,
  receiveOne,
  type ServiceBus,
} from '../../testing/servicebus-fixture';

const MANAGEMENT = 'q/$management';
const REPLIES = 'replies';

let bus: ServiceBus;
let connection: Connection;
let sender: Sender;
const replies: EventContext[] = [];

beforeAll(async () => {
  bus = await openServiceBus(config([queue('q')]));
  const { hostname, port } = new URL(bus.connectionString.replace(/^Endpoint=sb:(.*?);.*$/, 'http:$1'));
  connection = create_container({ id: 'raw' }).connect({
    ...{ host: hostname, port: Number(port), username: 'anybody', password: 'x', reconnect: false },
  });
  connection.on('disconnected', () => undefined);
  const receiver = connection.open_receiver({
    ...{ source: { address: MANAGEMENT }, target: { address: REPLIES } },
  });
  receiver.on('message', (context: EventContext) => replies.push(context));
  sender = connection.open_sender({ target: { address: MANAGEMENT } });
  await new Promise((resolve) => sender.once('sendable', resolve));
});
afterAll(async () => {
  const closed = new Promise((resolve) => connection.once('connection_close', resolve));
  connection.close();
  await closed;
  await bus.close();
});

/** Sends a request and gives the state that it was settled with. */
async function settled(request: object): Promise<Record<string, unknown>> {
  const delivery = Buffer.isBuffer(request)
    ? sender.send(request, undefined, 0)
    : sender.send(request as never);
  for (;;) {
    const context = await new Promise<EventContext>((resolve) => sender.once('settled', resolve));
    if (context.delivery?.id === delivery.id)
      return context.delivery.remote_state as unknown as Record<string, unknown>;
  }
}

const peek = (id: string): object => ({
  message_id: id,
  reply_to: REPLIES,
  application_properties: { operation: 'com.microsoft:peek-message' },
  body: { 'from-sequence-number': types.wrap_long(0), 'message-count': types.wrap_int(1) },
});

const bodyOf = (id: string): unknown =>
  replies.find(({ message }) => message?.correlation_id === id)?.message?.body;

const answerTo = (id: string): Record<string, unknown> | undefined =>
  replies.find(({ message }) => message?.correlation_id === id)?.message?.application_properties;

/** That requests are answered still. */
async function expectService(id: string): Promise<void> {
  await settled(peek(id));
  expect(answerTo(id)).toEqual({ statusCode: 204 });
}

test('bytes that are no message are rejected as such, and the next request is answered', async () => {
  expect(await settled(Buffer.from([0, 0x53, 0x73, 0xd0, 0, 0, 0]))).toMatchObject({
    error: { condition: 'amqp:decode-error', description: expect.stringContaining(MANAGEMENT) as string },
  });
  await expectService('after garbage');
});

test.each([
  ['names nowhere to reply to', {}, 'names nothing'],
  ['is to be replied to where no receiver is attached', { reply_to: 'elsewhere' }, "names 'elsewhere'"],
])('a request that %s is rejected and not carried out', async (_, replyTo, why) => {
  const body = { messages: [{ 'message-id': 'm', message: Buffer.from([0, 0x53, 0x77, 0x40]) }] };
  const schedule = {
    message_id: 'm',
    application_properties: { operation: 'com.microsoft:schedule-message' },
  };
  expect(await settled({ ...schedule, ...replyTo, body })).toMatchObject({
    error: {
      condition: 'com.microsoft:argument-error',
      description: expect.stringContaining(why) as string,
    },
  });
  expect(await peekAll(bus, (client) => client.createReceiver('q'))).toEqual([]);
});

test.each<[string, number | Buffer]>([
  ['an integer that no double holds', Buffer.from('fffffffffffffff1', 'hex')],
  ['binary', Buffer.from('a binary id')],
  ['a UUID', Buffer.from('00112233445566778899aabbccddeeff', 'hex')],
])('a request whose id is %s is answered under this id', async (_, id) => {
  const message_id = encodableId(id) as string;
  await settled({ message_id, reply_to: REPLIES, application_properties: { operation: 'none' } });
  expect(replies.map(({ message }) => message?.correlation_id)).toContainEqual(id);
});

test.each([
  ['without properties', undefined, 400, 'names no operation'],
  ['without an operation', { other: 1 }, 400, 'names no operation'],
  ['for an operation that is no text', { operation: 5 }, 400, 'names no operation'],
  ['for an operation that is not simulated', { operation: 'com.microsoft:fly' }, 501, 'com.microsoft:fly'],
  ['without a body', { operation: 'com.microsoft:peek-message' }, 400, 'body is wrong'],
])('a request %s is answered with the reason', async (name, application_properties, status, why) => {
  await settled({ message_id: name, reply_to: REPLIES, application_properties });
  expect(answerTo(name)).toMatchObject({
    statusCode: status,
    statusDescription: expect.stringContaining(why) as string,
    errorCondition: expect.stringMatching(/argument-error|not-implemented/) as string,
  });
});

test('properties that a request changes keep the types that the client gave them', async () => {
  await bus.client.createSender('q').sendMessages({ body: 'typed' });
  const receiver = bus.client.createReceiver('q');
  const message = await receiveOne(receiver);
  const changes = { byte: types.wrap_ubyte(200), char: types.wrap_char(0xdf), short: types.wrap_short(-3) };
  await settled({
    message_id: 'typed',
    reply_to: REPLIES,
    application_properties: { operation: 'com.microsoft:update-disposition' },
    body: {
      'disposition-status': 'abandoned',
      'lock-tokens': types.wrap_array([uuidBytes(message.lockToken ?? '')], 0x98, undefined),
      'properties-to-modify': types.wrap_map(changes),
    },
  });
  expect(answerTo('typed')).toEqual({ statusCode: 200 });
  await settled(peek('peek typed'));
  const [peeked] = (bodyOf('peek typed') as { messages: { message: Buffer }[] }).messages;
  // After each name: the type code and the value.
  for (const bytes of ['byte\x50\xc8', 'char\x73\x00\x00\x00\xdf', 'short\x61\xff\xfd'])
    expect(peeked?.message.toString('latin1')).toContain(bytes);
});
