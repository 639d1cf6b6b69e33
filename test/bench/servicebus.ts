// Messages per second through the Service Bus look-alike with the official SDK, data on disk, and its memory with a long
// queue. The broker runs in a process of its own, so that client and broker have a core each:
// `node dist/bench/servicebus.js [seconds] [queued]`.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ServiceBusClient, type ServiceBusReceivedMessage, type ServiceBusSender } from '@azure/service-bus';
import { wallClock } from '../../local/clock';
import config from '../../local/servicebus/Config.json';
import { parseEntities } from '../../local/servicebus/entities';
import { createServiceBusServer } from '../../local/servicebus/server';
import { Journal } from '../../local/storage/journal';

const IN_FLIGHT = 64;
const RECEIVERS = 4;
const RECEIVED_AT_ONCE = 200;
const QUEUE = 'orders';
const BODY = 'x'.repeat(1024);
const log = { info: () => undefined, warn: console.warn, error: console.error };

interface Usage {
  readonly address: string;
  readonly cpuMs: number;
  readonly rssMb: number;
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** The broker's half: says where it listens, then its CPU time and memory whenever it is asked. */
async function serve(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'servicebus-bench-'));
  const journal = new Journal(path.join(folder, 'data.db'));
  const server = createServiceBusServer({
    journal,
    clock: wallClock(),
    log,
    entities: parseEntities(config),
  });
  const address = await server.listen(0);
  const report = (): void => {
    process.send?.({ address, cpuMs: cpuMs(), rssMb: process.memoryUsage().rss / 2 ** 20 } satisfies Usage);
  };
  process.on('message', report);
  process.once('disconnect', () => {
    void server
      .close()
      .then(() => journal.close())
      .then(() => rmSync(folder, { recursive: true }));
  });
  report();
}

type Measured = (usage: () => Promise<Usage>, run: () => Promise<number>) => Promise<void>;

const measure =
  (name: string): Measured =>
  async (usage, run) => {
    const [before, client, startedMs] = [await usage(), cpuMs(), performance.now()];
    const done = await run();
    const tookMs = performance.now() - startedMs;
    const clientMs = cpuMs() - client;
    const after = await usage();
    const perMessage = (ms: number): string => `${(ms / done).toFixed(3)} ms`;
    const rate = Math.round((done / tookMs) * 1000).toString();
    console.log(
      `${name.padEnd(26)} ${rate.padStart(6)}/s  client ${perMessage(clientMs)}  broker ${perMessage(after.cpuMs - before.cpuMs)} CPU each, broker ${after.rssMb.toFixed(0)} MB`,
    );
  };

async function sendFor(sender: ServiceBusSender, seconds: number): Promise<number> {
  const untilMs = performance.now() + seconds * 1000;
  let sent = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      sent += 1;
      await sender.sendMessages({ body: BODY, messageId: `m-${sent}` });
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return sent;
}

async function sendBatches(sender: ServiceBusSender, count: number): Promise<number> {
  for (let sent = 0; sent < count; sent += 500)
    await sender.sendMessages(
      Array.from({ length: 500 }, (_, n) => ({ body: BODY, messageId: `b-${sent + n}` })),
    );
  return count;
}

/** Several receivers, so that one is served while another settles. */
async function receiveAll(client: ServiceBusClient, count: number): Promise<number> {
  let done = 0;
  const drain = async (): Promise<void> => {
    const receiver = client.createReceiver(QUEUE);
    while (done < count) {
      const messages = await receiver.receiveMessages(RECEIVED_AT_ONCE, { maxWaitTimeInMs: 1000 });
      await Promise.all(
        messages.map((message: ServiceBusReceivedMessage) => receiver.completeMessage(message)),
      );
      done += messages.length;
    }
    await receiver.close();
  };
  await Promise.all(Array.from({ length: RECEIVERS }, drain));
  return done;
}

async function main(): Promise<void> {
  const [seconds, queued] = [Number(process.argv[2] ?? 4), Number(process.argv[3] ?? 100_000)];
  const child = fork(__filename, ['serve']);
  const next = (): Promise<Usage> =>
    new Promise((resolve) => child.once('message', (message) => resolve(message as Usage)));
  const usage = (): Promise<Usage> => {
    const answer = next();
    child.send('usage');
    return answer;
  };
  const { address } = await next();
  const client = new ServiceBusClient(
    `Endpoint=sb://${address};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;`,
  );
  const sender = client.createSender(QUEUE);
  await sender.sendMessages({ body: 'opens the link' });
  let sent = 0;
  await measure('send (1 KB), 64 in flight')(usage, async () => (sent = await sendFor(sender, seconds)));
  await measure('receive + complete')(usage, () => receiveAll(client, sent + 1));
  await measure(`send ${queued} in batches`)(usage, () => sendBatches(sender, queued));
  await measure(`receive them + complete`)(usage, () => receiveAll(client, queued));
  await client.close();
  child.disconnect();
}

void (process.argv[2] === 'serve' ? serve() : main());
