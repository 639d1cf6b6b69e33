// What the timers do with old orders on the running system: histories are archived and purged, and then exported with the events.
import path from 'node:path';
import { CosmosClient } from '@azure/cosmos';
import { EMULATOR_KEY } from 'azure-local/kit/emulator-connections';
import { isEnded, poll } from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { checkHistories } from '../support/app-builds';
import { exportedLines, onNextFile } from '../support/exported-lines';
import { ITEMS, operatorCalls, type OperatorCalls } from '../support/operator-calls';

const TOKEN = 'an-operator-of-this-test';
const ORDERS = 25;

let system: RunningSystem;
let at: OperatorCalls;
beforeAll(async () => {
  const settings = {
    'OrderProcessing:OperatorToken': TOKEN,
    // A tenth of a second.
    'OrderProcessing:HistoryRetentionDays': '0.000001',
    // By the tests only.
    'OrderProcessing:PurgeSchedule': '0 0 0 1 1 *',
    // What is purged goes to the export within a second.
    'OrderProcessing:ExportAfterDays': '0.000001',
    'OrderProcessing:ExportSchedule': '* * * * * *',
  };
  system = await startSystem({ settings });
  at = operatorCalls(system, TOKEN);
});
afterAll(() => system.stop());

const purge = (): Promise<Response> =>
  fetch(`${system.urls.api}/admin/functions/PurgeHistories`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
const exportFolder = (): string => path.join(system.dataDir, 'exports');
const histories = (): Map<unknown, { FunctionName?: string }[]> =>
  new Map(
    exportedLines(exportFolder(), 'histories').map(({ orderId, history }) => [
      orderId,
      history as { FunctionName?: string }[],
    ]),
  );
/** What the container has of an order, by kind. */
async function stored(orderId: string): Promise<string[]> {
  const cosmos = new CosmosClient({ endpoint: system.urls.cosmos, key: EMULATOR_KEY });
  const { items } = cosmos.database('orders-db').container('orders');
  const query = items.query<{ kind: string }>('SELECT c.kind FROM c', { partitionKey: orderId });
  return (await query.fetchAll()).resources.map(({ kind }) => kind).sort();
}

test('the timer archives and purges what ended, and neither what runs nor what needs help', async () => {
  const placed = await Promise.all(
    Array.from({ length: ORDERS }, () => at.client.place({ customerId: 'cust-1', items: ITEMS })),
  );
  const helpless = await at.client.place({ customerId: 'norefund-1', items: ITEMS });
  const running = await at.heldAtPayment('running');
  await at.control(running, 'suspend');
  const ended = [...placed, helpless].map(({ id }) => id);
  for (const id of ended) await poll(() => at.client.order(id), isEnded);
  expect((await at.client.order(helpless.id)).needsIntervention).toBe(true);
  await poll(at.instances, (found) => ended.every((id) => found.get(id) === 'Completed'));

  const left = await poll(
    async () => {
      await purge();
      return at.instances();
    },
    (found) => placed.every(({ id }) => !found.has(id)),
  );
  expect([left.get(helpless.id), left.get(running)]).toEqual(['Completed', 'Suspended']);

  // From the archive the export's timer takes them.
  const archived = await poll(
    () => Promise.resolve(histories()),
    (found) => placed.every(({ id }) => found.has(id)),
  );
  for (const { id } of placed) {
    const steps = archived.get(id)?.flatMap(({ FunctionName }) => FunctionName ?? []);
    expect(steps).toEqual([
      'OrderSagaOrchestrator',
      ...['ReserveInventory', 'ProcessPayment', 'CreateShipment', 'ConfirmInventory'],
    ]);
  }
  expect([archived.has(helpless.id), archived.has(running)]).toEqual([false, false]);
  // The saga of a purged order is told from what is stored.
  const [first] = placed;
  const saga = await fetch(`${system.urls.api}/api/orders/${first?.id ?? ''}/saga`);
  expect(await saga.json()).toMatchObject({ status: 'completed', runtimeStatus: null });
});

test('what the timer exports is in its files once, over a SIGKILL, and is read and replayed as before', async () => {
  const since = new Date().toISOString();
  // A purge that an earlier test has asked for may still come: then the host dies while the orders are placed.
  const { seen } = await onNextFile(exportFolder(), () => system.kill('host'));
  const ids: string[] = [];
  for (let number = 0; number < 5; number += 1) {
    const body = { customerId: 'exported', items: ITEMS };
    const { id } = await poll(
      () => at.client.place(body, `exported-${number}`),
      () => true,
    );
    await poll(() => at.client.order(id), isEnded);
    ids.push(id);
  }
  await poll(
    async () => {
      const found = await at.instances();
      return ids.map((id) => found.get(id));
    },
    (statuses) => statuses.every((status) => status === 'Completed' || status === undefined),
  );
  const reads = (): Promise<unknown[]> =>
    Promise.all(ids.map(async (id) => [await at.client.events(id), await at.client.order(id)]));
  const replayed = async (): Promise<unknown> =>
    ((await (await at.post('/api/ops/replay', { from: since, dryRun: true })).json()) as { matched: number })
      .matched;
  const [before, matched] = await poll(
    async () => [await reads(), await replayed()],
    () => true,
  );

  // The host may die under it.
  await purge().catch(() => undefined);
  await seen;
  await system.recovered();
  await poll(
    async () => {
      await purge().catch(() => undefined);
      return Promise.all(ids.map(stored));
    },
    (kinds) =>
      kinds.every((of) => of.filter((kind) => kind === 'event').length === 1 && of.includes('exported')),
  );

  expect(await reads()).toEqual(before);
  expect(await replayed()).toBe(matched);
  const events = exportedLines(exportFolder(), 'events').map(({ eventId }) => eventId);
  expect(events.length).toBe(new Set(events).size);
  expect(ids.every((id) => events.includes(`${id}:2`))).toBe(true);
  await poll(
    () => Promise.resolve(ids.filter((id) => !histories().has(id))),
    (missing) => missing.length === 0,
  );
  const instancesOf = exportedLines(exportFolder(), 'histories').map(({ orderId }) => orderId);
  expect(instancesOf.length).toBe(new Set(instancesOf).size);
  expect(await checkHistories('--exported', exportFolder())).toEqual({
    exitCode: 0,
    output: `${instancesOf.length} histories: the built app goes on with each as it was recorded.\n`,
  });
});
