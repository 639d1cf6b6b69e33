// Two tenants with the same customers, idempotency keys and message ids, side by side under load on one running system whose
// host and platform are killed meanwhile: nothing of one shows in any answer or message of the other. And a noisy tenant,
// which its quota holds back.
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { until } from 'azure-local/kit/until';
import { poll } from '../../local/demo/system-client';
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
const BY_HTTP = 30;
const BY_QUEUE = 10;

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
let placed = 0;
const startedAt = new Date().toISOString();

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

/** SIGKILLs each in the midst of the load, the next when the one before serves again. */
async function killMeanwhile(): Promise<void> {
  for (const [victim, orders] of [
    ['host', BY_HTTP / 3],
    ['platform', BY_HTTP],
  ] as const) {
    await until(`${orders} orders are placed`, () => placed >= orders, 60_000);
    await system.kill(victim);
    await system.recovered();
  }
}

async function placeAll(tenant: Name): Promise<void> {
  for (let index = 0; index < BY_HTTP; index += 1) {
    const key = { 'idempotency-key': `key-${index}` };
    // What got no answer because a process was killed is sent again under its key.
    const answer = await poll(
      () => services[tenant].post('orders', order(tenant, index), key),
      ({ status }) => status === 202 || status === 200,
    );
    ids[tenant].push(String(answer.json['id']));
    placed += 1;
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
  const parts = ['', '/events', '/saga', '/timeline', '/events/stream?wait=0'];
  const orders = await Promise.all(
    orderIds.flatMap((id) => parts.map((part) => client.get(`orders/${id}${part}`))),
  );
  return [...lists, ...orders, await client.get('analytics/daily')].map(({ text }) => text).join('\n');
}

/** Everything that the API shows an operator of a tenant beside that. */
async function shownToOperator(tenant: Name): Promise<string> {
  const operator = signedInClient(system, { name: 'ann', tenant_id: tenant, roles: ['operator'] });
  const from = encodeURIComponent(startedAt);
  const paths = [
    ...['ops/orders', 'ops/dead-letters?queue=orders', 'ops/dead-letters/groups', 'ops/acts', 'metrics'],
    `ops/events/stream?wait=0&from=${from}`,
  ];
  const answers = await Promise.all(paths.map((path) => operator.get(path)));
  expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 200));
  return answers.map(({ text }) => text).join('\n');
}

test('S19: two tenants with the same customers, keys and message ids have orders of their own under load and kills', async () => {
  const messages = NAMES.flatMap((tenant) =>
    Array.from({ length: BY_QUEUE }, (_, index) =>
      orderMessage(`message-${index}`, order(tenant, index), { applicationProperties: { tenantId: tenant } }),
    ),
  );
  await queue.send(...messages);
  await Promise.all([...NAMES.map(placeAll), killMeanwhile()]);
  expect(new Set([...ids.acme, ...ids.globex]).size).toBe(2 * BY_HTTP);
  for (const tenant of NAMES) {
    await poll(
      () => services[tenant].get('analytics/daily'),
      ({ text }) => {
        const [day] = JSON.parse(text) as [{ completed: number; failed: number }?];
        return day !== undefined && day.completed + day.failed === BY_HTTP + BY_QUEUE;
      },
    );
  }
}, 180_000);

test.each(NAMES)('S19: nothing that %s is shown names the other tenant or an order of it', async (tenant) => {
  const other = otherThan(tenant);
  const shown = (await shownTo(services[tenant], ids[tenant])) + (await shownToOperator(tenant));
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

interface Sent {
  readonly tenant: string;
  readonly subject: string;
  readonly orderId: string;
  readonly text: string;
}

/** Every message at one place, once each: after a kill some come twice. */
async function sentTo(read: () => ReturnType<OrderQueue['failures']>): Promise<Sent[]> {
  const messages = await read();
  const distinct = new Map(messages.map((message) => [String(message.messageId), message]));
  return [...distinct.values()].map(({ applicationProperties, subject, body }) => ({
    tenant: String(applicationProperties?.['tenantId']),
    subject: subject ?? '',
    orderId: String((body as { readonly orderId?: unknown }).orderId),
    text: JSON.stringify([applicationProperties, body]),
  }));
}

test('S19: every message that leaves names its tenant and nothing of another, and the events of a tenant are on its topic only', async () => {
  const topic = openOrderTopic(system.urls.servicebus);
  const created = (sent: readonly Sent[]): Sent[] => sent.filter(({ subject }) => subject === 'OrderCreated');
  const isWhole = (sent: readonly Sent[]): boolean =>
    new Set(created(sent).map(({ orderId }) => orderId)).size === BY_HTTP + BY_QUEUE;
  const common = await poll(() => sentTo(() => topic.subscription('order-created-events')), isWhole);
  const own = await poll(() => sentTo(() => queue.failures()), isWhole);
  expect([...new Set(common.map(({ tenant }) => tenant))]).toEqual(['acme']);
  expect([...new Set(own.map(({ tenant }) => tenant))].sort()).toEqual(['acme', 'globex']);
  expect([...new Set(created(own).map(({ tenant }) => tenant))]).toEqual(['globex']);
  for (const { tenant, text } of [...common, ...own]) {
    const other = otherThan(tenant as Name);
    expect(text).not.toContain(other);
    expect(ids[other].filter((id) => text.includes(id))).toEqual([]);
  }
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
