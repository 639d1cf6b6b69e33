// Bench of the Cosmos DB look-alike: requests per second through the official SDK, 32 in flight, data on disk. `node
// dist/bench/cosmos.js [seconds]`.
import { CosmosClient, type Container, type JSONObject, type OperationInput } from '@azure/cosmos';
import { wallClock } from 'azure-local/kit/clock';
import { EMULATOR_KEY } from 'azure-local/kit/emulator-connections';
import { createCosmosServer } from 'azure-local/cosmos/server';
import { doFor, forkServer, serveForked } from './harness/forked-server';

const IN_FLIGHT = 32;
const log = { info: () => undefined, warn: console.warn, error: console.error };

function serve(): Promise<void> {
  return serveForked(async (journal) => {
    const server = createCosmosServer({ journal, clock: wallClock(), log });
    return { address: await server.listen(0), close: () => server.close() };
  });
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

async function main(): Promise<void> {
  const seconds = Number(process.argv[2] ?? 4);
  const server = await forkServer(__filename);
  const client = new CosmosClient({ endpoint: server.address, key: EMULATOR_KEY });
  const { database } = await client.databases.createIfNotExists({ id: 'bench' });
  const { container } = await database.containers.createIfNotExists({
    id: 'orders',
    partitionKey: '/orderId',
  });
  const measure = (name: string, one: (index: number) => Promise<unknown>): Promise<number> =>
    server.measure(name, () => doFor(seconds, IN_FLIGHT, one));
  const created = await measure('create (1 KB)', (n) => container.items.create(order(n)));
  await measure('point read', (n) => container.item(`order-${n % created}`, `order-${n % created}`).read());
  await measure('batch of 3', (n) => step(container, n, created));
  const parameters = [{ name: '@k', value: 'customer-7' }];
  const newest = "SELECT * FROM c WHERE c.kind = 'order' AND c.customerKey = @k ORDER BY c.createdAt DESC";
  await measure('query, page of 20', () =>
    container.items.query({ query: newest, parameters }, { maxItemCount: 20 }).fetchNext(),
  );
  client.dispose();
  server.release();
}

void (process.argv[2] === 'serve' ? serve() : main());
