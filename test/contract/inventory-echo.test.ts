// One suite for every echo: the one in memory, and the one on Cosmos DB through the official SDK.
import { createCosmosInventoryEcho } from '../../src/adapters/cosmos-inventory-echo';
import type { EchoStore, EchoedProduct, InventoryEcho } from '../../src/ports/inventory-echo';
import { openAppDatabase } from '../support/app-database';
import { createMemoryInventoryEcho } from '../support/memory-inventory-echo';
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';

type Echo = InventoryEcho & EchoStore;

/** An echo of its own process, as it were: its cache is not shared. */
function echoOn(cosmos: Cosmos, nowMs = () => cosmos.clock.now()): Echo {
  const database = openAppDatabase(cosmos.url);
  return createCosmosInventoryEcho(database.container('inventory'), { nowMs });
}

const product = (productId: string, onHand: number): EchoedProduct => ({
  ...{ productId, price: null, lowStock: null },
  stock: { onHand, reserved: 0, at: '2026-01-01T12:00:00.000000000Z', eventId: `${productId}-${onHand}` },
});

let cosmos: Cosmos;
beforeAll(async () => {
  cosmos = await openCosmos();
});
afterAll(() => cosmos.close());

describe.each<[string, () => Echo]>([
  ['in memory', createMemoryInventoryEcho],
  ['on Cosmos DB', () => echoOn(cosmos)],
])('an echo %s', (name, open) => {
  const id = (text: string): string => `${name} ${text}`;

  test('gives back what was written, and leaves out what is unknown', async () => {
    const echo = open();
    const known = product(id('known'), 3);
    expect(await echo.write(known, undefined)).toBe('written');
    expect(await echo.find([id('known'), id('unknown')], 0)).toEqual(new Map([[known.productId, known]]));
    expect(await echo.read(id('unknown'))).toEqual({ product: undefined, etag: undefined });
  });

  test('takes product ids that no document id could hold', async () => {
    const echo = open();
    const odd = product(id('a/b\\c?d#e%2F ü'), 1);
    await echo.write(odd, undefined);
    expect((await echo.read(odd.productId)).product).toEqual(odd);
  });

  test('stock-keeper.E2: refuses a write over what was not seen', async () => {
    const echo = open();
    await echo.write(product(id('raced'), 1), undefined);
    const { etag } = await echo.read(id('raced'));
    expect(await echo.write(product(id('raced'), 2), undefined)).toBe('conflict');
    expect(await echo.write(product(id('raced'), 3), etag)).toBe('written');
    expect(await echo.write(product(id('raced'), 4), etag)).toBe('conflict');
    expect((await echo.find([id('raced')])).get(id('raced'))?.stock?.onHand).toBe(3);
  });
});

describe('the cache of an echo on Cosmos DB', () => {
  test('cosmos-inventory-echo.C2: a write of this process is found at once, also just after the product was found unknown', async () => {
    const echo = echoOn(cosmos);
    expect((await echo.find(['mine'])).size).toBe(0);
    await echo.write(product('mine', 1), undefined);
    expect((await echo.find(['mine'])).get('mine')?.stock?.onHand).toBe(1);
  });

  test('cosmos-inventory-echo.C1: a write of another process is found after a second, or at once when asked for', async () => {
    const [here, there] = [echoOn(cosmos), echoOn(cosmos)];
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

  test('cosmos-inventory-echo.C1: a clock that is put back keeps no old stock: the store is asked again', async () => {
    let nowMs = Date.UTC(2026, 0, 1, 12);
    const [here, there] = [echoOn(cosmos, () => nowMs), echoOn(cosmos)];
    await there.write(product('put back', 1), undefined);
    await here.find(['put back']);
    await there.write(product('put back', 2), (await there.lastSeen('put back')).etag);
    nowMs -= 3_600_000;
    expect((await here.find(['put back'])).get('put back')?.stock?.onHand).toBe(2);
  });

  test('cosmos-inventory-echo.C1: what is to be written over was seen five seconds ago at most', async () => {
    const [here, there] = [echoOn(cosmos), echoOn(cosmos)];
    await there.write(product('seen', 1), undefined);
    const onHand = async () => (await here.lastSeen('seen')).product?.stock?.onHand;
    expect(await onHand()).toBe(1);
    await there.write(product('seen', 2), (await there.lastSeen('seen')).etag);
    expect(await onHand()).toBe(1);
    cosmos.clock.advance(5_000);
    expect(await onHand()).toBe(2);
  });

  test('asks the store once for a thousand orders of one product within a second', async () => {
    const echo = echoOn(cosmos);
    await echoOn(cosmos).write(product('hot', 1), undefined);
    await echo.find(['warm']);
    await cosmos.ask('counters', 'DELETE');
    await Promise.all(Array.from({ length: 1_000 }, () => echo.find(['hot'])));
    expect((await cosmos.ask('counters')).json).toMatchObject({ read: { requests: 1 } });
  });

  test('a store that is away is an outage, and nothing of it is kept', async () => {
    const own = await openCosmos();
    const echo = echoOn(own);
    await echo.find(['seen']);
    await own.close();
    await expect(echo.find(['other'])).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      details: { outage: true },
    });
    await expect(echo.find(['other'])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});
