// What operators do on the running system: suspend, resume and terminate sagas, and the timer that archives old histories.
import path from 'node:path';
import { CosmosClient } from '@azure/cosmos';
import { EMULATOR_KEY } from 'azure-local/kit/emulator-connections';
import { createSystemClient, isEnded, poll, type SystemClient } from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { checkHistories } from '../support/app-builds';
import { exportedLines, onNextFile } from '../support/exported-lines';
import { openOrderQueue, orderMessage } from '../support/order-queue';
import { signedInClient, type Answered, type TenantClient } from '../support/tenant-client';

const TOKEN = 'an-operator-of-this-test';
const ITEMS = [{ productId: 'lamp', productName: 'Desk lamp', quantity: 1, unitPrice: 49.99 }];
const ORDERS = 25;

let system: RunningSystem;
let client: SystemClient;
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
  client = createSystemClient(system.urls);
});
afterAll(() => system.stop());

const post = (url: string, body: unknown, token = TOKEN): Promise<Response> =>
  fetch(`${system.urls.api}${url}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
const control = (id: string, action: string, body: unknown = { reason: 'a recall' }): Promise<Response> =>
  post(`/api/ops/orders/${id}/${action}`, body);
const instances = async (): Promise<Map<string, string>> => {
  const url = `${system.urls.api}/runtime/webhooks/durabletask/instances?top=1000&showInput=false`;
  const list = (await (await fetch(url)).json()) as { instanceId: string; runtimeStatus: string }[];
  return new Map(list.map(({ instanceId, runtimeStatus }) => [instanceId, runtimeStatus]));
};
const effects = async (id: string): Promise<string[]> =>
  (await client.ledger(id)).map(({ effect }) => effect);

/** An order whose charge fails with 503 for as long as the plan says so. */
async function heldAtPayment(customerId: string): Promise<string> {
  await client.planFaults([
    { service: 'payments', operation: 'charge', customerId, fault: 'error', times: 2 },
  ]);
  const { id } = await client.place({ customerId, items: ITEMS });
  await poll(
    () => effects(id),
    (seen) => seen.includes('stockReserved'),
  );
  return id;
}

test('a suspended saga makes no call until it is resumed, and then completes', async () => {
  const id = await heldAtPayment('suspended');
  const answer = await control(id, 'suspend');
  expect([answer.status, answer.headers.get('location')]).toEqual([202, `/api/orders/${id}/saga`]);
  await poll(instances, (found) => found.get(id) === 'Suspended');
  expect(await effects(id)).toEqual(['stockReserved']);
  expect((await control(id, 'resume')).status).toBe(202);
  await poll(() => client.order(id), isEnded);
  expect((await effects(id)).slice(0, 4)).toEqual([
    'stockReserved',
    'charged',
    'shipmentCreated',
    'stockConfirmed',
  ]);
});

test('a terminated saga is Terminated, nothing is undone, and the answer offers cancel instead', async () => {
  const id = await heldAtPayment('terminated');
  const answer = await control(id, 'terminate');
  expect(answer.status).toBe(202);
  expect(((await answer.json()) as { meaning: string }).meaning).toMatch(/nothing was compensated.*cancel/s);
  await poll(instances, (found) => found.get(id) === 'Terminated');
  expect(await client.order(id)).toMatchObject({ needsIntervention: true });
  expect(await effects(id)).toEqual(['stockReserved']);
  const again = await control(id, 'terminate');
  expect([again.status, ((await again.json()) as { code: string }).code]).toEqual([409, 'SAGA_WRONG_STATUS']);
});

/** An operator who is signed in by name. */
const operator = (name: string): TenantClient =>
  signedInClient(system, { tenant_id: 'default', name, roles: ['operator'] });
const because = { reason: 'because of a test' };

test('CompensationFailed: two operators claim it, one wins; it is tried again once, and then the money is back', async () => {
  const customerId = 'noship-and-no-refund';
  await client.planFaults([
    { service: 'payments', operation: 'refund', customerId, fault: 'refuse', times: 1 },
  ]);
  const { id } = await client.place({ customerId, items: ITEMS });
  await poll(() => client.order(id), isEnded);
  const [ann, bob] = [operator('ann'), operator('bob')];
  const listed = async (): Promise<Record<string, unknown> | undefined> => {
    const { text } = await ann.get('ops/interventions');
    return (JSON.parse(text) as Record<string, unknown>[]).find(({ orderId }) => orderId === id);
  };
  const intervention = await poll(listed, (found) => found !== undefined);
  expect(intervention).toMatchObject({
    step: 'RefundPayment',
    undoes: 'ProcessPayment',
    amount: 49.99,
    claimedBy: null,
  });
  const act = (who: TenantClient, action: string): Promise<Answered> =>
    who.post(`ops/interventions/${id}.1/${action}`, because);
  const [first, second] = await Promise.all([act(ann, 'claim'), act(bob, 'claim')]);
  const [holder, loser] = first.status === 200 ? [ann, second] : [bob, first];
  const name = holder === ann ? 'operator:ann' : 'operator:bob';
  expect([loser.status, loser.json['code'], loser.json['detail']]).toEqual([
    409,
    'INTERVENTION_CLAIMED',
    expect.stringContaining(name),
  ]);
  expect(await effects(id)).not.toContain('refunded');
  const retried = await act(holder, 'retry');
  expect([retried.status, retried.json['resolvedHow']]).toEqual([200, 'undone']);
  expect((await act(holder, 'retry')).json['code']).toBe('INTERVENTION_CLOSED');
  expect((await effects(id)).filter((effect) => effect === 'refunded')).toHaveLength(1);
  await poll(listed, (found) => found === undefined);
  expect(await client.order(id)).toMatchObject({ needsIntervention: false });
});

test('a paused intake answers 503 with Retry-After, keeps the messages, and takes them once it is resumed', async () => {
  const queue = openOrderQueue(system.urls.servicebus);
  const waiting = await heldAtPayment('goes-on');
  const ann = operator('ann');
  expect((await ann.post('ops/intake/pause', because)).json).toMatchObject({
    paused: true,
    by: 'operator:ann',
  });
  expect((await operator('bob').post('ops/intake/pause', because)).json).toMatchObject({
    ...{ status: 409, code: 'INTAKE_WRONG_STATE', detail: expect.stringContaining('operator:ann') as string },
  });
  const body = { customerId: 'patient', items: ITEMS };
  const refused = await poll(
    () => ann.post('orders', { ...body, customerId: 'refused' }),
    ({ status }) => status === 503,
  );
  expect([refused.json['code'], refused.headers.get('retry-after')]).toEqual(['INTAKE_PAUSED', '30']);
  await queue.send(orderMessage('waits-1', body), orderMessage('waits-2', body));
  // Put off under their ids and keys, as copies that become visible later.
  const keys = async (): Promise<unknown[]> =>
    (await queue.active())
      .filter(({ applicationProperties: of }) => of?.['originalMessageId'] === of?.['idempotencyKey'])
      .map(({ applicationProperties }) => applicationProperties?.['idempotencyKey'])
      .sort();
  await poll(keys, (found) => found.join() === 'waits-1,waits-2');
  expect(await poll(() => client.order(waiting), isEnded)).toMatchObject({ status: 'completed' });
  expect((await ann.post('ops/intake/resume', because)).status).toBe(200);
  const taken = async (): Promise<{ status: string }[]> =>
    JSON.parse((await ann.get('orders/customer/patient')).text) as { status: string }[];
  await poll(taken, (found) => found.map(({ status }) => status).join() === 'completed,completed');
  expect(await queue.deadLetters()).toEqual([]);
  await queue.close();
  const { text } = await ann.get('ops/acts');
  const acts = (JSON.parse(text) as { action: string; actor: string; before: string; after: string }[])
    .filter(({ action }) => action.endsWith('intake'))
    .map(({ action, actor, before, after }) => [action, actor, before, after]);
  expect(acts).toContainEqual(['pause intake', 'operator:ann', 'open', 'paused']);
  expect(acts).toContainEqual(['resume intake', 'operator:ann', 'paused', 'open']);
});

test('only operators control sagas; a reason and an order are asked for', async () => {
  const id = '00000000-0000-4000-8000-000000000000';
  expect((await post(`/api/ops/orders/${id}/terminate`, {}, 'a guess')).status).toBe(401);
  expect((await control(id, 'terminate', {})).status).toBe(400);
  expect((await control(id, 'terminate', { reason: 'half \ud83d' })).status).toBe(400);
  expect((await control(id, 'terminate')).status).toBe(404);
});

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
    Array.from({ length: ORDERS }, () => client.place({ customerId: 'cust-1', items: ITEMS })),
  );
  const helpless = await client.place({ customerId: 'norefund-1', items: ITEMS });
  const running = await heldAtPayment('running');
  await control(running, 'suspend');
  const ended = [...placed, helpless].map(({ id }) => id);
  for (const id of ended) await poll(() => client.order(id), isEnded);
  expect((await client.order(helpless.id)).needsIntervention).toBe(true);
  await poll(instances, (found) => ended.every((id) => found.get(id) === 'Completed'));

  const left = await poll(
    async () => {
      await purge();
      return instances();
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
      () => client.place(body, `exported-${number}`),
      () => true,
    );
    await poll(() => client.order(id), isEnded);
    ids.push(id);
  }
  await poll(
    async () => {
      const found = await instances();
      return ids.map((id) => found.get(id));
    },
    (statuses) => statuses.every((status) => status === 'Completed' || status === undefined),
  );
  const reads = (): Promise<unknown[]> =>
    Promise.all(ids.map(async (id) => [await client.events(id), await client.order(id)]));
  const replayed = async (): Promise<unknown> =>
    ((await (await post('/api/ops/replay', { from: since, dryRun: true })).json()) as { matched: number })
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
