// Who may call what on the running system: every route as every kind of caller, against the matrix of docs/security.md, and
// the ways in which callers try to be somebody else.
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { until } from 'azure-local/kit/until';
import { routeList } from '../../src/functions/routes/routes';
import type { Route } from '../../src/functions/routes/route';
import { answerFor, CALLER_KINDS, type CallerKind } from '../../tools/docs/callers/matrix';
import { principalHeader } from '../support/principal';
import { webPageAttacks } from '../support/web-page-attacks';
import {
  openTenantClient,
  signedInClient,
  tokenFor,
  type Answered,
  type TenantClient,
} from '../support/tenant-client';

const TENANTS = JSON.stringify([{ id: 'acme' }, { id: 'globex' }]);
const NO_ORDER = '00000000-0000-4000-8000-000000000000';
const OWNER = 'cust-1';
const order = (customerId: string): object => ({
  customerId,
  items: [{ productId: 'prod-001', productName: 'Desk lamp', quantity: 1, unitPrice: 49.99 }],
});

let system: RunningSystem;
let owner: TenantClient;
/** An order of the owner that has ended. */
let orderId: string;
/** A bulk operation of the owner's tenant, which acts on nothing. */
let bulkId: string;
/** A refund in the owner's tenant that an operator is asked about. */
let interventionId: string;

beforeAll(async () => {
  const settings = { 'OrderProcessing:Tenants': TENANTS, 'OrderProcessing:SignIn': 'required' };
  system = await startSystem({ settings });
  owner = signedInClient(system, { tenant_id: 'acme', customer_id: OWNER });
  const placed = await owner.post('orders?wait=20', order(OWNER));
  expect([placed.status, placed.json['status']]).toEqual([200, 'completed']);
  orderId = String(placed.json['id']);
  const listed = await owner.get(
    `orders/customer/${OWNER}?minVersion=${orderId}:${String(placed.json['version'])}`,
  );
  expect(listed.text).toContain(orderId);
  const operator = signedInClient(system, { tenant_id: 'acme', roles: ['operator'] });
  const bulk = { act: 'purge', filter: { customerId: 'nobody' }, reason: 'a test' };
  bulkId = String((await operator.post('ops/bulk', bulk)).json['id']);
  const unpaid = await signedInClient(system, { tenant_id: 'acme', roles: ['service'] }).post(
    'orders?wait=20',
    order('norefund-1'),
  );
  expect(unpaid.json).toMatchObject({ status: 'failed', needsIntervention: true });
  interventionId = `${String(unpaid.json['id'])}.1`;
});
afterAll(() => system.stop());

function clientOf({ title, role, isOwn }: CallerKind): TenantClient {
  if (role === undefined) return openTenantClient(system.urls.api, {});
  if (role === 'customer')
    return signedInClient(system, { tenant_id: 'acme', customer_id: isOwn ? OWNER : 'cust-2' });
  return signedInClient(system, { name: title, tenant_id: isOwn ? 'acme' : 'globex', roles: [role] });
}

/** The example of each parameter; an order is the one of the owner, or one that is not there. */
function pathOf({ path, params }: Route, id: string): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (name === 'id') return id;
    if (name === 'customerId') return OWNER;
    if (name === 'interventionId') return interventionId;
    const [example] = (params?.shape[name] as { meta(): { examples?: unknown[] } }).meta().examples ?? [];
    return String(example);
  });
}

/** What the parameter `id` of a route names: an order, but for bulk operations. */
const ownId = ({ path }: Route): string => (path.startsWith('ops/bulk/') ? bulkId : orderId);

function call(client: TenantClient, route: Route, id = ownId(route)): Promise<Answered> {
  const [body] = Object.values(route.body?.examples ?? {});
  const path = pathOf(route, id);
  switch (route.method) {
    case 'GET':
      return client.get(path);
    case 'DELETE':
      return client.delete(path);
    case 'POST':
      return client.post(path, body);
  }
}

/** Without what differs from request to request. */
const words = ({ status, json }: Answered, id: string): string =>
  JSON.stringify([status, { ...json, correlationId: '' }]).replaceAll(id, '<id>');

// Before the callers: some of them may resolve what was asked.
test('customers see how their saga stands, and nothing of what operators are asked about it', async () => {
  const [id = ''] = interventionId.split('.');
  const seenBy = async (claims: Parameters<typeof signedInClient>[1]): Promise<Record<string, unknown>> =>
    (await signedInClient(system, { tenant_id: 'acme', ...claims }).get(`orders/${id}/saga`)).json;
  const byCustomer = await seenBy({ customer_id: 'norefund-1' });
  expect([byCustomer['status'], byCustomer['needsIntervention']]).toEqual(['failed', true]);
  expect(byCustomer['interventions']).toBeUndefined();
  expect((await seenBy({ roles: ['operator'] }))['interventions']).toHaveLength(1);
});

describe('a web page on the machine of a developer', () => webPageAttacks(() => system));

