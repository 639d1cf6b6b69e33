// Inputs that the fuzzer (`npm run test:fuzz`) once broke something with; each is named after what it was.
import { cleanUp, openEngine } from 'azure-local/testing/durable-harness';
import { connect, type Socket } from 'node:net';
import { openCosmos } from 'azure-local/testing/cosmos-fixture';
import { openServiceBus, type ServiceBus } from 'azure-local/testing/servicebus-fixture';
import { record, replay } from '../../tools/fuzz/wire/recorded-conversation';
import { emulatorBusConnection } from 'azure-local/kit/emulator-connections';
import { ServiceBusClient } from '@azure/service-bus';
import { EMULATOR_KEY } from 'azure-local/kit/emulator-connections';
import { createAuthorization } from 'azure-local/cosmos/auth';
import config from '../../local/servicebus/Config.json';

interface RheaFrames {
  read_frame(bytes: Buffer): {
    performative: { more: boolean; max_frame_size?: number; described(): unknown };
  };
  write_frame(frame: unknown): Buffer;
}

/** A transfer that says that more of its message will come. */
function withMore(transfer: Buffer): Buffer {
  const frames = jest.requireActual<RheaFrames>('rhea/lib/frames.js');
  const frame = frames.read_frame(transfer);
  frame.performative.more = true;
  return frames.write_frame({ ...frame, performative: frame.performative.described() });
}

describe('the durable management API', () => {
  afterEach(cleanUp);

  test.each([
    ['GET', '/instances/fuzz-%zz'],
    ['POST', '/instances/fuzz-%zz/terminate'],
    ['POST', '/instances/%E0%A4%A/raiseEvent/%ff'],
  ])('takes the malformed escape in %s %s as it stands, and finds no such instance', async (method, path) => {
    const { call } = await openEngine();
    const headers = { 'Content-Type': 'application/json' };
    expect((await call(method, path, method === 'GET' ? undefined : '{}', headers)).status).toBe(404);
  });

  test.each([
    ['POST', '/orchestrators/any/fuzz-%00'],
    ['POST', '/instances/fuzz-%00/rewind'],
    ['GET', '/instances/fuzz-%00'],
  ])('refuses a NUL in an id, as in %s %s, as a 400', async (method, path) => {
    const { call } = await openEngine();
    expect((await call(method, path)).status).toBe(400);
  });
});

describe('the durable management API, asked for more instances than there are numbers', () => {
  afterEach(cleanUp);

  test.each(['999999999999999999999999999999', '2147483648', '-2147483649'])(
    'ignores top=%s, which is no 32-bit number',
    async (top) => {
      const { call } = await openEngine();
      expect((await call('GET', `/instances?top=${top}`)).status).toBe(200);
      expect((await call('GET', `/entities/any?top=${top}`)).status).toBe(200);
    },
  );
});

describe('the Cosmos DB look-alike', () => {
  test('refuses half of a surrogate pair in an id as a 400', async () => {
    const cosmos = await openCosmos();
    try {
      const id = 'half-\ud800';
      await expect(cosmos.client.databases.create({ id })).rejects.toMatchObject({ code: 400 });
      const { database } = await cosmos.client.databases.create({ id: 'whole' });
      await expect(database.containers.create({ id, partitionKey: '/pk' })).rejects.toMatchObject({
        code: 400,
      });
      const { container } = await database.containers.create({ id: 'whole', partitionKey: '/pk' });
      await expect(container.items.create({ id, pk: 'p' })).rejects.toMatchObject({ code: 400 });
    } finally {
      await cosmos.close();
    }
  });

  test.each(['%', '%ff', 'type%3Dmaster%26%zz'])(
    'refuses the malformed authorization %j as a 401',
    (authorization) => {
      const authorize = createAuthorization(EMULATOR_KEY);
      const request = {
        method: 'GET',
        resourceType: 'dbs',
        resourceLink: '',
        date: new Date().toUTCString(),
      };
      expect(() => authorize({ ...request, authorization })).toThrow(/authorization token|master key only/);
    },
  );

  test.each([
    ['brackets', `SELECT * FROM c WHERE ${'('.repeat(20_000)}true${')'.repeat(20_000)}`],
    ['NOTs', `SELECT * FROM c WHERE ${'NOT '.repeat(50_000)}true`],
  ])('refuses a query of very many nested %s as a 400, and goes on', async (_, query) => {
    const cosmos = await openCosmos();
    try {
      const container = await cosmos.container('/pk');
      await expect(container.items.query(query).fetchAll()).rejects.toMatchObject({ code: 400 });
      expect((await container.items.query('SELECT * FROM c').fetchAll()).resources).toEqual([]);
    } finally {
      await cosmos.close();
    }
  });
});

