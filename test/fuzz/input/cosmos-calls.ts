// Requests to the Cosmos DB look-alike: documents, batches, patches, queries, feeds, and what is around them, each with the
// headers it needs and mostly something wrong in it.
import fc from 'fast-check';
import type { HttpInput } from '../wire/http-input';

/** The database that may be filled with anything. */
export const FUZZ_DATABASE = 'fuzz';
const DATABASE = FUZZ_DATABASE;
const DOCS = `/dbs/${DATABASE}/colls/things/docs`;

const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e308,
    '',
    'a',
    'b',
    '\ud800',
    '\0',
    'x'.repeat(300),
    '__proto__',
  ),
  fc.integer(),
);
const json = fc.jsonValue({ maxDepth: 3 });
const id = fc.oneof(fc.nat(20).map(String), scalar);
const document = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(
      {
        id,
        pk: fc.oneof(fc.constant('a'), scalar),
        n: scalar,
        list: fc.array(scalar, { maxLength: 3 }),
        inner: json,
        ttl: scalar,
      },
      { requiredKeys: ['id', 'pk'] },
    ),
  },
  { weight: 1, arbitrary: json },
);
const path = fc.constantFrom(
  '/n',
  '/list/0',
  '/list/-',
  '/list/99',
  '/inner/x',
  '/',
  '',
  'n',
  '/pk',
  '/id',
  '/a~1b',
  '/~',
  '/__proto__/x',
  '/constructor/prototype/x',
  '/_etag',
  '/ttl',
  '/list/-1',
  '/list/1e3',
);
const patchOp = fc.record(
  {
    op: fc.oneof(
      fc.constantFrom('add', 'set', 'replace', 'remove', 'incr', 'move', 'test', 'toString'),
      scalar,
    ),
    path: fc.oneof(path, scalar),
    from: fc.oneof(path, scalar),
    value: fc.oneof(scalar, json),
  },
  { requiredKeys: ['op', 'path'] },
);
const conditions = fc.constantFrom<unknown>(
  'from c where c.n = 1',
  'FROM c WHERE',
  '',
  1,
  null,
  "from c where c['",
  'from c where true',
);
const patch = fc.oneof(
  fc.array(patchOp, { maxLength: 12 }),
  fc.record({ operations: fc.array(patchOp, { maxLength: 3 }), condition: conditions }),
  json,
);
const batchOp = fc.record(
  {
    operationType: fc.oneof(
      fc.constantFrom('Create', 'Upsert', 'Read', 'Replace', 'Delete', 'Patch', 'constructor'),
      scalar,
    ),
    id,
    ifMatch: scalar,
    partitionKey: fc.oneof(fc.constantFrom<unknown>('["a"]', '[', '["a","b"]', ['a']), scalar),
    resourceBody: fc.oneof(document, patch),
  },
  { requiredKeys: ['operationType'] },
);
const batch = fc.oneof(fc.array(batchOp, { maxLength: 5 }), json);

const QUERIES = [
  'SELECT * FROM c',
  "SELECT * FROM c WHERE c.pk = 'a' ORDER BY c.n DESC",
  'SELECT VALUE COUNT(1) FROM c',
  'SELECT DISTINCT VALUE c.n FROM c OFFSET @p LIMIT @q',
  'SELECT TOP @p c.id, c["n"] FROM c',
  'SELECT c.id, t FROM c JOIN t IN c.list WHERE IS_DEFINED(c.inner) AND NOT CONTAINS(c.id, "x", true)',
  'SELECT * FROM c WHERE c.n BETWEEN 1 AND @p OR c.id IN ("1","2") AND c.n LIKE "%_["',
  'SELECT SUM(c.n), AVG(c.n), MIN(c.id), MAX(c.id) FROM c GROUP BY c.pk',
  'SELECT * FROM c WHERE udf.f(c)',
  `SELECT * FROM c WHERE ${'('.repeat(5_000)}1${')'.repeat(5_000)}`,
  `SELECT * FROM c WHERE ${Array.from({ length: 3_000 }, () => 'c.n = 1').join(' OR ')}`,
  `SELECT * FROM c WHERE ${'NOT '.repeat(5_000)}true`,
  'SELECT * FROM c ORDER BY c.n, c.id DESC OFFSET 0 LIMIT 1',
  "SELECT * FROM c WHERE STARTSWITH(c.id, @p) AND ARRAY_CONTAINS(c.list, @q) AND REGEXMATCH(c.id, '(a+)+$')",
  '',
];
const queryBody = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      query: fc.constantFrom<unknown>(...QUERIES, 1, null),
      parameters: fc.oneof(
        fc.record({ p: scalar, q: scalar }).map(({ p, q }) => [
          { name: '@p', value: p },
          { name: '@q', value: q },
        ]),
        fc.constantFrom<unknown>(undefined, null, [1], {}),
      ),
    }),
  },
  { weight: 1, arbitrary: json },
);

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