describe('a forged sign-in', () => {
  const principal = { tenant_id: 'acme', roles: ['operator', 'service'], customer_id: OWNER };
  const path = (): string => `orders/${orderId}`;
  const ask = async (headers: Record<string, string>): Promise<number> =>
    (await openTenantClient(system.urls.api, headers).get(path())).status;

  test.each(['x-ms-client-principal', 'X-MS-CLIENT-PRINCIPAL', 'X-Ms-Client-Principal'])(
    'in the header %s makes its sender nobody, and nobody else of who is signed in',
    async (name) => {
      const forged = { [name]: principalHeader(principal) };
      expect(await ask(forged)).toBe(401);
      const other = tokenFor(system, { tenant_id: 'acme', customer_id: 'cust-2' });
      expect(await ask({ ...forged, authorization: `Bearer ${other}` })).toBe(404);
    },
  );

  test('in a header that comes twice is removed twice', async () => {
    const { hostname, port } = new URL(system.urls.api);
    const line = `X-MS-CLIENT-PRINCIPAL: ${principalHeader(principal)}\r\n`;
    const head = `GET /api/${path()} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n`;
    const { connect } = await import('node:net');
    const socket = connect(Number(port), hostname);
    socket.write(`${head}${line}${line}X: \u00e9\r\n\r\n`);
    let said = '';
    for await (const chunk of socket) said += String(chunk);
    expect(said).toMatch(/^HTTP\/1\.1 401 /);
  });

  test('as a token is a 401: another key, no signature, another algorithm, a changed claim, one that has expired', async () => {
    const token = tokenFor(system, { tenant_id: 'acme', customer_id: 'cust-2' });
    const [header = '', payload = '', signature = ''] = token.split('.');
    const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as object;
    const { signToken } = await import('azure-local/kit/local-token');
    const { signInKey } = await import('azure-local/supervisor/sign-in-key');
    const forged = [
      signToken('another key', principal, Date.now() + 60_000),
      signToken(signInKey(system.dataDir), principal, Date.now() - 1_000),
      `${header}.${encode({ ...claims, customer_id: OWNER })}.${signature}`,
      `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`,
      `${header}.${payload}.`,
      'nonsense',
      'a.b.c',
    ];
    for (const one of forged) expect(await ask({ authorization: `Bearer ${one}` })).toBe(401);
  });
});

describe('a customer who asks for what is not theirs', () => {
  let other: TenantClient;
  beforeAll(() => {
    other = signedInClient(system, { tenant_id: 'acme', customer_id: 'cust-2' });
  });

  test('is not let into another tenant by the header X-Tenant-Id', async () => {
    const abroad = openTenantClient(system.urls.api, { ...owner.headers, 'x-tenant-id': 'globex' });
    const answers = [await abroad.get(`orders/${orderId}`), await abroad.post('orders', order(OWNER))];
    expect(answers.map(({ status, json }) => [status, json['code']])).toEqual([
      [400, 'TENANT_UNKNOWN'],
      [400, 'TENANT_UNKNOWN'],
    ]);
  });

  test.each([
    `orders/customer/${OWNER}%2f`,
    `orders/customer/cust-2%2f..%2f${OWNER}`,
    `orders/customer/cust-2/../${OWNER}`,
    `orders/customer/${OWNER}?customerId=cust-2`,
    `orders/customer/CUST-1`,
    `orders/customer/%63ust-1`,
  ])('sees none of it by the path %s', async (path) => {
    const answer = await other.get(path);
    expect(answer.text).not.toContain(orderId);
    expect(answer.status).toBeLessThan(500);
  });

  test('cannot use the cursor of another customer or tenant', async () => {
    await owner.post('orders?wait=20', order(OWNER));
    const page = await until('the list has two orders', async () => {
      const listed = await owner.get(`orders/customer/${OWNER}?limit=1`);
      return listed.headers.get('link') === null ? undefined : listed;
    });
    const [, cursor = ''] = /cursor=([^&>]+)/.exec(page.headers.get('link') ?? '') ?? [];
    const query = `?limit=1&cursor=${cursor}`;
    expect((await owner.get(`orders/customer/${OWNER}${query}`)).status).toBe(200);
    expect((await other.get(`orders/customer/cust-2${query}`)).json['code']).toBe('VALIDATION_FAILED');
    expect((await other.get(`orders/customer/${OWNER}${query}`)).text).toBe('[]');
    const namesake = signedInClient(system, { tenant_id: 'globex', customer_id: OWNER });
    expect((await namesake.get(`orders/customer/${OWNER}${query}`)).json['code']).toBe('VALIDATION_FAILED');
  });

  test('learns from minVersion as little of another’s order as of one that is not there', async () => {
    const wait = (id: string): Promise<Answered> => other.get(`orders/customer/cust-2?minVersion=${id}:1`);
    const [theirs, none] = await Promise.all([wait(orderId), wait(NO_ORDER)]);
    expect(theirs.status).toBe(503);
    expect(words(theirs, orderId)).toBe(words(none, NO_ORDER));
  });

  test('has a key of their own under the same Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'the-same-key' };
    const mine = await owner.post('orders', order(OWNER), key);
    const theirs = await other.post('orders', order('cust-2'), key);
    expect([mine.status, theirs.status]).toEqual([202, 202]);
    expect(theirs.json['id']).not.toBe(mine.json['id']);
    expect((await owner.post('orders', order(OWNER), key)).json['id']).toBe(mine.json['id']);
  });
});

describe.each(CALLER_KINDS.map((kind): [string, CallerKind] => [kind.title, kind]))('%s', (_, kind) => {
  test.each(routeList.map((route): [string, Route] => [`${route.method} ${route.path}`, route]))(
    'is answered on %s as the matrix says (S19)',
    async (_title, route) => {
      const client = clientOf(kind);
      const answer = await call(client, route);
      const expected = answerFor(route, kind);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      });
      if (expected === 'yes' || expected === 'own') {
        expect([401, 403, 404]).not.toContain(answer.status);
        expect(answer.status).toBeLessThan(500);
        if (expected === 'own') expect(answer.text).not.toContain(orderId);
        return;
      }
      expect(answer.status).toBe(Number(expected));
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      if (expected === '404' && route.path.includes('{id}'))
        expect(words(answer, ownId(route))).toBe(words(await call(client, route, NO_ORDER), NO_ORDER));
    },
  );
});
