// Two tenants with the same customers, idempotency keys and message ids, side by side under load on one running system: nothing
// of one shows in anything of the other. And a noisy tenant, which its quota holds back.
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { until } from 'azure-local/kit/until';
import { openOrderQueue, orderMessage, type OrderQueue } from '../support/order-queue';
import { openOrderTopic } from '../support/order-topic';
import { openTenantClient, signedInClient, type TenantClient } from '../support/tenant-client';

/** A queue stands for the topic of globex: the local broker has one topic. */
const TOPIC_OF_GLOBEX = 'order-failures';
const TENANTS = [
  { id: 'acme' },
  { id: 'globex', topic: TOPIC_OF_GLOBEX },
  { id: 'noisy', ratePerSecond: 20, inFlight: 4 },
];
const NAMES = ['acme', 'globex'] as const;
type Name = (typeof NAMES)[number];

const CUSTOMERS = 5;
const BY_HTTP = 60;
const BY_QUEUE = 20;

let system: RunningSystem;
let queue: OrderQueue;
let services: Record<Name, TenantClient>;

/** The same for both, but for the name of the product, by which a line is known wherever it shows. */
const order = (tenant: string, index: number): object => ({
  customerId: `${index % 10 === 0 ? 'declined' : 'cust'}-${index % CUSTOMERS}`,
  items: [{ productId: 'lamp', productName: `Lamp of ${tenant}`, quantity: 1, unitPrice: 49.99 }],
});
const markOf = (tenant: Name): string => `Lamp of ${tenant}`;
const otherThan = (tenant: Name): Name => (tenant === 'acme' ? 'globex' : 'acme');

/** Ids of the orders of a tenant, as it was told them. */
const ids: Record<Name, string[]> = { acme: [], globex: [] };

beforeAll(async () => {
  system = await startSystem({ settings: { 'OrderProcessing:Tenants': JSON.stringify(TENANTS) } });
  queue = openOrderQueue(system.urls.servicebus);
  services = {
    acme: openTenantClient(system.urls.api, { 'x-tenant-id': 'acme' }),
    globex: openTenantClient(system.urls.api, { 'x-tenant-id': 'globex' }),
  };
});
afterAll(async () => {
  await queue.close();
  await system.stop();
});

async function placeAll(tenant: Name): Promise<void> {
  for (let index = 0; index < BY_HTTP; index += 1) {
    const answer = await services[tenant].post('orders', order(tenant, index), {
      'idempotency-key': `key-${index}`,
    });
    expect(answer.status).toBe(202);
    ids[tenant].push(String(answer.json['id']));
  }
}

const tenantCustomers = Array.from({ length: CUSTOMERS }, (_, index) => [
  `cust-${index}`,
  `declined-${index}`,
]).flat();

/** Everything that the API shows of a tenant to whoever asks in it. */
async function shownTo(client: TenantClient, orderIds: readonly string[]): Promise<string> {
  const lists = await Promise.all(
    tenantCustomers.map((customer) => client.get(`orders/customer/${customer}?limit=100`)),
  );
  const parts = ['', '/events', '/saga'];
  const orders = await Promise.all(
    orderIds.flatMap((id) => parts.map((part) => client.get(`orders/${id}${part}`))),
  );
  return [...lists, ...orders, await client.get('analytics/daily')].map(({ text }) => text).join('\n');
}

test('S19: two tenants with the same customers, keys and message ids have orders of their own under load', async () => {
  const messages = NAMES.flatMap((tenant) =>
    Array.from({ length: BY_QUEUE }, (_, index) =>
      orderMessage(`message-${index}`, order(tenant, index), { applicationProperties: { tenantId: tenant } }),
    ),
  );
  await Promise.all([queue.send(...messages), ...NAMES.map(placeAll)]);
  expect(new Set([...ids.acme, ...ids.globex]).size).toBe(2 * BY_HTTP);
  for (const tenant of NAMES) {
    await until(`every order of ${tenant} has ended and is counted`, async () => {
      const [day] = JSON.parse((await services[tenant].get('analytics/daily')).text) as [
        { completed: number; failed: number },
      ];
      return day.completed + day.failed === BY_HTTP + BY_QUEUE;
    });
  }
}, 120_000);

