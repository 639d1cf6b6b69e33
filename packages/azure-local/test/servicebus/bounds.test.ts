// How much a client that speaks AMQP correctly, and yet as no SDK does, may make the broker keep.
import type { Socket } from 'node:net';
import {
  create_container,
  types,
  type Connection,
  type EventContext,
  type Receiver,
  type Sender,
} from 'rhea';
import { Broker } from '../../src/servicebus/broker';
import { until } from '../../src/kit/until';
import { config, openServiceBus, peekAll, queue, type ServiceBus } from '../../testing/servicebus-fixture';

let bus: ServiceBus;
let connection: Connection;
let gone: Promise<unknown>;

beforeEach(async () => {
  bus = await openServiceBus(config([queue('q'), queue('other')]));
  const { hostname, port } = new URL(bus.connectionString.replace(/^Endpoint=sb:(.*?);.*$/, 'http:$1'));
  connection = create_container({ id: 'raw' }).connect({
    ...{ host: hostname, port: Number(port), username: 'anybody', password: 'x', reconnect: false },
  });
  gone = new Promise((resolve) => {
    for (const end of ['connection_close', 'disconnected']) connection.on(end, resolve);
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  connection.close();
  await gone;
  await bus.close();
});

interface Session {
  output(performative: unknown, payload?: Buffer): void;
}

/** What a connection that is cut off rejects with, so that no test waits for an answer that cannot come. */
const happens = (what: string, on: Sender | Receiver): Promise<unknown> =>
  new Promise((resolve, reject) => {
    on.once(what, resolve);
    void gone.then(() => reject(new Error(`cut off before ${what}`)));
  });

async function openSender(address = 'q'): Promise<Sender> {
  const sender = connection.open_sender({ target: { address } });
  await happens('sendable', sender);
  return sender;
}

/** Sends the first bytes of a message of which the rest never comes. */
function beginMessage(sender: Sender, delivery_id: number, bytes: number): void {
  const { transfer } = jest.requireActual<{ transfer: (fields: object) => unknown }>('rhea/lib/frames.js');
  const payload = Buffer.alloc(60_000);
  const { handle } = (sender as unknown as { local: { handle: number } }).local;
  for (let sent = 0; sent < bytes; sent += payload.length)
    (sender.session as unknown as Session).output(
      transfer({ handle, delivery_id, delivery_tag: Buffer.from([1]), more: true }),
      payload,
    );
}

test('a link is not charged with the message that another one, closed by now, left unfinished under its handle', async () => {
  for (const delivery of [0, 1]) {
    const sender = await openSender();
    beginMessage(sender, delivery, 10 * 1024 * 1024);
    sender.close();
    await happens('sender_close', sender);
  }
});

const MANAGEMENT = 'q/$management';

interface Requests {
  readonly replies: Receiver;
  /** What came on it, by the id of the request. */
  readonly replied: unknown[];
  readonly sender: Sender;
}

/** A link for requests and one for their replies, which takes none before it is given credit. */
async function openRequests(): Promise<Requests> {
  const session = connection.create_session();
  session.begin();
  const replies = session.open_receiver({
    ...{ source: { address: MANAGEMENT }, target: { address: 'replies' }, credit_window: 0 },
  });
  const replied: unknown[] = [];
  replies.on('message', ({ message }: EventContext) => replied.push(message?.correlation_id));
  await happens('receiver_open', replies);
  return { replies, replied, sender: await openSender(MANAGEMENT) };
}

const request = (message_id: string, operation: string, body: unknown): never =>
  ({
    message_id,
    reply_to: 'replies',
    application_properties: { operation: `com.microsoft:${operation}` },
    body,
  }) as never;

const schedule = (id: string): never =>
  request(id, 'schedule-message', {
    messages: [{ 'message-id': id, message: Buffer.from([0, 0x53, 0x77, 0x40]) }],
  });

/** Resolves when the broker has taken in all that was sent on this connection before. */
async function allTaken(): Promise<void> {
  const sender = await openSender('other');
  sender.send({ body: 'last' });
  await happens('accepted', sender);
}

const scheduled = async (): Promise<number> =>
  (await peekAll(bus, (client) => client.createReceiver('q'))).length;

test('a request is not carried out before there is credit for its reply, and then in its turn', async () => {
  const { replies, replied, sender } = await openRequests();
  for (const id of ['a', 'b', 'c']) sender.send(schedule(id));
  await allTaken();
  expect(await scheduled()).toBe(0);
  replies.add_credit(2);
  await until('there are two replies', () => replied.length === 2);
  expect([replied, await scheduled()]).toEqual([['a', 'b'], 2]);
  replies.add_credit(1);
  await until('there is the third', () => replied.length === 3);
});

test.each([
  ['the link', (replies: Receiver) => replies.close()],
  ['the session', (replies: Receiver) => replies.session.close()],
])(
  'a request that waits for credit is rejected, and not carried out, when %s for its reply ends',
  async (_, end) => {
    const { replies, sender } = await openRequests();
    sender.send(schedule('a'));
    await allTaken();
    const rejected = happens('rejected', sender);
    end(replies);
    const { delivery } = (await rejected) as EventContext;
    expect(JSON.stringify(delivery?.remote_state)).toContain('the link for its reply was closed');
    expect(await scheduled()).toBe(0);
  },
);

test('of requests that wait for credit the broker keeps a few megabytes, and rejects the others', async () => {
  const { sender } = await openRequests();
  const rejected = happens('rejected', sender);
  for (const id of ['a', 'b', 'c', 'd', 'e']) sender.send(request(id, 'any', Buffer.alloc(1024 * 1024)));
  const { delivery } = (await rejected) as EventContext;
  expect(JSON.stringify(delivery?.remote_state)).toContain('server-busy');
});

test('peeks are answered no faster than the client reads, and all in the end', async () => {
  const filler = bus.client.createSender('q');
  await filler.sendMessages({ body: Buffer.alloc(255 * 1024) });
  const { replies, replied, sender } = await openRequests();
  replies.add_credit(1000);
  const peeks = jest.spyOn(Broker.prototype, 'peek');
  const { socket } = connection as unknown as { socket: Socket };
  const body = { 'from-sequence-number': types.wrap_long(0), 'message-count': types.wrap_int(1) };
  const other = await openSender('other');
  for (let count = 0; count < 400; count += 1) sender.send(request(String(count), 'peek-message', body));
  other.send({ body: 'last' });
  socket.pause();
  await until(
    'all requests have come',
    async () => (await peekAll(bus, (client) => client.createReceiver('other'))).length > 0,
  );
  // The peek of the line above is one too. The system's buffers for a connection hold some megabytes.
  expect(peeks.mock.calls.length).toBeLessThan(200);
  socket.resume();
  await until('there are all replies', () => replied.length === 400);
});

test('a disposition of four thousand million deliveries settles the ones there are, at once', async () => {
  await bus.client.createSender('q').sendMessages([{ body: 1 }, { body: 2 }]);
  const receiver = connection.open_receiver({ ...{ source: { address: 'q' }, autoaccept: false } });
  let count = 0;
  receiver.on('message', () => (count += 1));
  await until('both have come', () => count === 2);
  const frames = jest.requireActual<{ disposition: (fields: object) => unknown }>('rhea/lib/frames.js');
  const state: unknown = types.described(types.wrap_ulong(0x24), types.wrap_list([]));
  (receiver.session as unknown as Session).output(
    frames.disposition({ role: true, first: 0, last: 0xffffffff, settled: true, state }),
  );
  await allTaken();
  await until('both are completed', async () => (await scheduled()) === 0);
});
