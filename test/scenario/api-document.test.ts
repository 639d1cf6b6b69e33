// The API as its OpenAPI document has it, asked of a running system: which functions are registered, versions, required
// fields. That every answer is as documented is checked for all scenarios (test/support/checked-fetch.ts).
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { openApiDocument } from '../../src/functions/openapi/document';
import { asksForKey } from '../../src/identity/access';
import { routeList, ROUTES } from '../../src/functions/routes/routes';
import type { Route } from '../../src/functions/routes/route';
import { newCustomer, order } from '../support/order-caller';

const OPERATOR = { authorization: 'Bearer an-operator-of-this-test' };

let system: RunningSystem;
beforeAll(async () => {
  system = await startSystem({ settings: { 'OrderProcessing:OperatorToken': 'an-operator-of-this-test' } });
});
afterAll(() => system.stop());

const JSON_TYPE = { 'content-type': 'application/json' };
const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${system.urls.api}${path}`, {
    method: 'POST',
    headers: { ...JSON_TYPE, ...headers },
    body: JSON.stringify(body),
  });
const get = (path: string): Promise<Response> => fetch(`${system.urls.api}${path}`);
const codeOf = async (response: Response): Promise<unknown[]> => [
  response.status,
  response.headers.get('content-type'),
  ((await response.json()) as { code?: unknown }).code,
];

test('the app serves its document', async () => {
  const answer = await get('/api/openapi.json');
  expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
});

test('the HTTP functions are those of the table, each under both paths, and the one that refuses versions', async () => {
  const answer = await get('/admin/functions');
  const functions = (await answer.json()) as {
    name: string;
    config: { bindings: { type: string; route?: string; methods?: string[]; authLevel?: string }[] };
  }[];
  const registered = functions.flatMap(({ name, config }) =>
    config.bindings
      .filter(({ type }) => type === 'httpTrigger')
      .map(({ route, methods = [], authLevel }) => [name, methods.join(), route, authLevel].join(' ')),
  );
  const expected = routeList.flatMap(({ name, method, path, caller }) => {
    const level = asksForKey(caller) ? 'function' : 'anonymous';
    return [`${name} ${method} ${path} ${level}`, `${name}V1 ${method} v1/${path} ${level}`];
  });
  const refusal =
    'RefuseApiVersion GET,POST,PUT,PATCH,DELETE {version:regex(^v(?!(1)$)\\d+$)}/{*rest} anonymous';
  const pages = 'Console GET ui/{*path} anonymous';
  expect(registered.sort()).toEqual([...expected, refusal, pages].sort());
});

describe('/api/v1', () => {
  test('is the same order, the same list and the same links, with the version kept', async () => {
    const customerId = newCustomer();
    const headers = { 'idempotency-key': `v1-${Date.now()}` };
    const placed = await post('/api/v1/orders?wait=20', order(customerId), headers);
    const { id } = (await placed.json()) as { id: string };
    expect([placed.status, placed.headers.get('location')]).toEqual([200, `/api/v1/orders/${id}`]);
    const again = await post('/api/orders', order(customerId), headers);
    expect([again.status, again.headers.get('location')]).toEqual([200, `/api/orders/${id}`]);
    for (const path of [
      `orders/${id}`,
      `orders/${id}/saga`,
      `orders/${id}/events?limit=2`,
      'schemas/OrderFailed',
    ]) {
      const [plain, versioned] = [await get(`/api/${path}`), await get(`/api/v1/${path}`)];
      expect(await versioned.json()).toEqual(await plain.json());
      const link = plain.headers.get('link')?.replace('</api/', '</api/v1/') ?? null;
      expect(versioned.headers.get('link')).toBe(link);
    }
    const next = (await get(`/api/v1/orders/${id}/events?limit=2`)).headers.get('link');
    const [, url = ''] = /<([^>]+)>/.exec(next ?? '') ?? [];
    expect(((await (await get(url)).json()) as { sequence: number }[])[0]?.sequence).toBe(3);
  });

  test('answers an unknown route as /api does: with the empty 404 of the host', async () => {
    const [plain, versioned] = [await get('/api/nothing'), await get('/api/v1/nothing')];
    expect([versioned.status, await versioned.text()]).toEqual([plain.status, await plain.text()]);
  });
});

describe('a version that there is not', () => {
  const PROBLEM = 'application/problem+json';
  test.each([
    ['v0', 410, 'API_VERSION_REMOVED'],
    ['V0', 410, 'API_VERSION_REMOVED'],
    ['v2', 404, 'API_VERSION_UNKNOWN'],
    ['v10', 404, 'API_VERSION_UNKNOWN'],
    ['v01', 404, 'API_VERSION_UNKNOWN'],
  ])('%s is answered with %i %s, whatever is asked for', async (version, status, code) => {
    expect(await codeOf(await get(`/api/${version}/orders/x`))).toEqual([status, PROBLEM, code]);
    expect(await codeOf(await post(`/api/${version}/orders`, order('c')))).toEqual([status, PROBLEM, code]);
  });

  test('is answered with the versions that there are', async () => {
    const { detail } = (await (await get('/api/v0/health')).json()) as { detail: string };
    expect(detail).toContain('There is v1');
  });
});

describe('a body', () => {
  const withBodies = routeList.flatMap((route) =>
    Object.entries(route.body?.examples ?? {}).map(
      ([example, body]) => [`${route.name}, ${example}`, route, body] as const,
    ),
  );

  test('has required fields that the document names, those within others too', () => {
    const fields = [...requiredFields(ROUTES.CreateOrder)];
    expect(fields).toEqual(
      expect.arrayContaining(['customerId', 'items[].quantity', 'shippingAddress.city']),
    );
  });

  test.each(withBodies)(
    'of the example of %s is refused without any of its required fields',
    async (_, route, body) => {
      const required = requiredFields(route);
      for (const field of pathsIn(body).filter((path) => required.has(path.replace(/\[\d+\]/g, '[]')))) {
        const answer = await post(pathOf(route), without(body, field), OPERATOR);
        const problem = (await answer.json()) as { code: string; errors?: { path: string }[] };
        expect([answer.status, problem.code, problem.errors?.map(({ path }) => path)]).toEqual([
          400,
          'VALIDATION_FAILED',
          [field],
        ]);
      }
    },
  );

  test.each(withBodies)('of the example of %s is taken', async (_, route, body) => {
    const answer = await post(pathOf(route), body, OPERATOR);
    // The order that the path of the example names is not there.
    expect([200, 202, 404]).toContain(answer.status);
  });

  const pathOf = (route: Route): string =>
    `/api/${route.path.replace('{id}', '00000000-0000-4000-8000-000000000000').replace('{number}', '1')}`;
});

/** `items[].quantity`: the fields that the document calls required, where what they are in is there. */
function requiredFields(route: Route): ReadonlySet<string> {
  const { components, paths } = openApiDocument();
  interface Schema {
    $ref?: string;
    properties?: Record<string, Schema>;
    items?: Schema;
    required?: string[];
  }
  const operation = paths[`/${route.path}`]?.[route.method.toLowerCase()] as unknown as {
    requestBody: { content: Record<string, { schema: Schema }> };
  };
  const found = new Set<string>();
  const walk = (schema: Schema, at: string): void => {
    for (const [name, field] of Object.entries(schema.properties ?? {})) {
      const path = at === '' ? name : `${at}.${name}`;
      if (schema.required?.includes(name) === true) found.add(path);
      walk(field, path);
      if (field.items !== undefined) walk(field.items, `${path}[]`);
    }
  };
  const { $ref = '' } = operation.requestBody.content['application/json']?.schema ?? {};
  walk((components['schemas'] as Record<string, Schema>)[$ref.split('/').at(-1) ?? ''] ?? {}, '');
  return found;
}

/** `items[0].quantity`, for every field of `value`. */
function pathsIn(value: unknown, at = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((entry, index) => pathsIn(entry, `${at}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => {
    const path = at === '' ? name : `${at}.${name}`;
    return [path, ...pathsIn(field, path)];
  });
}

function without(value: unknown, path: string): unknown {
  const copy = structuredClone(value);
  const keys = path.split(/[.[\]]+/).filter((key) => key !== '');
  const last = keys.pop() ?? '';
  const holder = keys.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], copy);
  Reflect.deleteProperty(holder as object, last);
  return copy;
}
