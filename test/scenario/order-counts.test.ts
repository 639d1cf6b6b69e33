// Tests for test/golden/order-counts.json: what one order asks of each container on the happy path, and its events. The
// counts are written down so that docs/capacity.md can be worked out from them; what is above them is a regression. The
// inventory view is read once for each line when it was not read within a second: the most is written down.
import { CosmosClient } from '@azure/cosmos';
import { createSystemClient, isEnded, poll } from '../../local/demo/system-client';
import { startSystem } from 'azure-local/supervisor/running-system';
import { until } from 'azure-local/kit/until';
import { EMULATOR_KEY } from 'azure-local/kit/emulator-connections';
import { customerKey } from '../../src/domain/scope';
import { countedOrder, type StoreCount } from '../../tools/docs/capacity/counted-order';

type Counters = Readonly<Record<string, Readonly<Record<string, StoreCount>> | undefined>>;

/**
 * What is asked by the clock (feeds, leases, the reconciler, the archive), whether orders come or not, and whether intake is
 * paused, which is asked for an order at most every two seconds.
 */
const BY_THE_CLOCK = ['changeFeed', 'feed', 'query', 'queryPlan'];
const KEPT_BY_THE_CLOCK = ['leases', 'saga-archive', 'operations'];
/** What this test asks itself of the list. */
const OWN = 'customer-orders read';
/** Written once for all events that come with one page; a busy machine reads an order in up to three pages. */
const PAGES: Readonly<Record<string, number>> = { 'customer-orders': 3, 'daily-stats': 3 };
const NONE: StoreCount = { requests: 0, requestUnits: 0, bytesIn: 0, bytesOut: 0 };

/** What an order asked of a container. */
function sumOf(container: string, kinds: Readonly<Record<string, StoreCount>> = {}): StoreCount {
  return Object.entries(kinds)
    .filter(([kind]) => !BY_THE_CLOCK.includes(kind) && `${container} ${kind}` !== OWN)
    .reduce(
      (sum, [, count]) => ({
        requests: sum.requests + count.requests,
        requestUnits: sum.requestUnits + count.requestUnits,
        bytesIn: sum.bytesIn + count.bytesIn,
        bytesOut: sum.bytesOut + count.bytesOut,
      }),
      NONE,
    );
}

test('an order costs 4 activities and no timer, 5 batches and one point read, and not more units and bytes than are written down', async () => {
  const system = await startSystem();
  const store = new CosmosClient({ endpoint: system.urls.cosmos, key: EMULATOR_KEY }).database('orders-db');
  const counted = countedOrder();
  try {
    const client = createSystemClient(system.urls);
    const items = [
      { productId: 'prod-001', productName: 'Widget', quantity: 2, unitPrice: 49.99 },
      { productId: 'prod-002', productName: 'Gadget', quantity: 5, unitPrice: 9.99 },
    ];
    const counters = `${system.urls.cosmos}/_lookalike/counters`;
    const counts = async (): Promise<Counters> =>
      (await (await fetch(`${counters}/containers`)).json()) as Counters;
    const isListed = async (id: string): Promise<boolean> => {
      const item = store
        .container('customer-orders')
        .item(id, customerKey({ tenantId: 'default', customerId: 'cust-1' }));
      return (await item.read<{ status: string }>()).resource?.status === 'completed';
    };
    const isTold = async (id: string): Promise<boolean> =>
      (await client.ledger(id)).some(({ effect }) => effect === 'notified');
    // The first order also creates the database, and the relay then takes its lease.
    const first = await client.place({ customerId: 'cust-1', currency: 'CHF', items });
    await poll(() => client.order(first.id), isEnded);
    await until('the relay reads', async () => (await counts())['orders']?.['changeFeed'] !== undefined);
    await until('its customer is told', () => isTold(first.id));
    await until('the list has it', () => isListed(first.id));
    await fetch(counters, { method: 'DELETE' });

    const { id } = await client.place({ customerId: 'cust-1', currency: 'CHF', items });
    const hub = `${system.urls.api}/runtime/webhooks/durabletask/instances/${id}?showHistory=true`;
    // Asked of the task hub, so that asking does not count.
    const ended = await poll(
      async () =>
        (await (await fetch(hub)).json()) as {
          runtimeStatus: string;
          historyEvents: { EventType: string }[];
        },
      ({ runtimeStatus }) => runtimeStatus === 'Completed',
    );
    const ofType = (type: string): number =>
      ended.historyEvents.filter(({ EventType }) => EventType.startsWith(type)).length;
    expect([ofType('TaskCompleted'), ofType('Timer')]).toEqual([
      counted.saga.activities,
      counted.saga.timers,
    ]);
    await until('its customer is told', () => isTold(id));
    const orders = (await counts())['orders'];
    expect(orders?.['batch']?.requests).toBe(counted.saga.commits);
    // The pivot looks where the order stands. The process that took the order knows its lines, to reserve them, and its
    // customer, to tell of its end.
    expect(orders?.['read']?.requests).toBe(1);
    await until('the list has it', () => isListed(id));
    await until('the statistics are written', async () => (await counts())['daily-stats'] !== undefined);
    const all = await counts();
    const asked = Object.fromEntries(
      Object.keys(all)
        .filter((container) => !KEPT_BY_THE_CLOCK.includes(container))
        .map((container) => [container, sumOf(container, all[container])]),
    );
    expect(exceeding(asked, counted.store)).toEqual([]);
    const { resources } = await store
      .container('orders')
      .items.query<{ type: string }>("SELECT * FROM c WHERE c.kind = 'event' ORDER BY c.sequence", {
        partitionKey: id,
      })
      .fetchAll();
    expect(resources.map(({ type }) => type)).toEqual(counted.events.types);
    expect(Buffer.byteLength(JSON.stringify(resources))).toBeLessThanOrEqual(counted.events.bytes);
  } finally {
    store.client.dispose();
    await system.stop();
  }
});

/** The figures above those that are written down, and those of containers that are not. */
function exceeding(
  asked: Readonly<Record<string, StoreCount>>,
  most: Readonly<Record<string, StoreCount>>,
): string[] {
  return Object.entries(asked).flatMap(([container, count]) =>
    Object.entries(count)
      .filter(([field, value]) => {
        const written = most[container]?.[field as keyof StoreCount] ?? 0;
        return value > written * (PAGES[container] ?? 1);
      })
      .map(([field, value]) => `${container} ${field}: ${value}`),
  );
}
