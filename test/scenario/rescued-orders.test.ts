// Orders whose orchestration is gone, on the running system: what the reconciler finishes by itself, what an operator is
// asked for, and what a late message leaves behind.
import {
  createSystemClient,
  isEnded,
  poll,
  type FaultRule,
  type SystemClient,
} from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';

const TOKEN = 'an-operator-of-this-test';
const ITEMS = [{ productId: 'lamp', productName: 'Desk lamp', quantity: 1, unitPrice: 49.99 }];

let system: RunningSystem;
let client: SystemClient;
beforeAll(async () => {
  const settings = {
    'OrderProcessing:OperatorToken': TOKEN,
    'OrderProcessing:ReconcileAfterSeconds': '1',
    // A second.
    'OrderProcessing:LateLookUpMinutes': '0.016',
  };
  system = await startSystem({ settings });
  client = createSystemClient(system.urls);
}, 30_000);
afterAll(() => system.stop());

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}
async function post(url: string, body: unknown, token = TOKEN): Promise<Answer> {
  const answer = await fetch(`${system.urls.api}${url}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}
const compensate = (id: string, body: unknown = { reason: 'a recall' }, token = TOKEN): Promise<Answer> =>
  post(`/api/ops/orders/${id}/compensate`, body, token);
const cancel = (id: string): Promise<Answer> => post(`/api/orders/${id}/cancel`, {});
const effects = async (id: string): Promise<string[]> =>
  (await client.ledger(id)).map(({ effect }) => effect).filter((effect) => effect !== 'notified');
const instanceUrl = (id: string): string => `${system.urls.api}/runtime/webhooks/durabletask/instances/${id}`;

/** An order that stands behind `effect`, because what comes next is away. */
async function heldAfter(
  effect: string,
  customerId: string,
  fault: Omit<FaultRule, 'fault'> & Partial<FaultRule>,
): Promise<string> {
  await client.planFaults([{ customerId, fault: 'down', ...fault }]);
  const { id } = await client.place({ customerId, items: ITEMS });
  await poll(
    () => effects(id),
    (seen) => seen.includes(effect),
  );
  return id;
}

/** Ends the orchestration by the durable management API, past the app. */
async function terminateRaw(id: string): Promise<void> {
  expect((await fetch(`${instanceUrl(id)}/terminate?reason=test`, { method: 'POST' })).status).toBe(202);
  await poll(
    async () => (await (await fetch(instanceUrl(id))).json()) as { runtimeStatus: string },
    ({ runtimeStatus }) => runtimeStatus === 'Terminated',
  );
  await client.planFaults([]);
}

test('an order that is shipped when its orchestration is terminated completes all the same', async () => {
  const held = { service: 'inventory', operation: 'confirm' };
  const id = await heldAfter('shipmentCreated', 'shipped', held);
  await terminateRaw(id);
  const order = await poll(() => client.order(id), isEnded);
  expect(order).toMatchObject({ status: 'completed', needsIntervention: false });
  expect(await effects(id)).toEqual(['stockReserved', 'charged', 'shipmentCreated', 'stockConfirmed']);
  expect((await compensate(id)).body).toMatchObject({ status: 409, code: 'CANNOT_COMPENSATE' });
});

test('S7: a cancel that was accepted before the orchestration was terminated is followed', async () => {
  const id = await heldAfter('charged', 'cancelled', {
    service: 'shipping',
    operation: 'ship',
    fault: 'hang',
  });
  expect((await cancel(id)).status).toBe(202);
  await terminateRaw(id);
  const order = await poll(() => client.order(id), isEnded);
  expect(order).toMatchObject({ status: 'cancelled', needsIntervention: false });
  expect(await effects(id)).toEqual(['stockReserved', 'charged', 'refunded', 'stockReleased']);
  expect((await cancel(id)).status).toBe(202);
});

test('an order that is charged when its orchestration is terminated waits for an operator, who has it undone', async () => {
  const id = await heldAfter('charged', 'charged', { service: 'shipping', operation: 'ship' });
  expect((await compensate(id)).body).toMatchObject({
    ...{ status: 409, code: 'CANNOT_COMPENSATE' },
    detail: expect.stringContaining('running') as string,
  });
  await terminateRaw(id);

  expect((await cancel(id)).body).toMatchObject({
    ...{ status: 409, code: 'SAGA_GONE' },
    detail: expect.stringContaining(`POST /api/ops/orders/${id}/compensate`) as string,
  });
  await poll(
    () => client.order(id),
    ({ needsIntervention }) => needsIntervention,
  );
  expect(await effects(id)).toEqual(['stockReserved', 'charged']);

  expect((await compensate(id, { reason: 'a recall' }, 'a guess')).status).toBe(401);
  expect((await compensate(id, {})).status).toBe(400);
  const answer = await compensate(id);
  expect(answer).toMatchObject({
    status: 202,
    body: { orderId: id, action: 'compensate', status: 'failed', notUndone: [] },
  });
  expect(await effects(id)).toEqual(['stockReserved', 'charged', 'refunded', 'stockReleased']);
  expect(await client.order(id)).toMatchObject({ status: 'failed', failureCode: 'SAGA_LOST' });
  expect(await compensate(id)).toEqual(answer);
  expect(await effects(id)).toHaveLength(4);
  expect((await cancel(id)).body).toMatchObject({ status: 409, code: 'CANNOT_CANCEL' });
});

test('S27: a parcel that is made under the key of an order that has failed is called back', async () => {
  const { id } = await client.place({ customerId: 'declined-1', items: ITEMS });
  await poll(() => client.order(id), isEnded);
  const parcel = await fetch(`${system.urls.services}/shipping/shipments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': `${id}:CreateShipment` },
    body: JSON.stringify({ orderId: id, customerId: 'declined-1', itemCount: 1 }),
  });
  expect(parcel.status).toBeLessThan(300);
  const seen = await poll(
    async () => {
      await fetch(`${system.urls.api}/admin/functions/LookUpEndedOrders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      });
      return effects(id);
    },
    (found) => found.includes('shipmentCancelled'),
  );
  expect(seen).toEqual(['stockReserved', 'stockReleased', 'shipmentCreated', 'shipmentCancelled']);
  const events = await fetch(`${system.urls.api}/api/orders/${id}/events`);
  expect(await events.json()).toContainEqual(
    expect.objectContaining({ type: 'ShipmentCancelled', statusAfter: 'failed' }) as object,
  );
});
