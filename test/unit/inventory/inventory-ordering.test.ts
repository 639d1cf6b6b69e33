// What the inventory view changes for orders: their prices when they are placed, their stock when it is reserved.
import { refuseKnownShortages } from '../../../src/activities/known-shortage';
import { takeOrderMessage } from '../../../src/commands/order-message';
import { placeOrder, type PlaceOrder } from '../../../src/commands/place-order';
import type { ServiceCall } from '../../../src/ports/downstream';
import type { ProductView, InventoryView } from '../../../src/ports/inventory-view';
import { openCommandPorts } from '../../support/command-ports';
import { createFakeServices } from '../../support/fake-services';
import { createMemoryInventoryView, type MemoryInventoryView } from '../../support/memory-inventory-view';
import { SCOPE, orderRequest } from '../../support/orders';

const mark = { at: '2026-01-01T12:00:00.000000000Z', eventId: 'e' };

/** Puts what is known of a product into the inventory view. */
async function know(
  view: MemoryInventoryView,
  productId: string,
  { stock, price }: { stock?: { onHand: number; reserved: number }; price?: [number, string] },
): Promise<void> {
  const { etag } = await view.read(productId);
  const [unitPriceMinor = 0, currency = ''] = price ?? [];
  const product: ProductView = {
    ...{ productId, lowStock: null },
    stock: stock === undefined ? null : { ...mark, ...stock },
    price: price === undefined ? null : { ...mark, unitPriceMinor, currency },
  };
  await view.write(product, etag);
}

/** A view whose cache still holds `before` while the store has what `store` says. */
const lagging = (before: InventoryView, store: InventoryView): InventoryView => ({
  find: (ids, maxAgeMs) => (maxAgeMs === 0 ? store : before).find(ids),
});

