// Generators of bodies for the Cosmos DB look-alike: documents, patches, batches, queries, most with something wrong
// in them.
import type { IndexingPolicy } from '@azure/cosmos';
import fc from 'fast-check';

export const scalar = fc.oneof(
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
export const json = fc.jsonValue({ maxDepth: 3 });
const id = fc.oneof(fc.nat(20).map(String), scalar);
export const document = fc.oneof(
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
export const patch = fc.oneof(
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
export const batch = fc.oneof(fc.array(batchOp, { maxLength: 5 }), json);

/** The composite index that one of the queries needs to be served at all. */
export const ORDERED_PATHS: NonNullable<IndexingPolicy['compositeIndexes']>[number] = [
  { path: '/n', order: 'ascending' },
  { path: '/id', order: 'descending' },
];

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
  'SELECT * FROM c ORDER BY c.n, c.id',
  "SELECT * FROM c WHERE STARTSWITH(c.id, @p) AND ARRAY_CONTAINS(c.list, @q) AND REGEXMATCH(c.id, '(a+)+$')",
  '',
];
export const queryBody = fc.oneof(
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
