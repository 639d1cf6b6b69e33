// What a client says to a broker, written down frame by frame while the real SDK talks through a door in between.
import { connect, createServer } from 'node:net';
import { listenOnLoopback } from '../../../local/listen';

/** Protocol headers and frames, in the order in which they were sent. */
export type Conversation = readonly Buffer[];

const HEADER_BYTES = 8;
const HEADER = Buffer.from('AMQP');

/** Lets `talk` connect to the broker at `port` through a door, and gives all that it said. */
export async function record(port: number, talk: (doorPort: number) => Promise<void>): Promise<Conversation> {
  const said: Buffer[] = [];
  const door = createServer((client) => {
    const broker = connect({ host: '127.0.0.1', port });
    client.on('data', (chunk: Buffer) => said.push(chunk));
    client.pipe(broker).pipe(client);
    for (const socket of [client, broker]) socket.on('error', () => socket.destroy());
  });
  const doorPort = await listenOnLoopback(door, 0, 'recording door', '');
  try {
    await talk(doorPort);
  } finally {
    await new Promise((resolve) => door.close(resolve));
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
