// What waits for an operator or makes no progress, and whether intake is paused, on Cosmos DB through the official SDK.
import { createCosmosAudit } from '../../src/adapters/cosmos-audit';
import { createCosmosIntake } from '../../src/adapters/cosmos-intake';
import { createCosmosOrderQueues } from '../../src/adapters/cosmos-order-queues';
import { createCosmosOrderStore } from '../../src/adapters/cosmos-order-store';
import type { Order } from '../../src/domain/order';
import { tenantOf } from '../../src/domain/scope';
import { sharedCipher } from '../support/field-cipher';
import { AT, SCOPE } from '../support/orders';
import { openAppDatabase } from '../support/app-database';
import { newOrder } from './order-store-fixture';
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';

let cosmos: Cosmos;
beforeAll(async () => {
  cosmos = await openCosmos();
});
afterAll(() => cosmos.close());

/** Stores orders and gives their ids. */
async function stored(...orders: readonly Partial<Order>[]): Promise<string[]> {
  const store = createCosmosOrderStore(openAppDatabase(cosmos.url).orders);
  const placed = orders.map((more) => newOrder(more));
  for (const { order, events } of placed) await store.create(tenantOf(order), order, events);
  return placed.map(({ order }) => order.orderId);
}

const queues = () => createCosmosOrderQueues(openAppDatabase(cosmos.url).orders);

test('orders with open returns are listed page by page, and only those of the tenant', async () => {
  const [first = '', second] = await stored(
    ...[{ openReturns: 1 }, { openReturns: 2 }, { openReturns: 0 }, {}],
    { openReturns: 1, tenantId: 'acme' },
  );
  const idsOf = async (afterId?: string, limit = 10): Promise<string[]> =>
    (await queues().withOpenReturns(SCOPE, { afterId, limit })).map(({ orderId }) => orderId);
  expect(await idsOf(undefined, 1)).toEqual([first]);
  expect(await idsOf(first)).toEqual([second]);
});

test('orders without progress are those that wait neither for their time, nor for a person, and have not ended', async () => {
  const before = '2026-02-01T00:00:00.000Z';
  const { saga } = newOrder().order;
  const [stuck] = await stored(
    {},
    { ended: true },
    { status: 'awaitingApproval' },
    { notBefore: '2026-03-01T00:00:00.000Z' },
    { saga: { ...saga, needsIntervention: true } },
    { updatedAt: before },
  );
  const afterId = newOrder().order.orderId;
  const found = await queues().withoutProgress(SCOPE, before, { limit: 100 });
  const own = found.filter(({ orderId, openReturns }) => orderId < afterId && openReturns === undefined);
  expect(own.map(({ orderId, updatedAt }) => [orderId, updatedAt])).toContainEqual([stuck, AT]);
  expect(own.every(({ ended, status }) => !ended && status !== 'awaitingApproval')).toBe(true);
  expect(
    own.every(({ notBefore, saga: { needsIntervention } }) => notBefore === null && !needsIntervention),
  ).toBe(true);
  expect(await queues().countWithoutProgress(before)).toBeGreaterThanOrEqual(found.length);
  expect(await queues().countWithoutProgress(AT)).toBe(0);
});

test('whether intake is paused is kept by one of two hosts that write at once, and is no act', async () => {
  const operations = openAppDatabase(cosmos.url).container('operations');
  const intake = createCosmosIntake(operations);
  const paused = { paused: true, by: 'operator:ann', at: AT, reason: 'because' };
  expect(await intake.read(SCOPE)).toMatchObject({ state: { paused: false, at: null }, etag: undefined });
  const race = (etag: string | undefined): Promise<boolean[]> =>
    Promise.all(['ann', 'bob'].map((by) => intake.write(SCOPE, { ...paused, by }, etag)));
  expect((await race(undefined)).sort()).toEqual([false, true]);
  expect((await race((await intake.read(SCOPE)).etag)).sort()).toEqual([false, true]);
  expect((await intake.read({ tenantId: 'acme' })).state.paused).toBe(false);
  expect(await createCosmosAudit(operations, sharedCipher).list(SCOPE, 10)).toEqual([]);
});
