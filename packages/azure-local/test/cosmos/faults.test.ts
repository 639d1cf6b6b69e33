// Requests that fail on demand, seen by the official SDK: what was written, what its caller is told, what is struck.
import type { Container } from '@azure/cosmos';
import { openCosmos, type Cosmos } from '../../testing/cosmos-fixture';

let cosmos: Cosmos;
let things: Container;
beforeEach(async () => {
  cosmos = await openCosmos();
  things = await cosmos.container('/kind');
});
afterEach(() => cosmos.close());

const faults = (method?: string, body?: unknown) => cosmos.ask('faults', method, body);

/** The status of one create, sent once: the SDK would repeat it. */
async function create(id: string): Promise<number | 'no answer'> {
  const link = things.url;
  return cosmos
    .raw(
      'POST',
      `/${link}/docs`,
      { type: 'docs', link },
      {
        headers: { 'x-ms-documentdb-partitionkey': '["k"]' },
        body: JSON.stringify({ id, kind: 'k' }),
      },
    )
    .then(
      ({ status }) => status,
      () => 'no answer' as const,
    );
}
const isThere = async (id: string): Promise<boolean> =>
  (await things.item(id, 'k').read()).statusCode === 200;

test.each([
  ['throttle', 429],
  ['unavailable', 503],
])(
  'a request under the fault %s is refused with %i and does nothing, until the rule’s times are used up',
  async (fault, status) => {
    await faults('PUT', [{ fault, operation: 'create', times: 1 }]);

    expect(await create('a')).toBe(status);
    expect(await isThere('a')).toBe(false);
    expect(await create('a')).toBe(201);
  },
);

test('a request whose answer is lost is carried out', async () => {
  await faults('PUT', [{ fault: 'loseAnswer', operation: 'create', times: 1 }]);

  expect(await create('a')).toBe('no answer');
  expect(await isThere('a')).toBe(true);
});

test('the official SDK waits for a throttled container as long as Retry-After says', async () => {
  await faults('PUT', [{ fault: 'throttle', times: 3, retryAfterMs: 1 }]);

  expect((await things.items.create({ id: 'a', kind: 'k' })).statusCode).toBe(201);
});

test('a rule applies to its container and its operation only', async () => {
  await faults('PUT', [
    { fault: 'unavailable', container: 'other' },
    { fault: 'unavailable', operation: 'patch' },
  ]);

  expect(await create('a')).toBe(201);
  expect((await faults()).json).toMatchObject([{ struck: 0 }, { struck: 0 }]);
});

test('the same seed fails the same requests', async () => {
  const struck = async (seed: number, prefix: string): Promise<boolean[]> => {
    await faults('PUT', [{ fault: 'unavailable', operation: 'create', probability: 0.5, seed }]);
    const answers: boolean[] = [];
    for (let at = 0; at < 20; at++) answers.push((await create(`${prefix}${at}`)) === 503);
    return answers;
  };
  const first = await struck(7, 'a');

  expect(await struck(7, 'b')).toEqual(first);
  expect(new Set(first).size).toBe(2);
  expect(await struck(8, 'c')).not.toEqual(first);
});

test.each([
  ['{', 'not JSON'],
  [[{ fault: 'explode' }], 'fault'],
  [[{ fault: 'throttle', operation: 'account' }], 'operation'],
  [[{ fault: 'throttle', share: 1 }], 'share'],
])('the rules %j are refused, saying why, and what is in force stays', async (rules, saying) => {
  await faults('PUT', [{ fault: 'unavailable', times: 1 }]);

  const { status, json } = await faults('PUT', rules);

  expect(status).toBe(400);
  expect((json as { message: string }).message).toContain(saying);
  expect((await faults()).json).toHaveLength(1);
});
