// How much a client that speaks AMQP correctly, and yet as no SDK does, may make the broker keep.
import { create_container, type Connection, type Sender } from 'rhea';
import { config, openServiceBus, queue, type ServiceBus } from './servicebus-fixture';

let bus: ServiceBus;
let connection: Connection;
let gone: Promise<unknown>;

beforeEach(async () => {
  bus = await openServiceBus(config([queue('q')]));
  const { hostname, port } = new URL(bus.connectionString.replace(/^Endpoint=sb:(.*?);.*$/, 'http:$1'));
  connection = create_container({ id: 'raw' }).connect({
    ...{ host: hostname, port: Number(port), username: 'anybody', password: 'x', reconnect: false },
  });
  gone = new Promise((resolve) => {
    for (const end of ['connection_close', 'disconnected']) connection.on(end, resolve);
  });
});
afterEach(async () => {
  connection.close();
  await gone;
  await bus.close();
});

interface Session {
  output(performative: unknown, payload: Buffer): void;
}

/** What a connection that is cut off rejects with, so that no test waits for an answer that cannot come. */
const happens = (what: string, on: Sender): Promise<unknown> =>
  new Promise((resolve, reject) => {
    on.once(what, resolve);
    void gone.then(() => reject(new Error(`cut off before ${what}`)));
  });

async function openSender(): Promise<Sender> {
  const sender = connection.open_sender({ target: { address: 'q' } });
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
