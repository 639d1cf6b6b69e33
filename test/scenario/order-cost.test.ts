// What one order costs on the happy path, counted by the store and the task hub: a gate, so that a regression shows. With
// ORDER_COST=1 in the environment the figures are printed.
import { createSystemClient, isEnded, poll } from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { until } from 'azure-local/kit/until';

interface Counter {
  readonly requests: number;
  readonly requestUnits: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

type Counters = Readonly<Record<string, Readonly<Record<string, Counter | undefined>>>>;

let system: RunningSystem;
let client: ReturnType<typeof createSystemClient>;
beforeAll(async () => {
  system = await startSystem();
  client = createSystemClient(system.urls);
  // The first order also creates the database, and the relay then takes its lease.
  const { id } = await client.place({ customerId: 'cust-1', items: linesOf(1) });
  await poll(() => client.order(id), isEnded);
  await until('the relay reads', async () => (await counted())['orders']?.['changeFeed'] !== undefined);
  await untilNotified(id);
});
afterAll(() => system.stop());

const linesOf = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    ...{ productId: `prod-${1_000 + at}`, productName: 'Widget', quantity: 2, unitPrice: 49.99 },
  }));

const countersUrl = (): string => `${system.urls.cosmos}/_lookalike/counters`;
const counted = async (): Promise<Counters> =>
  (await (await fetch(`${countersUrl()}/containers`)).json()) as Counters;

/** Its customer is notified: after that nothing more is read for it. */
async function untilNotified(id: string): Promise<void> {
  await until('its customer is notified', async () =>
    (await client.ledger(id)).some(({ effect }) => effect === 'notified'),
  );
}

/** Here there is a limit for USD: within it the approval is told with the payment. For CHF there is none. */
test.each([
  { currency: 'CHF', lines: 1, units: 132, bytes: 12_500 },
  { currency: 'CHF', lines: 10, units: 132, bytes: 14_000 },
  { currency: 'CHF', lines: 1_000, units: 750, bytes: 280_000 },
  { currency: 'USD', lines: 1, units: 138, bytes: 13_500 },
])(
  'an order of $lines lines in $currency costs 4 activities and no timer, 5 batches and one point read, $units request units and less than $bytes bytes',
  async ({ currency, lines, units, bytes }) => {
    await fetch(countersUrl(), { method: 'DELETE' });
    const { id } = await client.place({ customerId: 'cust-1', currency, items: linesOf(lines) });
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
    await untilNotified(id);
    expect(ended.historyEvents.filter(({ EventType }) => EventType === 'TaskCompleted')).toHaveLength(4);
    expect(ended.historyEvents.filter(({ EventType }) => EventType.startsWith('Timer'))).toEqual([]);
    const orders = (await counted())['orders'] ?? {};
    const { batch, read, changeFeed } = orders;
    const sum = (of: (counter: Counter) => number): number =>
      [batch, read].reduce((total, counter) => total + (counter === undefined ? 0 : of(counter)), 0);
    const cost = {
      ...{ currency, lines, batches: batch?.requests, reads: read?.requests },
      units: sum(({ requestUnits }) => requestUnits),
      bytes: sum(({ bytesIn, bytesOut }) => bytesIn + bytesOut),
    };
    if (process.env['ORDER_COST'] === '1')
      process.stdout.write(`${JSON.stringify({ ...cost, feedBytes: changeFeed?.bytesOut })}\n`);
    expect(cost.batches).toBe(5);
    // The pivot looks where the order stands. The process that took an order of few lines knows them, to reserve them;
    // those of a longer one are read, once by whoever reserves them and once to know its customer.
    expect(cost.reads).toBeLessThanOrEqual(lines > 20 ? 3 : 1);
    expect(cost.units).toBeLessThanOrEqual(units);
    expect(cost.bytes).toBeLessThan(bytes);
  },
);