describe('the Service Bus look-alike', () => {
  let bus: ServiceBus;
  beforeEach(async () => {
    bus = await openServiceBus(config);
  });
  afterEach(() => bus.close());

  /** What a client says up to its message, so that what follows is said on a link that is attached. */
  async function upToTransfer(): Promise<{ port: number; said: Buffer[]; transfer: Buffer }> {
    const port = Number(/:(\d+)/.exec(bus.connectionString)?.[1]);
    const frames = await record(port, async (proxyPort) => {
      const client = new ServiceBusClient(emulatorBusConnection(`sb://127.0.0.1:${proxyPort}`));
      await client.createSender('orders').sendMessages({ body: Buffer.alloc(30_000) });
      await client.close();
    });
    const at = frames.findIndex((frame) => frame.length > 30_000);
    const transfer = frames[at];
    if (transfer === undefined) throw new Error('The recording holds no message.');
    return { port, said: frames.slice(0, at), transfer };
  }

  async function saying(
    port: number,
    said: readonly Buffer[],
  ): Promise<{ socket: Socket; closed: Promise<unknown> }> {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => undefined).resume();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await replay(socket, said);
    return { socket, closed };
  }

  /** Sends all of it, and waits until the broker has hung up. */
  async function cutOff(port: number, said: readonly Buffer[]): Promise<void> {
    await (
      await saying(port, said)
    ).closed;
  }

  /** Sends all of it, then `flood` again and again, until the broker has hung up. */
  async function untilCutOff(port: number, said: readonly Buffer[], flood: Buffer): Promise<number> {
    const { socket, closed } = await saying(port, said);
    let bytes = 0;
    while (!socket.destroyed && bytes < 256 * 1024 * 1024) {
      bytes += flood.length;
      if (!socket.write(flood))
        await Promise.race([new Promise((done) => socket.once('drain', done)), closed]);
    }
    socket.end();
    await closed;
    return bytes;
  }

  const stillServes = async (): Promise<void> => {
    expect(await bus.client.createReceiver('orders').peekMessages(1)).toHaveLength(1);
  };

  test('takes the deliveries 0 to 4,294,967,295 in one frame for those there are, and serves the others', async () => {
    const { port, said } = await upToTransfer();
    const list = [0x00, 0x53, 0x15, 0xc0, 0x0a, 0x05, 0x41, 0x43, 0x70, 0xff, 0xff, 0xff, 0xff, 0x41, 0x40];
    const frame = Buffer.from([0, 0, 0, 8 + list.length, 2, 0, 0, 0, ...list]);
    const { socket } = await saying(port, [...said, ...Array.from({ length: 1_000 }, () => frame)]);
    await stillServes();
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  });

  test.each([
    ['an array of 4,294,967,295 nulls', [0xf0, 0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff, 0x40]],
    ['a list of 4,294,967,295 values', [0xd0, 0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff]],
    [
      'lists in one another, a thousand deep',
      Array.from({ length: 3_000 }, (_, n) => [0xc0, 2, 1][n % 3] ?? 0),
    ],
  ])('disconnects a client that has %s in a frame, and serves the others', async (_, value) => {
    const { port, said } = await upToTransfer();
    const list = [0x00, 0x53, 0x12, 0xc0, 0x10, 0x01, ...value];
    const head = Buffer.from([0, 0, 0, 0, 2, 0, 0, 0]);
    head.writeUInt32BE(head.length + list.length);
    const frame = Buffer.concat([head, Buffer.from(list)]);
    await cutOff(port, [...said, frame]);
    await stillServes();
  });

  test('disconnects a client that accepts no frame of the least size that AMQP demands, and serves the others', async () => {
    const { port, said } = await upToTransfer();
    const frames = jest.requireActual<RheaFrames>('rhea/lib/frames.js');
    const opened = said.map((bytes) => {
      if (bytes.readUInt8(4) !== 2 || bytes.readUInt8(5) !== 0 || bytes.readUInt8(10) !== 0x10) return bytes;
      const frame = frames.read_frame(bytes);
      frame.performative.max_frame_size = 64;
      return frames.write_frame({ ...frame, performative: frame.performative.described() });
    });
    expect(opened).not.toEqual(said);
    await cutOff(port, opened);
    await stillServes();
  });

  test('disconnects a client that announces a frame of 2 GB, and serves the others', async () => {
    const { port, said } = await upToTransfer();
    const header = Buffer.from([0x7f, 0xff, 0xff, 0xff, 2, 0, 0, 0]);
    expect(await untilCutOff(port, [...said, header], Buffer.alloc(65_536))).toBeLessThan(64 * 1024 * 1024);
    await stillServes();
  });

  test('disconnects a client that sends a message that never ends, and serves the others', async () => {
    const { port, said, transfer } = await upToTransfer();
    expect(await untilCutOff(port, said, withMore(transfer))).toBeLessThan(128 * 1024 * 1024);
    await stillServes();
  });
});
