// Comparison of what the stores hold at the end with what was taken: every order that was accepted is there and has
// ended, and nothing came of what was refused.
import { CosmosClient } from '@azure/cosmos';
import { createSystemClient } from '../../../local/demo/system-client';
import type { RunningSystem } from 'azure-local/supervisor/running-system';
import { EMULATOR_KEY } from 'azure-local/kit/emulator-connections';
import { until } from 'azure-local/kit/until';
import { orderIdFor } from '../../../src/commands/place-order';
import { openOrderQueue } from '../../../test/support/order-queue';
import { OWN_INSTANCES, type Tally } from './tally';

interface StoredOrder {
  readonly orderId: string;
  readonly customerId: string;
  readonly createdAt: string;
  readonly payments: readonly { readonly amountMinor: number }[];
  readonly status: string;
  readonly ended: boolean;
  readonly needsIntervention: boolean;
}

/** An orchestration that waits for a retry ends within the saga's five minutes; what is longer is lost. */
const DRAINED_WITHIN_MS = 180_000;
const DEAD_LETTER_REASONS = ['InvalidJson', 'DeserializationFailed', 'ValidationFailed'];

/** Waits until nothing is under way; then every difference between the stores and `tally`, as sentences. */
export async function takeCensus(
  { urls }: RunningSystem,
  tally: Tally,
  steadyIds: ReadonlySet<string>,
): Promise<string[]> {
  const cosmos = new CosmosClient({ endpoint: urls.cosmos, key: EMULATOR_KEY });
  const queue = openOrderQueue(urls.servicebus);
  try {
    await until('the queue is empty', async () => (await queue.active()).length === 0, DRAINED_WITHIN_MS);
    const orders = await endedOrders(cosmos);
    const letters = await queue.deadLetters();
    const expected = new Set([...tally.orders, ...steadyIds]);
    const stored = new Set(orders.map(({ orderId }) => orderId));
    const others = orders.filter(({ orderId }) => !expected.has(orderId));
    return [
      ...differences(
        'accepted, but not stored',
        [...expected].filter((id) => !stored.has(id)),
      ),
      ...messageDifferences(
        others,
        letters.map(({ messageId }) => String(messageId)),
        tally.messages,
      ),
      ...differences(
        'not ended',
        orders.filter(isGoing).map(({ orderId, status }) => `${orderId} (${status})`),
      ),
      ...differences(
        'waiting for an operator',
        orders.filter((order) => order.needsIntervention).map(({ orderId }) => orderId),
      ),
      ...differences(
        'dead letters for another reason',
        letters
          .map(({ deadLetterReason = '' }) => deadLetterReason)
          .filter((reason) => !DEAD_LETTER_REASONS.includes(reason)),
      ),
      ...(await strayInstances(urls.api, stored)),
      ...(await ledgerDifferences(urls, orders)),
      ...(await strayDocuments(cosmos, tally)),
    ];
  } finally {
    await queue.close();
    cosmos.dispose();
  }
}

const differences = (what: string, found: readonly string[]): string[] =>
  found.length === 0 ? [] : [`${found.length} ${what}: ${found.slice(0, 5).join(', ')}`];

/** Every message is one order or one dead letter. An order's id follows from its message's. */
function messageDifferences(
  others: readonly StoredOrder[],
  letters: readonly string[],
  messages: ReadonlySet<string>,
): string[] {
  const messageOf = new Map([...messages].map((id) => [orderIdFor({ tenantId: 'default' }, id), id]));
  const ended = [...others.flatMap(({ orderId }) => messageOf.get(orderId) ?? []), ...letters];
  const seen = new Set(ended);
  return [
    ...differences(
      'orders of nobody',
      others
        .filter(({ orderId }) => !messageOf.has(orderId))
        .map(({ orderId, customerId, createdAt }) => `${orderId} of ${customerId} at ${createdAt}`),
    ),
    ...differences(
      'messages that came to nothing',
      [...messages].filter((id) => !seen.has(id)),
    ),
    ...differences(
      'messages that came to two things',
      ended.filter((id, at) => ended.indexOf(id) !== at),
    ),
    ...differences(
      'dead letters of nobody',
      letters.filter((id) => !messages.has(id)),
    ),
  ];
}

