// Generators of requests to the Cosmos DB look-alike: documents, batches, patches, queries, feeds and what is around
// them, each with the headers it needs and most with something wrong in them.
import fc from 'fast-check';
import { batch, document, json, patch, queryBody, scalar } from './cosmos-bodies';
import type { HttpInput } from '../wire/http-input';

/** The database that may be filled with anything. */
export const FUZZ_DATABASE = 'fuzz';
const DATABASE = FUZZ_DATABASE;
const DOCS = `/dbs/${DATABASE}/colls/things/docs`;

type Headers = HttpInput['headers'];
const pkHeader = fc.oneof(
  { weight: 3, arbitrary: fc.constant('["a"]') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '[',
      '[]',
      '["a","b"]',
      '[{}]',
      '[[]]',
      'null',
      '[1e999]',
      '"a"',
      '["\\ud800"]',
      '['.repeat(9_000),
    ),
  },
);
const withPk = (more: Headers): fc.Arbitrary<Headers> =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: pkHeader.map((key): Headers => [['x-ms-documentdb-partitionkey', key], ...more]),
    },
    { weight: 1, arbitrary: fc.constant(more) },
  );
const paging = fc
  .record({
    count: fc.constantFrom('-1', '0', '1', 'x', '1e9'),
    token: fc.constantFrom(
      undefined,
      '',
      'x',
      'W10',
      'W251bGwsbnVsbCxudWxsLDAsbnVsbF0',
      'WyJ4Iiwxe',
      'WzEsMiwzLDQsNV0',
      'W1tdLDEsMSwiYSIsW11d',
      'W251bGwsMSwxLC0xLC0xXQ',
    ),
    feed: fc.constantFrom<Headers>(
      [],
      [['a-im', 'Incremental Feed']],
      [
        ['a-im', 'Incremental Feed'],
        ['if-none-match', '"x"'],
      ],
      [
        ['a-im', 'Incremental Feed'],
        ['if-none-match', '"-1"'],
      ],
      [['a-im', 'x']],
      [['x-ms-documentdb-partitionkeyrangeid', '7']],
      [
        ['a-im', 'Incremental Feed'],
        ['if-modified-since', 'x'],
      ],
    ),
  })
  .map(({ count, token, feed }): Headers => [
    ['x-ms-max-item-count', count],
    ...(token === undefined ? [] : [['x-ms-continuation', token] as const]),
    ...feed,
  ]);

export interface CosmosCall {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
  readonly body: unknown;
}

const call = (
  method: string,
  targets: fc.Arbitrary<string>,
  headers: fc.Arbitrary<Headers>,
  body: fc.Arbitrary<unknown>,
): fc.Arbitrary<CosmosCall> => fc.record({ method: fc.constant(method), target: targets, headers, body });
const feed = fc.constant(DOCS);
const one = fc.oneof(
  fc.nat(20).map((n) => `${DOCS}/${n}`),
  fc.constantFrom(
    `${DOCS}/%00`,
    `${DOCS}/%zz`,
    `${DOCS}/__proto__`,
    `${DOCS}/${'x'.repeat(300)}`,
    `${DOCS}/a%2Fb`,
  ),
);
const nothing = fc.constant(undefined);
const ifMatch = fc.constantFrom<Headers>(
  [],
  [['If-Match', '*']],
  [['If-Match', 'x']],
  [['If-None-Match', '*']],
  [['Prefer', 'return=minimal']],
);

/** One request, unsigned. */
export const cosmosCalls = fc.oneof(
  call('POST', feed, withPk([]), document),
  call('POST', feed, withPk([['x-ms-documentdb-is-upsert', 'true']]), document),
  call('PUT', one, withPk([]), document),
  call('PATCH', one, withPk([]), patch),
  call(
    'POST',
    feed,
    withPk([
      ['x-ms-cosmos-is-batch-request', 'true'],
      ['x-ms-cosmos-batch-atomic', 'true'],
    ]),
    batch,
  ),
  call(
    'POST',
    feed,
    fc
      .tuple(
        withPk([
          ['x-ms-documentdb-isquery', 'true'],
          ['Content-Type', 'application/query+json'],
        ]),
        paging,
      )
      .map(([some, more]) => [...some, ...more]),
    queryBody,
  ),
  call(
    'GET',
    feed,
    fc.tuple(withPk([]), paging).map(([some, more]) => [...some, ...more]),
    nothing,
  ),
  call(
    'GET',
    one,
    fc.tuple(withPk([]), ifMatch).map(([some, more]) => [...some, ...more]),
    nothing,
  ),
  call(
    'DELETE',
    one,
    fc.tuple(withPk([]), ifMatch).map(([some, more]) => [...some, ...more]),
    nothing,
  ),
  call(
    'POST',
    fc.constantFrom('/dbs', `/dbs/${DATABASE}/colls`),
    fc.constant([]),
    fc.oneof(
      fc.record(
        {
          id: fc.oneof(fc.constantFrom('fuzz-a', 'fuzz/b'), scalar),
          partitionKey: fc.oneof(
            fc.record({
              paths: fc.oneof(fc.constantFrom<unknown>(['/pk'], ['pk'], [], ['/a', '/b']), scalar),
              kind: scalar,
            }),
            scalar,
          ),
          defaultTtl: scalar,
        },
        { requiredKeys: ['id'] },
      ),
      json,
    ),
  ),
  call(
    'GET',
    fc.constantFrom(
      '/',
      '/dbs',
      `/dbs/${DATABASE}`,
      `/dbs/${DATABASE}/colls`,
      `/dbs/${DATABASE}/colls/things/pkranges`,
      '/dbs/none',
      '/offers',
      '//',
      '/dbs/%zz',
      `/dbs/${DATABASE}/users`,
      `/dbs/${DATABASE}/colls/things/sprocs/x`,
      '/__proto__',
    ),
    fc.constant([]),
    nothing,
  ),
);
