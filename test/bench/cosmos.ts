// Requests per second of the Cosmos DB look-alike through the official SDK, 32 in flight, data on disk. The server runs
// in a process of its own, so that client and server have a core each: `node dist/bench/cosmos.js [seconds]`.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CosmosClient, type Container, type JSONObject, type OperationInput } from '@azure/cosmos';
import { wallClock } from '../../local/clock';
import { createCosmosServer, EMULATOR_KEY } from '../../local/cosmos/server';
import { Journal } from '../../local/storage/journal';

const IN_FLIGHT = 32;
const log = { info: () => undefined, warn: console.warn, error: console.error };

interface Usage {
  readonly url?: string;
  readonly cpuMs: number;
  readonly rssMb: number;
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** The server's half: says where it listens, then its CPU time whenever it is asked. */
async function serve(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'cosmos-bench-'));
  const journal = new Journal(path.join(folder, 'data.db'));
  const server = createCosmosServer({ journal, clock: wallClock(), log });
  const url = await server.listen(0);
  const report = (): void => {
    process.send?.({ url, cpuMs: cpuMs(), rssMb: process.memoryUsage().rss / 2 ** 20 } satisfies Usage);
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

const order = (n: number): JSONObject & { id: string } => ({
  id: `order-${n}`,
  orderId: `order-${n}`,
  kind: 'order',
  customerKey: `customer-${n % 100}`,
  ended: n % 10 !== 0,
  status: 'processing',
  createdAt: new Date(1_700_000_000_000 + n * 1000).toISOString(),
  items: Array.from({ length: 5 }, (_, line) => ({ productId: `p-${line}`, quantity: 2, unitPrice: 49.99 })),
  saga: { step: 'takePayment', completed: ['reserveInventory', 'applyCoupon'], attempts: { takePayment: 1 } },
});

/** What a step of a saga writes: two events and the order. */
async function step(container: Container, n: number, of: number): Promise<void> {
  const orderId = `order-${n % of}`;
  const event = (sequence: number): OperationInput => ({
    operationType: 'Create',
    resourceBody: {
      id: `${orderId}:${sequence}`,
      orderId,
      kind: 'event',
      sequence,
      data: { step: 'takePayment' },
    },
  });
  const { code } = await container.items.batch(
    [event(2 * n), event(2 * n + 1), { operationType: 'Replace', id: orderId, resourceBody: order(n % of) }],
    orderId,
  );
  if (code !== 200) throw new Error(`The batch of ${orderId} was answered with ${code}.`);
}

async function measure(
  name: string,
  seconds: number,
  usage: () => Promise<Usage>,
  operation: (n: number) => Promise<unknown>,
): Promise<number> {
  const [server, client, startedMs] = [await usage(), cpuMs(), performance.now()];
  let done = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() - startedMs < seconds * 1000) {
      done += 1;
      await operation(done - 1);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const tookMs = performance.now() - startedMs;
  const after = await usage();
  const perRequest = (ms: number): string => `${(ms / done).toFixed(3)} ms`;
  console.log(
    `${name.padEnd(22)} ${Math.round((done / tookMs) * 1000)
      .toString()
      .padStart(
        6,
      )}/s  client ${perRequest(cpuMs() - client)}  server ${perRequest(after.cpuMs - server.cpuMs)} CPU per request, server ${after.rssMb.toFixed(0)} MB`,
  );
  return done;
}

async function main(): Promise<void> {
  const seconds = Number(process.argv[2] ?? 4);
  const child = fork(__filename, ['serve']);
  const usage = (): Promise<Usage> =>
    new Promise((resolve) => {
      child.once('message', (message) => resolve(message as Usage));
      child.send('usage');
    });
  const { url = '' } = await new Promise<Usage>((resolve) =>
    child.once('message', (m) => resolve(m as Usage)),
  );
  const client = new CosmosClient({ endpoint: url, key: EMULATOR_KEY });
  const { database } = await client.databases.createIfNotExists({ id: 'bench' });
  const { container } = await database.containers.createIfNotExists({
    id: 'orders',
    partitionKey: '/orderId',
  });
  const created = await measure('create (1 KB)', seconds, usage, (n) => container.items.create(order(n)));
  await measure('point read', seconds, usage, (n) =>
    container.item(`order-${n % created}`, `order-${n % created}`).read(),
  );
  await measure('batch of 3', seconds, usage, (n) => step(container, n, created));
  const parameters = [{ name: '@k', value: 'customer-7' }];
  const newest = "SELECT * FROM c WHERE c.kind = 'order' AND c.customerKey = @k ORDER BY c.createdAt DESC";
  await measure('query, page of 20', seconds, usage, () =>
    container.items.query({ query: newest, parameters }, { maxItemCount: 20 }).fetchNext(),
  );
  client.dispose();
  child.disconnect();
}

void (process.argv[2] === 'serve' ? serve() : main());