/** Whether the saga of an order goes on by itself; one above the limit waits for a person. */
function isGoing({ ended, status }: StoredOrder): boolean {
  return !ended && status !== 'awaitingApproval';
}

/** Every stored order; the sagas that go on are waited for. */
async function endedOrders(cosmos: CosmosClient): Promise<StoredOrder[]> {
  const container = cosmos.database('orders-db').container('orders');
  const query =
    "SELECT c.orderId, c.customerId, c.createdAt, c.status, c.payments, c.ended, c.needsIntervention FROM c WHERE c.kind = 'order'";
  let orders: StoredOrder[] = [];
  const look = async (): Promise<boolean> => {
    orders = (await container.items.query<StoredOrder>(query).fetchAll()).resources;
    return !orders.some(isGoing);
  };
  // Who has not ended is named by the census.
  await until('every order has ended', look, DRAINED_WITHIN_MS).catch(() => undefined);
  return orders;
}

/** Orchestrations that belong neither to an order nor to somebody who started them by hand. */
async function strayInstances(api: string, orders: ReadonlySet<string>): Promise<string[]> {
  const found: string[] = [];
  let token: string | null = '';
  while (token !== null) {
    const response: Response = await fetch(
      `${api}/runtime/webhooks/durabletask/instances?top=1000&showInput=false`,
      {
        headers: token === '' ? {} : { 'x-ms-continuation-token': token },
      },
    );
    for (const { instanceId } of (await response.json()) as { instanceId: string }[]) {
      // An id that the engine made up is that of a restart: an order's saga has the id of its order.
      const byHand = instanceId.startsWith(OWN_INSTANCES) || /^[0-9a-f]{32}$/.test(instanceId);
      // A bulk operation has one of its own.
      const isBulk = instanceId.startsWith('bulk:');
      if (!orders.has(instanceId) && !byHand && !isBulk) found.push(instanceId);
    }
    token = response.headers.get('x-ms-continuation-token');
  }
  return differences('orchestrations of no order', found);
}

async function ledgerDifferences(
  urls: { api: string; services: string },
  orders: readonly StoredOrder[],
): Promise<string[]> {
  const lines = await createSystemClient(urls).ledger();
  const known = new Set(orders.map(({ orderId }) => orderId));
  const charges = new Map<string, number>();
  for (const { effect, orderId } of lines) {
    if (effect === 'charged') charges.set(orderId, (charges.get(orderId) ?? 0) + 1);
  }
  const completed = orders.filter(({ status }) => status === 'completed');
  return [
    ...differences(
      'effects of no order',
      lines.filter(({ orderId }) => !known.has(orderId)).map(({ orderId }) => orderId),
    ),
    ...differences(
      'completed and not charged once for each payment, or free and charged',
      completed
        .filter(
          ({ orderId, payments }) =>
            (charges.get(orderId) ?? 0) !== payments.filter(({ amountMinor }) => amountMinor > 0).length,
        )
        .map(({ orderId }) => orderId),
    ),
  ];
}

/** Containers that nobody should have made, and more products in the inventory view than there was news. */
async function strayDocuments(cosmos: CosmosClient, { inventoryNews }: Tally): Promise<string[]> {
  const database = cosmos.database('orders-db');
  const containers = (await database.containers.readAll().fetchAll()).resources.map(({ id }) => id);
  const stray = containers.filter((id) => !KNOWN_CONTAINERS.includes(id));
  if (!containers.includes('inventory')) return differences('containers of unknown name', stray);
  const [viewed = 0] = (
    await database.container('inventory').items.query<number>('SELECT VALUE COUNT(1) FROM c').fetchAll()
  ).resources;
  return [
    ...differences('containers of unknown name', stray),
    ...(viewed > inventoryNews
      ? [`${viewed} products in the inventory view, after ${inventoryNews} news`]
      : []),
  ];
}

const KNOWN_CONTAINERS = [
  'orders',
  'customer-orders',
  'daily-stats',
  'inventory',
  'keys',
  'operations',
  'inbox',
  'parking',
  'saga-archive',
  'leases',
];
