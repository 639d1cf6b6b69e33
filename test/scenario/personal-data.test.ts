// Personal data on the running system: it reaches the services that need it and whoever may see it, lies nowhere in plain text,
// and is gone when it is erased.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { until } from 'azure-local/kit/until';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { signedInClient, openTenantClient, type TenantClient } from '../support/tenant-client';

const CUSTOMER = 'cust-1';
const OWN = `customers/${CUSTOMER}/personal-data`;

/** Each would be found wherever it lay. */
const PLANTED = {
  name: 'Planted-Name-7d1',
  line1: 'Planted-Street-8e2',
  city: 'Planted-City-9f3',
  postalCode: 'Plant-4a',
  email: 'planted-5b@example.com',
  phone: '+49 555 010-7766',
  token: 'tok_planted_6c7d8e9f',
};
const { name, line1, city, postalCode, email, phone, token } = PLANTED;
const shippingAddress = { name, line1, city, postalCode, country: 'DE' };
const contact = { email, phone };
const SHOWN = ['shown', shippingAddress, contact];
const order = (more: object = {}): object => ({
  customerId: CUSTOMER,
  items: [{ productId: 'prod-001', productName: 'Desk lamp', quantity: 1, unitPrice: 49.99 }],
  ...{ shippingAddress, contact, payments: [{ method: 'card', token }] },
  ...more,
});

let system: RunningSystem;
let service: TenantClient;
let customer: TenantClient;
let operator: TenantClient;
let reader: TenantClient;
let orderId: string;

beforeAll(async () => {
  system = await startSystem({
    settings: {
      'OrderProcessing:KeyCacheSeconds': '1',
      'OrderProcessing:ErasureSchedule': '* * * * * *',
      // What has ended goes to the archive at once, which is searched too.
      'OrderProcessing:HistoryRetentionDays': '0.000001',
      'OrderProcessing:PurgeSchedule': '* * * * * *',
    },
  });
  service = openTenantClient(system.urls.api, {});
  customer = signedInClient(system, { customer_id: CUSTOMER });
  operator = signedInClient(system, { name: 'ann', roles: ['operator'] });
  reader = signedInClient(system, { name: 'rob', roles: ['reader'] });
  const placed = await service.post('orders?wait=20', order(), { 'idempotency-key': 'first' });
  expect([placed.status, placed.json['status']]).toEqual([200, 'completed']);
  orderId = String(placed.json['id']);
});
afterAll(() => system.stop());

const detailsFor = async (client: TenantClient, id = orderId): Promise<unknown[]> => {
  const { json } = await client.get(`orders/${id}`);
  return [json['personalData'], json['shippingAddress'], json['contact']];
};

test('S20: the customer, a service and an operator are shown address and contact; a reader is not', async () => {
  for (const client of [customer, service, operator]) expect(await detailsFor(client)).toEqual(SHOWN);
  expect(await detailsFor(reader)).toEqual(['withheld', null, null]);
  expect((await reader.get(OWN)).status).toBe(403);
});

test('the same key and body make no other order, and another address is another body', async () => {
  const again = await service.post('orders', order(), { 'idempotency-key': 'first' });
  expect([again.status, again.json['id']]).toEqual([200, orderId]);
  const other = order({ shippingAddress: { ...shippingAddress, city: 'Elsewhere' } });
  expect((await service.post('orders', other, { 'idempotency-key': 'first' })).json['code']).toBe(
    'IDEMPOTENCY_KEY_REUSED',
  );
});

test('the export holds what was given, and no whole token', async () => {
  const { status, json } = await customer.get(OWN);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    customerId: CUSTOMER,
    orders: [{ orderId, shippingAddress, contact, paymentTokens: ['tok_…8e9f'], returnReasons: [] }],
  });
});

test('nothing that was written down holds a planted value: databases, broker, histories, archive, log', async () => {
  const refused = await service.post('orders', order({ contact: { email: `${email} `, phone } }));
  expect([refused.status, refused.text.includes('planted')]).toEqual([400, false]);
  const files = readdirSync(system.dataDir).filter((file) => /\.db(-wal)?$/.test(file));
  expect(files).toEqual(expect.arrayContaining(['platform.db', 'host.db']));
  const instance = `${system.urls.api}/runtime/webhooks/durabletask/instances/${orderId}`;
  await until('its history is in the archive', async () => (await fetch(instance)).status === 404);
  const everything =
    files.map((file) => readFileSync(path.join(system.dataDir, file), 'latin1')).join('') + system.output();
  // What is no secret shows that it is searched where orders, messages and histories are.
  for (const plain of ['Desk lamp', 'OrderCreated', 'v1.']) expect(everything).toContain(plain);
  for (const value of Object.values(PLANTED))
    expect([value, everything.includes(value)]).toEqual([value, false]);
});

test('S20: what is erased is gone for everybody, once its orders have ended, and orders go on', async () => {
  const later = await service.post(
    'orders',
    order({ notBefore: new Date(Date.now() + 3_600_000).toISOString() }),
  );
  const running = String(later.json['id']);
  const asked = await customer.delete(OWN);
  expect([asked.status, asked.json['status']]).toEqual([202, 'erasing']);
  await until('only the order is waited for', async () => {
    const { json } = await operator.delete(OWN);
    return json['waitsUntil'] === null;
  });
  expect((await operator.delete(OWN)).json).toMatchObject({ status: 'erasing', waitsForOrders: [running] });
  expect(await detailsFor(customer)).toEqual(SHOWN);
  expect((await service.post(`orders/${running}/cancel`)).status).toBe(202);
  await until('the timer has erased it', async () => {
    const listed = JSON.parse((await operator.get('ops/erasures')).text) as { erasedAt: string | null }[];
    return listed.length === 1 && listed[0]?.erasedAt !== null;
  });
  const proof = (await customer.delete(OWN)).json;
  expect(proof).toMatchObject({ status: 'erased', erasures: [{ requestedBy: 'customer' }] });
  expect((await customer.delete(OWN)).json).toEqual(proof);
  await until('no instance holds the key', async () => (await detailsFor(service))[0] === 'erased');
  expect(await detailsFor(customer)).toEqual(['erased', null, null]);
  expect((await customer.get(OWN)).text).not.toContain('Planted');
  expect((await service.get(`orders/${orderId}?asOf=${new Date().toISOString()}`)).status).toBe(200);
  expect((await service.get(`orders/${orderId}/events`)).status).toBe(200);
  const rebuilt = await operator.post('ops/projections/customer-orders/rebuild');
  expect([rebuilt.status, Number(rebuilt.json['orders']) >= 2]).toEqual([200, true]);
});

test('an order that comes after an erasure has a key of its own', async () => {
  const placed = await service.post('orders?wait=20', order());
  expect(placed.json['status']).toBe('completed');
  expect(await detailsFor(customer, String(placed.json['id']))).toEqual(SHOWN);
  expect(await detailsFor(customer)).toEqual(['erased', null, null]);
});

test('keys are rotated, and what was encrypted before stays readable', async () => {
  const placed = await service.post('orders?wait=20', order(), { 'idempotency-key': 'rotated' });
  const rotated = await operator.post('ops/keys/rotate');
  expect([rotated.status, rotated.json['isMore']]).toEqual([200, false]);
  expect(await detailsFor(customer, String(placed.json['id']))).toEqual(SHOWN);
  const again = await service.post('orders', order(), { 'idempotency-key': 'rotated' });
  expect(again.json['id']).toBe(placed.json['id']);
});
