import { cloudEvent, eventGrid, inventoryEvent } from '../../support/inventory-event-input';

import { seriesIn } from '../../support/prometheus';
import { at, NOW, openInventoryConsumer as open, stock } from '../../support/inventory-consumer';

describe('HandleInventoryEvent', () => {
  test('keeps stock and price, each with the time and id of its own event', async () => {
    const app = open();
    await app.tell({ id: 'a', time: at(1), data: stock(7) });
    await app.take(
      cloudEvent({
        ...{ id: 'b', type: 'Inventory.PriceChanged', time: at(0) },
        data: { productId: 'p-1', currency: 'USD', unitPriceMinor: 5_499 },
      }),
    );
    expect(await app.product()).toMatchObject({
      stock: { onHand: 7, reserved: 0, eventId: 'a' },
      price: { currency: 'USD', unitPriceMinor: 5_499, eventId: 'b' },
    });
  });

  test('ignores a duplicate id, also when the same news comes in the other schema', async () => {
    const app = open();
    const told = inventoryEvent({ data: stock(7) });
    await app.take(eventGrid(told));
    await app.take(cloudEvent(told));
    await app.take(eventGrid({ ...told, data: stock(3) }));
    expect((await app.product())?.stock?.onHand).toBe(7);
    expect(app.store.writes).toBe(1);
  });

  test('does not overwrite newer stock with an older event, and may overwrite an older price', async () => {
    const app = open();
    await app.tell({ time: at(5), data: stock(1) });
    await app.tell({ time: at(4), data: stock(9) });
    const price = { productId: 'p-1', currency: 'USD', unitPriceMinor: 1 };
    await app.tell({ type: 'Inventory.PriceChanged', time: at(3), data: price });
    expect(await app.product()).toMatchObject({ stock: { onHand: 1 }, price: { unitPriceMinor: 1 } });
  });

  test('keeps of each aspect the newest event, whatever came of the others', async () => {
    const app = open();
    const price = { type: 'Inventory.PriceChanged' };
    const priced = { productId: 'p-1', currency: 'USD' };
    const low = { type: 'Inventory.StockLow' };
    const threshold = { productId: 'p-1', threshold: 5 };
    for (const [id, second, n] of [
      ['new', 5, 1],
      ['old', 4, 9],
    ] as const) {
      const when = { time: at(second) };
      await app.tell({ ...price, ...when, id: `p-${id}`, data: { ...priced, unitPriceMinor: n } });
      await app.tell({ ...low, ...when, id: `l-${id}`, data: { ...threshold, onHand: n } });
    }
    expect(await app.product()).toMatchObject({
      price: { unitPriceMinor: 1, eventId: 'p-new' },
      lowStock: { onHand: 1, eventId: 'l-new' },
    });
    await app.tell({ ...low, time: at(6), id: 'l-newer', data: { ...threshold, onHand: 0 } });
    expect((await app.product())?.lowStock).toMatchObject({ onHand: 0, eventId: 'l-newer' });
  });

  test.each([
    ['Event Grid schema', eventGrid, 'eventTime'],
    ['CloudEvents', cloudEvent, 'time'],
  ])('parks an event dated a year ahead, so that what comes now still counts (%s)', async (_, wrap, path) => {
    const app = open();
    const ahead = wrap(inventoryEvent({ time: '2027-01-01T12:00:00Z', data: stock(0) }));
    expect(await app.take(ahead)).toBe('invalid');
    expect(app.parked).toEqual([
      {
        source: 'HandleInventoryEvent',
        document: ahead,
        reason: `${path} is 2027-01-01T12:00:00.000000000Z, more than 5 minutes ahead of our clock (${NOW}): events are ordered by it`,
      },
    ]);
    await app.tell({ data: stock(9) });
    expect((await app.product())?.stock?.onHand).toBe(9);
  });

  test('takes an event dated ahead by no more than the setting', async () => {
    const app = open();
    await app.tell({ time: '2026-01-01T13:05:00.000Z', data: stock(9) });
    expect(await app.tell({ time: '2026-01-01T13:05:00.0000001Z', data: stock(1) })).toBe('invalid');
    expect((await app.product())?.stock?.onHand).toBe(9);
  });

  test('lets what comes now count over what was kept while our clock was ahead', async () => {
    const app = open();
    const mark = { at: '2027-01-01T12:00:00.000000000Z', eventId: 'from the future' };
    const kept = { onHand: 0, ...mark };
    await app.store.write(
      {
        productId: 'p-1',
        stock: { ...kept, reserved: 0 },
        price: { currency: 'USD', unitPriceMinor: 1, ...mark },
        lowStock: { ...kept, threshold: 1 },
      },
      undefined,
    );
    await app.tell({ data: stock(9) });
    const price = { productId: 'p-1', currency: 'USD', unitPriceMinor: 2 };
    await app.tell({ type: 'Inventory.PriceChanged', data: price });
    await app.tell({ type: 'Inventory.StockLow', data: { productId: 'p-1', onHand: 3, threshold: 5 } });
    expect(await app.product()).toMatchObject({
      ...{ stock: { onHand: 9 }, price: { unitPriceMinor: 2 }, lowStock: { onHand: 3 } },
    });
  });

  test('ends in the same view whatever the order of arrival, also between equal times', async () => {
    const told = [1, 2, 2, 3, 3].map((second, n) =>
      eventGrid(inventoryEvent({ id: `e${n}`, time: at(second), data: stock(n) })),
    );
    const forwards = open();
    for (const event of told) await forwards.take(event);
    const backwards = open();
    for (const event of [...told].reverse()) await backwards.take(event);
    expect(await backwards.product()).toEqual(await forwards.product());
    expect((await forwards.product())?.stock?.eventId).toBe('e4');
  });

  test('raises one warning and one LowStockAlert for a low stock, however often it is told', async () => {
    const app = open();
    const told = eventGrid(
      inventoryEvent({ type: 'Inventory.StockLow', data: { productId: 'p-1', onHand: 2, threshold: 5 } }),
    );
    await Promise.all([app.take(told), app.take(told)]);
    await app.take(told);
    const fields = { productId: 'p-1', current: 2, threshold: 5 };
    expect(app.lines.filter(({ event }) => event !== 'inventory event is no news')).toEqual([
      { level: 'warn', event: 'stock is low', fields },
      { level: 'info', event: 'LowStockAlert', fields },
    ]);
  });

  test('records a LowStockAlert as an event of telemetry once, with product and level', async () => {
    const app = open();
    const told = (productId: string, onHand: number): unknown =>
      eventGrid(inventoryEvent({ type: 'Inventory.StockLow', data: { productId, onHand, threshold: 5 } }));
    const again = told('p-1', 2);
    for (const event of [again, again, told('p-2', 4)]) await app.take(event);
    expect(seriesIn(app.metrics.text('a'))).toEqual({
      'order_saga_telemetry_events_total{instance="a",event="LowStockAlert",product="p-1"}': 1,
      'order_saga_telemetry_events_total{instance="a",event="LowStockAlert",product="p-2"}': 1,
      'order_saga_low_stock_level{instance="a",product="p-1"}': 2,
      'order_saga_low_stock_level{instance="a",product="p-2"}': 4,
    });
  });

  test('accepts an unknown type, logs and counts it, and keeps nothing of it', async () => {
    const app = open();
    expect(await app.tell({ type: 'Inventory.Recalled' })).toBe('unknownType');
    expect(app.lines).toEqual([
      expect.objectContaining({
        event: 'event of unknown type',
        fields: { consumer: 'HandleInventoryEvent', type: 'Inventory.Recalled' },
      }),
    ]);
    expect(app.consumer.counts()).toMatchObject({ unknownType: 1, handled: 0 });
    expect([app.store.writes, app.parked.length]).toEqual([0, 0]);
  });

  test('parks a malformed event with what is wrong with it, and does not ask for it again', async () => {
    const app = open();
    const malformed = eventGrid(inventoryEvent({ data: { productId: 'p-1', onHand: 'many' } }));
    expect(await app.take(malformed)).toBe('invalid');
    expect(app.parked).toEqual([
      {
        source: 'HandleInventoryEvent',
        document: malformed,
        reason: 'data.onHand must be a number, not a string; data.reserved is required',
      },
    ]);
    expect(app.lines).toEqual([
      {
        ...{ level: 'error', event: 'event parked' },
        fields: { consumer: 'HandleInventoryEvent', reason: app.parked[0]?.reason },
      },
    ]);
  });

  test('asks for an event again while the store is away, and then keeps it', async () => {
    const app = open();
    const told = eventGrid(inventoryEvent({ data: stock(4) }));
    app.store.away = true;
    await expect(app.take(told)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    app.store.away = false;
    expect(await app.take(told)).toBe('handled');
    expect((await app.product())?.stock?.onHand).toBe(4);
  });
});
