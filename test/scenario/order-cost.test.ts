// What one order costs on the happy path, counted by the store and the task hub: a gate, so that a regression shows.
import { createSystemClient, isEnded, poll } from '../../local/demo/system-client';
import { startSystem } from 'azure-local/supervisor/running-system';
import { until } from 'azure-local/kit/until';

interface Counter {
  readonly requests: number;
  readonly requestUnits: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

test('an order costs 4 activities and no timer, 5 batches and one point read, 132 request units and less than 12.5 kB', async () => {
  const system = await startSystem();
  try {
    const client = createSystemClient(system.urls);
    const items = [
      { productId: 'prod-001', productName: 'Widget', quantity: 2, unitPrice: 49.99 },
      { productId: 'prod-002', productName: 'Gadget', quantity: 5, unitPrice: 9.99 },
    ];
    const counters = `${system.urls.cosmos}/_lookalike/counters`;
    const counted = async (): Promise<Record<string, Counter | undefined>> =>
      (
        (await (await fetch(`${counters}/containers`)).json()) as Record<
          string,
          Record<string, Counter | undefined>
        >
      )['orders'] ?? {};
    // The first order also creates the database, and the relay then takes its lease.
    const first = await client.place({ customerId: 'cust-1', items });
    await poll(() => client.order(first.id), isEnded);
    await until('the relay reads', async () => (await counted())['changeFeed'] !== undefined);
    const told = async (): Promise<boolean> =>
      (await client.ledger(first.id)).some(({ effect }) => effect === 'notified');
    await until('its customer is told', told);
    await fetch(counters, { method: 'DELETE' });

    const { id } = await client.place({ customerId: 'cust-1', items });
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
    expect(ended.historyEvents.filter(({ EventType }) => EventType === 'TaskCompleted')).toHaveLength(4);
    expect(ended.historyEvents.filter(({ EventType }) => EventType.startsWith('Timer'))).toEqual([]);
    const { batch, read } = await counted();
    expect(batch?.requests).toBe(5);
    // The pivot looks where the order stands. The process that took the order knows its lines, to reserve them, and its
    // customer, to tell of its end.
    expect(read?.requests).toBe(1);
    const sum = (of: (counter: Counter) => number): number =>
      [batch, read].reduce((total, counter) => total + (counter === undefined ? 0 : of(counter)), 0);
    expect(sum(({ requestUnits }) => requestUnits)).toBeLessThanOrEqual(132);
    expect(sum(({ bytesIn, bytesOut }) => bytesIn + bytesOut)).toBeLessThan(12_500);
  } finally {
    await system.stop();
  }
});
