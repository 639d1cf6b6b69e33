// What the broker writes after frames that have no answer, as a client reads it from its socket.
import type { Socket } from 'node:net';
import { create_container, type Connection, type EventContext, type Receiver, type Sender } from 'rhea';
import { until } from '../../src/kit/until';
import { config, openServiceBus, queue, type ServiceBus } from '../../testing/servicebus-fixture';

const EMPTY_FRAME = '0000000802000000';

let bus: ServiceBus;
let connection: Connection;
/** Each read of the client, in hexadecimal digits. */
let read: string[];

beforeEach(async () => {
  bus = await openServiceBus(config([queue('q')]));
  const { hostname, port } = new URL(bus.connectionString.replace(/^Endpoint=sb:(.*?);.*$/, 'http:$1'));
  connection = create_container({ id: 'raw' }).connect({
    ...{ host: hostname, port: Number(port), username: 'anybody', password: 'x', reconnect: false },
  });
  await happens('connection_open');
  read = [];
  const { socket } = connection as unknown as { socket: Socket };
  socket.on('data', (bytes: Buffer) => read.push(bytes.toString('hex')));
});
afterEach(async () => {
  connection.close();
  await happens('connection_close');
  await bus.close();
});

const happens = (what: string): Promise<unknown> =>
  new Promise((resolve) => void connection.once(what, resolve));

async function openReceiver(): Promise<Receiver> {
  const receiver = connection.open_receiver({
    source: { address: 'q' },
    credit_window: 0,
    autoaccept: false,
  });
  await happens('receiver_open');
  return receiver;
}

async function openSender(): Promise<Sender> {
  const sender = connection.open_sender({ target: { address: 'q' } });
  await happens('sendable');
  return sender;
}

async function send(sender: Sender): Promise<void> {
  sender.send({ body: 'an order' });
  await happens('accepted');
}

test('credit for which there is no message is acknowledged by an empty frame', async () => {
  const receiver = await openReceiver();
  read.length = 0;
  receiver.add_credit(1);
  await until('an empty frame', () => read.length > 0);
  expect(read).toEqual([EMPTY_FRAME]);
});

test('what is answered at once has its answer and no empty frame: a message that is sent, credit that is drained', async () => {
  const receiver = await openReceiver();
  const sender = await openSender();
  read.length = 0;
  receiver.drain_credit();
  await happens('receiver_drained');
  // An empty frame would have come before its answer.
  await send(sender);
  expect(read.join()).not.toContain(EMPTY_FRAME);
});

test('a settlement that the client makes final by itself is acknowledged by an empty frame', async () => {
  await send(await openSender());
  const receiver = await openReceiver();
  const delivered = new Promise<void>((resolve) => {
    connection.once('message', ({ delivery }: EventContext) => {
      read.length = 0;
      delivery?.accept();
      resolve();
    });
  });
  receiver.add_credit(1);
  await delivered;
  await until('an empty frame', () => read.join('').includes(EMPTY_FRAME));
});