describe('placing an order', () => {
  const command: PlaceOrder = {
    request: orderRequest,
    ...{ scope: SCOPE, idempotencyKey: 'key-1', correlationId: 'corr-1', traceparent: undefined },
  };
  function open() {
    const app = openCommandPorts();
    const view = createMemoryInventoryView();
    const place = (more: Partial<PlaceOrder> = {}, by: InventoryView = view) =>
      placeOrder({ ...app.ports, inventoryView: by }, { ...command, ...more });
    return { app, view, place };
  }

  test('at a price that has changed stores nothing and tells the current price of each such line', async () => {
    const { app, view, place } = open();
    await know(view, 'prod-001', { price: [4_999, 'USD'] });
    await know(view, 'prod-002', { price: [1_050, 'USD'] });
    expect(await place()).toEqual({
      kind: 'priceChanged',
      errors: [{ path: 'items[1].unitPrice', message: 'is 10.5 USD now', currentUnitPrice: 10.5 }],
    });
    expect([app.orders.requests.create, app.calls]).toEqual([0, []]);
  });

  test('is told the current price as its currency counts: without decimals in yen, with three in dinars', async () => {
    const { view, place } = open();
    for (const [currency, currentUnitPrice] of [
      ['JPY', 1_050],
      ['KWD', 1.05],
    ] as const) {
      await know(view, 'prod-001', { price: [1_050, currency] });
      expect(await place({ request: { ...orderRequest, currency } })).toMatchObject({
        errors: [{ message: `is ${currentUnitPrice} ${currency} now`, currentUnitPrice }],
      });
    }
  });

  test('at prices that the cache has too does not ask the store', async () => {
    const { view, place } = open();
    await know(view, 'prod-001', { price: [4_999, 'USD'] });
    const store = createMemoryInventoryView();
    store.away = true;
    expect((await place({}, lagging(view, store))).kind).toBe('created');
  });

  test('takes products that are unknown, without a price, or priced in another currency', async () => {
    const { view, place } = open();
    expect((await place({ idempotencyKey: 'unknown' })).kind).toBe('created');
    await know(view, 'prod-001', { stock: { onHand: 9, reserved: 0 } });
    await know(view, 'prod-002', { price: [1, 'EUR'] });
    expect((await place({ idempotencyKey: 'elsewhere' })).kind).toBe('created');
  });

  test('gives an order that was taken at the old price again, and leaves it at that price', async () => {
    const { app, view, place } = open();
    const first = await place();
    await know(view, 'prod-001', { price: [9_999, 'USD'] });
    const again = await place();
    expect(again.kind).toBe('existing');
    expect((await place({ idempotencyKey: 'another' })).kind).toBe('priceChanged');
    const orderId = 'order' in first ? first.order.orderId : '';
    expect((await app.orders.read(SCOPE, orderId))?.order.totalMinor).toBe(14_993);
  });

  test('at the newest price is not refused by a view that is behind', async () => {
    const { view, place } = open();
    const old = createMemoryInventoryView();
    await know(old, 'prod-001', { price: [1, 'USD'] });
    await know(view, 'prod-001', { price: [4_999, 'USD'] });
    expect((await place({}, lagging(old, view))).kind).toBe('created');
  });

  test('asks the inventory view before it stores, so that a store that is away takes nothing', async () => {
    const { app, view, place } = open();
    view.away = true;
    await expect(place()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(app.orders.requests.create).toBe(0);
  });

  test('by a message at a price that has changed dead-letters the message with the current price', async () => {
    const { app, view } = open();
    await know(view, 'p-1', { price: [1_050, 'USD'] });
    const value = {
      customerId: 'c',
      items: [{ productId: 'p-1', productName: 'P', quantity: 1, unitPrice: 9.99 }],
    };
    const message = {
      ...{ messageId: 'm-1', key: 'm-1', deliveryCount: 1, correlationId: undefined, traceparent: undefined },
      tenantId: undefined,
      body: { kind: 'value' as const, value },
    };
    expect(await takeOrderMessage({ ...app.ports, inventoryView: view }, SCOPE, message, 3)).toEqual({
      ...{ kind: 'deadLetter', reason: 'ValidationFailed' },
      description: 'items[0].unitPrice is 10.5 USD now',
    });
  });
});

describe('reserving stock', () => {
  const call: ServiceCall = {
    ...{
      key: 'o-1:ReserveInventory',
      orderId: 'o-1',
      customerId: 'c-1',
      correlationId: 'x',
      traceparent: 'y',
    },
    timeoutMs: 1_000,
  };
  function open() {
    const view = createMemoryInventoryView();
    const services = createFakeServices();
    const effects = () => services.ledger.map(({ effect }) => effect);
    const reserve = (by: InventoryView = view) =>
      refuseKnownShortages(services.inventory, by).reserve(call, orderRequest.lines);
    return { view, services, effects, reserve };
  }

  test('of a line that is known to be short is refused as OUT_OF_STOCK, and the service is not asked to reserve', async () => {
    const { view, effects, reserve } = open();
    await know(view, 'prod-002', { stock: { onHand: 4, reserved: 0 } });
    expect(await reserve()).toMatchObject({
      ...{ kind: 'refused', detailCode: 'OUT_OF_STOCK' },
      reason: expect.stringContaining(
        "5 of 'prod-002' were asked for, and it has told that 4 are on hand",
      ) as string,
    });
    expect(effects()).toEqual([]);
  });

  test('of pieces that others have reserved is decided by the service: they may have come free', async () => {
    const { view, reserve } = open();
    await know(view, 'prod-002', { stock: { onHand: 5, reserved: 5 } });
    expect((await reserve()).kind).toBe('done');
  });

  test('of what is enough or unknown is decided by the service', async () => {
    const { view, effects, reserve } = open();
    await know(view, 'prod-002', { stock: { onHand: 5, reserved: 0 } });
    expect((await reserve()).kind).toBe('done');
    expect(effects()).toEqual(['stockReserved']);
  });

  test('S2: again after a crash is done, also when its own reservation has left too little', async () => {
    const { view, effects, reserve } = open();
    const first = await reserve();
    await know(view, 'prod-001', { stock: { onHand: 1, reserved: 1 } });
    expect(await reserve()).toEqual(first);
    expect(effects()).toEqual(['stockReserved']);
  });

  test('is decided by the service when nobody can say whether it was done before', async () => {
    const { view, services, reserve } = open();
    await know(view, 'prod-001', { stock: { onHand: 0, reserved: 0 } });
    services.lookUps = false;
    expect((await reserve()).kind).toBe('done');
  });

  test('of what the cache has enough of does not ask the store', async () => {
    const { view, reserve } = open();
    await know(view, 'prod-002', { stock: { onHand: 5, reserved: 0 } });
    const store = createMemoryInventoryView();
    store.away = true;
    expect((await reserve(lagging(view, store))).kind).toBe('done');
  });

  test.each([
    ['that nobody can look up', false],
    ['whose key is closed', true],
  ])('S2: of a shortage %s takes no longer than one call may', async (_which, lookUps) => {
    const { view, services } = open();
    await know(view, 'prod-001', { stock: { onHand: 0, reserved: 0 } });
    services.lookUps = lookUps;
    const given: number[] = [];
    const { inventory: service } = services;
    const inventory: typeof service = {
      ...service,
      findReservation: (asked, key) => (given.push(asked.timeoutMs), service.findReservation(asked, key)),
      reserve: (asked, lines) => (given.push(asked.timeoutMs), service.reserve(asked, lines)),
      release: (asked, key) => (given.push(asked.timeoutMs), service.release(asked, key)),
    };
    await refuseKnownShortages(inventory, view).reserve(call, orderRequest.lines);
    expect(given).toEqual([call.timeoutMs / 2, call.timeoutMs / 2]);
  });

  describe('of a shortage that only the inventory view knows', () => {
    async function openShort() {
      const opened = open();
      await know(opened.view, 'prod-001', { stock: { onHand: 0, reserved: 0 } });
      const late = () => opened.services.inventory.reserve(call, orderRequest.lines);
      return { ...opened, late };
    }

    test('S26: closes the key before it is refused: a reservation that comes late is refused', async () => {
      const { effects, late, reserve } = await openShort();
      expect(await reserve()).toMatchObject({ kind: 'refused', detailCode: 'OUT_OF_STOCK' });
      expect(await late()).toMatchObject({ kind: 'refused', detailCode: 'KEY_CLOSED' });
      expect(effects()).toEqual([]);
    });

    test('S26: is refused with the same code when it is asked again', async () => {
      const { reserve } = await openShort();
      const first = await reserve();
      expect(await reserve()).toEqual(first);
    });

    test('S26: stays refused when there is stock again', async () => {
      const { view, reserve } = await openShort();
      await reserve();
      await know(view, 'prod-001', { stock: { onHand: 9, reserved: 0 } });
      expect(await reserve()).toMatchObject({ kind: 'refused', detailCode: 'KEY_CLOSED' });
    });

    test('S26: releases a reservation that was on its way', async () => {
      const { effects, late, reserve, services } = await openShort();
      services.around = async (moment, operation) => {
        if (moment === 'before' && operation === 'release') await late();
      };
      expect(await reserve()).toMatchObject({ kind: 'refused', detailCode: 'OUT_OF_STOCK' });
      expect(effects()).toEqual(['stockReserved', 'stockReleased']);
    });

    test('S26: is no refusal while the service is away: the key is open still', async () => {
      const { view, effects, reserve, services } = await openShort();
      services.faults.release = ['down'];
      expect(await reserve()).toMatchObject({ kind: 'transient', outage: 'service' });
      await know(view, 'prod-001', { stock: { onHand: 9, reserved: 0 } });
      expect((await reserve()).kind).toBe('done');
      expect(effects()).toEqual(['stockReserved']);
    });

    test.each(['loseAnswer', 'hang', 'error', 'refuse'] as const)(
      'S26: is unknown when closing the key ends in %s, and nothing is reserved that the closing could meet',
      async (fault) => {
        const { effects, reserve, services } = await openShort();
        services.faults.release = [fault];
        expect((await reserve()).kind).toBe('unknown');
        expect(effects()).toEqual([]);
      },
    );
  });

  test('is not refused by a view that is behind', async () => {
    const { view, reserve } = open();
    const old = createMemoryInventoryView();
    await know(old, 'prod-001', { stock: { onHand: 0, reserved: 0 } });
    await know(view, 'prod-001', { stock: { onHand: 9, reserved: 0 } });
    expect((await reserve(lagging(old, view))).kind).toBe('done');
  });
});
