// What the Cosmos DB SDK offers and the look-alike does not simulate: refused by name, instead of a plausible answer.
// Queries that are not supported are in cosmos-query.test.ts.
import { PartitionKeyKind, PermissionMode, TriggerOperation, TriggerType } from '@azure/cosmos';
import type { Container, ContainerRequest, OperationInput, RequestOptions } from '@azure/cosmos';
import { openCosmos, type Cosmos } from '../../testing/cosmos-fixture';

let cosmos: Cosmos;
let things: Container;

beforeAll(async () => {
  cosmos = await openCosmos();
  things = await cosmos.container('/kind');
});
afterAll(() => cosmos.close());

const refusal = (named: string): object => ({
  code: 501,
  message: expect.stringContaining(`does not simulate ${named}`) as string,
});

const TRIGGER = { triggerOperation: TriggerOperation.All, triggerType: TriggerType.Pre };
const permission = { id: 'p', permissionMode: PermissionMode.Read };

test.each<[what: string, call: () => Promise<unknown>, named: string]>([
  [
    'a stored procedure',
    () => things.scripts.storedProcedures.create({ id: 's', body: '' }),
    "POST on 'dbs/colls/sprocs'",
  ],
  [
    'the run of a stored procedure',
    () => things.scripts.storedProcedure('s').execute('k'),
    "POST on 'dbs/colls/sprocs'",
  ],
  [
    'a trigger',
    () => things.scripts.triggers.create({ ...TRIGGER, id: 't', body: '' }),
    "POST on 'dbs/colls/triggers'",
  ],
  [
    'a user-defined function',
    () => things.scripts.userDefinedFunctions.create({ id: 'f', body: '' }),
    "POST on 'dbs/colls/udfs'",
  ],
  ['conflicts', () => things.conflicts.readAll().fetchAll(), "GET on 'dbs/colls/conflicts'"],
  ['a user', () => things.database.users.create({ id: 'u' }), "POST on 'dbs/users'"],
  [
    'a permission',
    () => things.database.user('u').permissions.create({ ...permission, resource: things.url }),
    "POST on 'dbs/users/permissions'",
  ],
  ['throughput', () => things.readOffer(), "POST on 'offers'"],
  ['all throughputs', () => cosmos.client.offers.readAll().fetchAll(), "GET on 'offers'"],
  [
    'the deletion of a partition',
    () => things.deleteAllItemsForPartitionKey('k'),
    "POST on 'dbs/colls/operations'",
  ],
  [
    'the change of a container',
    () => things.replace({ id: things.id, partitionKey: { paths: ['/kind'] } }),
    'PUT on containers',
  ],
  [
    'a query over databases',
    () => cosmos.client.databases.query('SELECT * FROM c').fetchAll(),
    'queries over databases',
  ],
  [
    'a query over containers',
    () => things.database.containers.query({ query: 'SELECT * FROM c' }).fetchAll(),
    'queries over containers',
  ],
])('%s is a 501 that names it', async (_, call, named) => {
  await expect(call()).rejects.toMatchObject(refusal(named));
});

test.each<[option: string, options: RequestOptions, named: string]>([
  ['preTriggerInclude', { preTriggerInclude: ['t'] }, 'triggers'],
  ['postTriggerInclude', { postTriggerInclude: ['t'] }, 'triggers'],
  ['indexingDirective', { indexingDirective: 'Exclude' }, 'indexing directives'],
])('the option %s of a write is a 501, and nothing is written', async (option, options, named) => {
  const writing = things.items.create({ id: option, kind: 'k' }, options);
  await expect(writing).rejects.toMatchObject(refusal(named));
  expect((await things.item(option, 'k').read()).statusCode).toBe(404);
});

const property = (name: string): string => `the container property '${name}'`;

test.each([
  ['vectorEmbeddingPolicy', { vectorEmbeddings: [] }, property('vectorEmbeddingPolicy')],
  ['fullTextPolicy', { defaultLanguage: 'en-US' }, property('fullTextPolicy')],
  ['analyticalStorageTtl', 60, property('analyticalStorageTtl')],
  ['clientEncryptionPolicy', { includedPaths: [] }, property('clientEncryptionPolicy')],
  ['changeFeedPolicy', { retentionDuration: 5 }, property('changeFeedPolicy')],
  ['computedProperties', [{ name: 'n', query: 'SELECT VALUE 1 FROM c' }], property('computedProperties')],
  ['uniqueKeyPolicy', { uniqueKeys: [{ paths: ['/a'] }] }, 'unique key policies'],
])('a container with %s is a 501, and is not made', async (name, value, named) => {
  const definition = { id: name, partitionKey: '/id', [name]: value } as ContainerRequest;
  await expect(things.database.containers.create(definition)).rejects.toMatchObject(refusal(named));
  await expect(things.database.container(name).read()).rejects.toMatchObject({ code: 404 });
});

test('a part of a hierarchical partition key is a 501; the whole key is not', async () => {
  const nested = await cosmos.container('/unused', {
    partitionKey: { paths: ['/tenant', '/user'], kind: PartitionKeyKind.MultiHash },
  });
  await nested.items.create({ id: '1', tenant: 't', user: 'u' });
  const all = (partitionKey: string[]): Promise<{ resources: unknown[] }> =>
    nested.items.query('SELECT * FROM c', { partitionKey }).fetchAll();
  await expect(all(['t'])).rejects.toMatchObject(refusal('a part of a hierarchical partition key'));
  expect((await all(['t', 'u'])).resources).toHaveLength(1);
});

const bulkOf = (id: string): OperationInput[] => [
  { operationType: 'Create', partitionKey: 'k', resourceBody: { id, kind: 'k' } },
];

test.each([
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- it is there, so it is refused
  ['bulk', () => things.items.bulk(bulkOf('bulk'))],
  ['executeBulkOperations', () => things.items.executeBulkOperations(bulkOf('executeBulkOperations'))],
])('%s is refused for each operation', async (method, call) => {
  const said = await call().then(
    (answers) => JSON.stringify(answers),
    (error: unknown) => String(error),
  );
  expect(said).toContain('does not simulate bulk requests (batches that are not atomic)');
  expect((await things.item(method, 'k').read()).statusCode).toBe(404);
});
