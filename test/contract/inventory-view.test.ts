// One suite for every inventory view: the one in memory, and the one on Cosmos DB through the official SDK.
import { createCosmosInventoryView } from '../../src/adapters/cosmos-inventory-view';
import type { InventoryViewStore, ProductView, InventoryView } from '../../src/ports/inventory-view';
import { openAppDatabase } from '../support/app-database';
import { createMemoryInventoryView } from '../support/memory-inventory-view';
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';

type View = InventoryView & InventoryViewStore;

/** A view with a process of its own, as it were: its cache is not shared. */
function viewOn(cosmos: Cosmos, nowMs = () => cosmos.clock.now()): View {
  const database = openAppDatabase(cosmos.url);
  return createCosmosInventoryView(database.container('inventory'), { nowMs });
}

const product = (productId: string, onHand: number): ProductView => ({
  ...{ productId, price: null, lowStock: null },
  stock: { onHand, reserved: 0, at: '2026-01-01T12:00:00.000000000Z', eventId: `${productId}-${onHand}` },
});

let cosmos: Cosmos;
beforeAll(async () => {
  cosmos = await openCosmos();
});
afterAll(() => cosmos.close());

describe.each<[string, () => View]>([
  ['in memory', createMemoryInventoryView],
  ['on Cosmos DB', () => viewOn(cosmos)],
])('an inventory view %s', (name, open) => {
  const id = (text: string): string => `${name} ${text}`;

  test('gives back what was written, and leaves out what is unknown', async () => {
    const view = open();
    const known = product(id('known'), 3);
    expect(await view.write(known, undefined)).toBe('written');
    expect(await view.find([id('known'), id('unknown')], 0)).toEqual(new Map([[known.productId, known]]));
    expect(await view.read(id('unknown'))).toEqual({ product: undefined, etag: undefined });
  });

  test('takes product ids that no document id could hold', async () => {
    const view = open();
    const odd = product(id('a/b\\c?d#e%2F ü'), 1);
    await view.write(odd, undefined);
    expect((await view.read(odd.productId)).product).toEqual(odd);
  });

  test('view-writer.E2: refuses a write over what was not seen', async () => {
    const view = open();
    await view.write(product(id('raced'), 1), undefined);
    const { etag } = await view.read(id('raced'));
    expect(await view.write(product(id('raced'), 2), undefined)).toBe('conflict');
    expect(await view.write(product(id('raced'), 3), etag)).toBe('written');
    expect(await view.write(product(id('raced'), 4), etag)).toBe('conflict');
    expect((await view.find([id('raced')])).get(id('raced'))?.stock?.onHand).toBe(3);
  });
});

describe('the cache of an inventory view on Cosmos DB', () => {
  test('cosmos-inventory-view.C2: a write of this process is found at once, also just after the product was found unknown', async () => {
    const view = viewOn(cosmos);
    expect((await view.find(['mine'])).size).toBe(0);
    await view.write(product('mine', 1), undefined);
    expect((await view.find(['mine'])).get('mine')?.stock?.onHand).toBe(1);
  });

  test('cosmos-inventory-view.C1: a write of another process is found after a second, or at once when asked for', async () => {
    const [here, there] = [viewOn(cosmos), viewOn(cosmos)];
    await there.write(product('theirs', 1), undefined);
    const onHand = async (maxAgeMs?: number) =>
      (await here.find(['theirs'], maxAgeMs)).get('theirs')?.stock?.onHand;
    expect(await onHand()).toBe(1);
    await there.write(product('theirs', 2), (await there.lastSeen('theirs')).etag);
    expect(await onHand()).toBe(1);
    expect(await onHand(0)).toBe(2);
    await there.write(product('theirs', 3), (await there.lastSeen('theirs')).etag);
    cosmos.clock.advance(1_000);
    expect(await onHand()).toBe(3);
  });

  test('cosmos-inventory-view.C1: a clock that is put back keeps no old stock: the store is asked again', async () => {
    let nowMs = Date.UTC(2026, 0, 1, 12);
    const [here, there] = [viewOn(cosmos, () => nowMs), viewOn(cosmos)];
    await there.write(product('put back', 1), undefined);
    await here.find(['put back']);
    await there.write(product('put back', 2), (await there.lastSeen('put back')).etag);
    nowMs -= 3_600_000;
    expect((await here.find(['put back'])).get('put back')?.stock?.onHand).toBe(2);
  });

  test('cosmos-inventory-view.C1: what is to be written over was seen five seconds ago at most', async () => {
    const [here, there] = [viewOn(cosmos), viewOn(cosmos)];
    await there.write(product('seen', 1), undefined);
    const onHand = async () => (await here.lastSeen('seen')).product?.stock?.onHand;
    expect(await onHand()).toBe(1);
    await there.write(product('seen', 2), (await there.lastSeen('seen')).etag);
    expect(await onHand()).toBe(1);
    cosmos.clock.advance(5_000);
    expect(await onHand()).toBe(2);
  });

  test('asks the store once for a thousand orders of one product within a second', async () => {
    const view = viewOn(cosmos);
    await viewOn(cosmos).write(product('hot', 1), undefined);
    await view.find(['warm']);
    await cosmos.ask('counters', 'DELETE');
    await Promise.all(Array.from({ length: 1_000 }, () => view.find(['hot'])));
    expect((await cosmos.ask('counters')).json).toMatchObject({ read: { requests: 1 } });
  });

  test('a store that is away is an outage, and nothing of it is kept', async () => {
    const own = await openCosmos();
    const view = viewOn(own);
    await view.find(['seen']);
    await own.close();
    await expect(view.find(['other'])).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      details: { outage: true },
    });
    await expect(view.find(['other'])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});
