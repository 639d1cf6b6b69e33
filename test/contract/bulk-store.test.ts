// Stores of bulk operations, in memory and on the Cosmos DB look-alike through the official SDK: one suite for both.
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';
import { createCosmosAudit } from '../../src/adapters/cosmos-audit';
import { createCosmosBulkStore } from '../../src/adapters/cosmos-bulk-store';
import { openBulk, type BulkOperation } from '../../src/domain/bulk';
import { sharedCipher } from '../support/field-cipher';
import { openAppDatabase } from '../support/app-database';
import { createMemoryBulkStore } from '../support/memory-bulk-store';
import { AT, SCOPE } from '../support/orders';

let cosmos: Cosmos;
beforeAll(async () => {
  cosmos = await openCosmos();
});
afterAll(() => cosmos.close());

const operationOf = (id: string, startedAt = AT): BulkOperation =>
  openBulk({
    ...{ id, tenantId: SCOPE.tenantId, act: 'cancel', filter: { status: 'pending' }, reason: 'a recall' },
    ...{ operator: 'operator:ann', cutOff: AT, matched: 2, isAtLeast: false, startedAt },
  });

const container = () => openAppDatabase(cosmos.url).container('operations');

describe.each([
  ['in memory', createMemoryBulkStore],
  ['in Cosmos DB', () => createCosmosBulkStore(container())],
])('bulk operations %s', (where, open) => {
  const id = (name: string): string => `${name}-${where.length}`;

  test('an operation is made once, and is what was made', async () => {
    const store = open();
    const operation = operationOf(id('once'));
    await store.create(SCOPE, operation);
    const again = await store.create(SCOPE, { ...operation, reason: 'another' });
    expect(again.operation).toEqual(operation);
    expect((await store.read(SCOPE, operation.id))?.operation).toEqual(operation);
    expect(await store.read(SCOPE, id('never'))).toBeUndefined();
  });

  test('of two writes over one state one is done, with its problems', async () => {
    const store = open();
    const operation = operationOf(id('two'));
    const { etag } = await store.create(SCOPE, operation);
    const next = { ...operation, pages: 1, refused: 1 };
    const problem = { orderId: 'o-1', kind: 'refused', why: 'the order is shipped' } as const;
    expect(await store.write(SCOPE, next, etag, [problem])).toBe(true);
    expect(await store.write(SCOPE, { ...next, refused: 2 }, etag, [problem])).toBe(false);
    expect((await store.read(SCOPE, operation.id))?.operation).toEqual(next);
    expect(await store.problems(SCOPE, operation.id, 10)).toEqual([problem]);
  });

  test('S19: another tenant finds nothing of it', async () => {
    const store = open();
    const operation = operationOf(id('own'));
    await store.create(SCOPE, operation);
    const other = { tenantId: 'other' };
    expect(await store.read(other, operation.id)).toBeUndefined();
    expect(await store.problems(other, operation.id, 10)).toEqual([]);
    expect(await store.list(other, 10)).toEqual([]);
  });

  test('lists the newest first, as many as are asked for', async () => {
    const store = open();
    for (const day of ['02', '04', '03'])
      await store.create(SCOPE, operationOf(id(day), `2027-01-${day}T00:00:00.000Z`));
    expect((await store.list(SCOPE, 2)).map((one) => one.id)).toEqual([id('04'), id('03')]);
  });
});

test('a bulk operation is no act of the audit it lies beside', async () => {
  await createCosmosBulkStore(container()).create(SCOPE, operationOf('beside'));
  expect(await createCosmosAudit(container(), sharedCipher).list(SCOPE, 10)).toEqual([]);
});
