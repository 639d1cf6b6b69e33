// Recording of a client's conversation with a broker, frame by frame, while the real SDK talks through a proxy in
// between.
import { connect, createServer, type Socket } from 'node:net';
import { listenOnLoopback } from 'azure-local/kit/listen';

/** Protocol headers and frames, in the order in which they were sent. */
export type Conversation = readonly Buffer[];

const HEADER_BYTES = 8;
const HEADER = Buffer.from('AMQP');

/** Lets `talk` connect to the broker at `port` through a proxy, and gives all that it said. */
export async function record(
  port: number,
  talk: (proxyPort: number) => Promise<void>,
): Promise<Conversation> {
  const said: Buffer[] = [];
  const proxy = createServer((client) => {
    const broker = connect({ host: '127.0.0.1', port });
    client.on('data', (chunk: Buffer) => said.push(chunk));
    client.pipe(broker).pipe(client);
    for (const socket of [client, broker]) socket.on('error', () => socket.destroy());
  });
  const proxyPort = await listenOnLoopback(proxy, 0, 'recording proxy', '');
  try {
    await talk(proxyPort);
  } finally {
    await new Promise((resolve) => proxy.close(resolve));
  }
  return framesOf(Buffer.concat(said));
}

function framesOf(bytes: Buffer): Conversation {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const isHeader = bytes.subarray(at, at + HEADER.length).equals(HEADER);
    const size = isHeader ? HEADER_BYTES : bytes.readUInt32BE(at);
    frames.push(bytes.subarray(at, at + size));
    at += size;
  }
  return frames;
}

const SASL_OUTCOME = Buffer.from([0x00, 0x53, 0x44]);
/** Damaged SASL gets no outcome; what comes after it is sent all the same. */
const OUTCOME_WITHIN_MS = 500;

/**
 * Says a conversation on `socket` as a client does: what follows SASL only when its outcome has come, because rhea takes
 * a header that came too early for a frame and waits for a gigabyte. Resolves when all is written or the socket closed.
 */
export async function replay(socket: Socket, conversation: Conversation): Promise<void> {
  const second = conversation.findIndex(
    (frame, at) => at > 0 && frame.subarray(0, HEADER.length).equals(HEADER),
  );
  const split = second < 0 ? conversation.length : second;
  const welcomed = outcome(socket);
  await say(socket, conversation.slice(0, split));
  await welcomed;
  await say(socket, conversation.slice(split));
}

function outcome(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const patience = setTimeout(resolve, OUTCOME_WITHIN_MS);
    const finish = (): void => {
      clearTimeout(patience);
      resolve();
    };
    socket.on('data', (chunk: Buffer) => chunk.includes(SASL_OUTCOME) && finish());
    socket.once('close', finish);
  });
}

async function say(socket: Socket, pieces: Conversation): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return;
    await new Promise<void>((done) => socket.write(piece, () => done()));
  }
}