test.each(NAMES)('S19: nothing that %s is shown names the other tenant or an order of it', async (tenant) => {
  const other = otherThan(tenant);
  const shown = await shownTo(services[tenant], ids[tenant]);
  expect(shown.split(markOf(tenant)).length).toBeGreaterThan(BY_HTTP);
  expect(shown).not.toContain(markOf(other));
  expect(shown).not.toContain(other);
  for (const id of ids[other]) expect(shown).not.toContain(id);
});

test.each(NAMES)(
  'S19: to %s the orders of the other tenant are as if they were not there',
  async (tenant) => {
    const [first = ''] = ids[otherThan(tenant)];
    for (const part of ['', '/events', '/saga'])
      expect((await services[tenant].get(`orders/${first}${part}`)).json['code']).toBe('NOT_FOUND');
    expect((await services[tenant].post(`orders/${first}/cancel`)).json['code']).toBe('NOT_FOUND');
  },
);

test('S19: every message that leaves names its tenant, and the events of a tenant are on its topic only', async () => {
  const common = await openOrderTopic(system.urls.servicebus).subscription('order-created-events');
  const own = await queue.failures();
  const tenantsOf = (list: typeof own): unknown[] => [
    ...new Set(list.map(({ applicationProperties }) => applicationProperties?.['tenantId'])),
  ];
  expect(tenantsOf(common)).toEqual(['acme']);
  expect(JSON.stringify(common.map(({ body }) => body as unknown))).not.toContain('globex');
  expect(tenantsOf(own).sort()).toEqual(['acme', 'globex']);
  const created = own.filter(({ subject }) => subject === 'OrderCreated');
  expect(tenantsOf(created)).toEqual(['globex']);
  expect(created).toHaveLength(BY_HTTP + BY_QUEUE);
});

test('a message that names no tenant, or one that does not exist, is dead-lettered and leaves nothing', async () => {
  await queue.send(
    orderMessage('no-tenant', order('acme', 1)),
    orderMessage('odd-tenant', order('acme', 1), { applicationProperties: { tenantId: 'initech' } }),
  );
  for (const id of ['no-tenant', 'odd-tenant']) {
    const letter = await queue.deadLetter(id);
    expect(letter.deadLetterReason).toBe('ValidationFailed');
    expect(letter.deadLetterErrorDescription).toMatch(/^applicationProperties\.tenantId names /);
  }
});

test('a customer sees in the own tenant the orders of a namesake of another tenant as little', async () => {
  const ann = signedInClient(system, { tenant_id: 'acme', customer_id: 'cust-1' });
  const shown = await ann.get('orders/customer/cust-1?limit=100');
  expect(shown.text).toContain(markOf('acme'));
  expect(shown.text).not.toContain(markOf('globex'));
});

test('a noisy tenant is held at its quota, and the others are served', async () => {
  const noisy = openTenantClient(system.urls.api, { 'x-tenant-id': 'noisy' });
  let others = 0;
  const over = new AbortController();
  const served = (async () => {
    while (!over.signal.aborted) {
      expect((await services.acme.get('orders/customer/cust-1?limit=1')).status).toBe(200);
      others += 1;
    }
  })();
  const startedMs = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => noisy.get('orders/customer/cust-1?limit=1')),
  );
  const tookS = (performance.now() - startedMs) / 1_000;
  over.abort();
  await served;
  const taken = answers.filter(({ status }) => status === 200).length;
  const refused = answers.filter(({ status }) => status === 429);
  expect(taken + refused.length).toBe(200);
  expect(taken).toBeLessThanOrEqual(20 + 20 * tookS + 1);
  for (const { headers, json } of refused) {
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(json['code']).toBe('TENANT_OVER_QUOTA');
  }
  expect(others).toBeGreaterThan(0);
});
