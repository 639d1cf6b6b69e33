import { createInventoryConsumer } from '../../../src/inventory/handle-inventory';
import { eventGrid, inventoryEvent, rememberingLog } from '../../support/inventory-event-input';

import { AHEAD_MS, openInventoryConsumer as open, stock } from '../../support/inventory-consumer';

describe('the writer of the inventory view', () => {
  test('view-writer.E1: writes a thousand events of one product that come at once in two writes', async () => {
    const app = open();
    const told = Array.from({ length: 1_000 }, (_, n) =>
      eventGrid(
        inventoryEvent({ time: `2026-01-01T12:00:00.${String(n).padStart(3, '0')}Z`, data: stock(n) }),
      ),
    );
    await Promise.all(told.sort(() => 0.5 - Math.random()).map((event) => app.take(event)));
    expect((await app.product())?.stock?.onHand).toBe(999);
    expect(app.store.writes).toBe(2);
  });

  test('view-writer.E2: folds again over what another process wrote in between', async () => {
    const app = open();
    const other = createInventoryConsumer(
      {
        store: app.store,
        parking: { park: () => Promise.resolve() },
        clock: app.clock,
        telemetry: { record: () => undefined },
      },
      AHEAD_MS,
    );
    app.store.beforeWrite = async () => {
      app.store.beforeWrite = () => Promise.resolve();
      const price = { productId: 'p-1', currency: 'USD', unitPriceMinor: 9 };
      await other.take(
        eventGrid(inventoryEvent({ type: 'Inventory.PriceChanged', data: price })),
        rememberingLog().log,
      );
    };
    await app.tell({ data: stock(6) });
    expect(await app.product()).toMatchObject({ stock: { onHand: 6 }, price: { unitPriceMinor: 9 } });
  });

  describe('view-writer.E4: a low stock', () => {
    const lowStock = inventoryEvent({
      type: 'Inventory.StockLow',
      data: { productId: 'p-1', onHand: 2, threshold: 5 },
    });
    const told = eventGrid(lowStock);
    const alerts = ({ lines }: Pick<ReturnType<typeof open>, 'lines'>): number =>
      lines.filter(({ event }) => event === 'LowStockAlert').length;

    /** Another process over the same store. */
    function another({ store, clock }: ReturnType<typeof open>) {
      const { lines, log } = rememberingLog();
      const parking = { park: () => Promise.resolve() };
      const consumer = createInventoryConsumer(
        { store, parking, clock, telemetry: { record: () => undefined } },
        AHEAD_MS,
      );
      return { lines, take: (json: unknown) => consumer.take(json, log) };
    }

    test('that two processes are brought at once raises one alert, by the one whose write holds it', async () => {
      const app = open();
      const other = another(app);
      app.store.beforeWrite = async () => {
        app.store.beforeWrite = () => Promise.resolve();
        await other.take(told);
      };
      await app.take(told);
      expect([alerts(app), alerts(other)]).toEqual([0, 1]);
    });

    test('that was not stored raises no alert, and raises it when it is brought again', async () => {
      const app = open();
      app.store.beforeWrite = () => Promise.reject(new Error('killed'));
      await expect(app.take(told)).rejects.toThrow('killed');
      expect(alerts(app)).toBe(0);
      app.store.beforeWrite = () => Promise.resolve();
      await app.take(told);
      expect(alerts(app)).toBe(1);
      expect((await app.product())?.lowStock).not.toHaveProperty('alertDueSince');
    });

    test('whose process died before it raised the alert raises it when it is brought again, ten seconds later', async () => {
      const dying = open();
      const other = another(dying);
      // The write is carried out, and nothing comes after it.
      const died = new Promise<never>(() => undefined);
      const write = dying.store.write.bind(dying.store);
      dying.store.write = async (...args) => {
        await write(...args);
        return died;
      };
      void dying.take(told);
      await new Promise((resolve) => setImmediate(resolve));
      dying.store.write = write;
      await expect(other.take(told)).rejects.toMatchObject({ code: 'ALERT_DUE' });
      dying.clock.ms += 10_000;
      expect(await other.take(told)).toBe('handled');
      await other.take(told);
      expect([alerts(dying), alerts(other)]).toEqual([0, 1]);
      expect((await dying.product())?.lowStock).toMatchObject({ onHand: 2, eventId: lowStock.id });
      expect((await dying.product())?.lowStock).not.toHaveProperty('alertDueSince');
    });

    test('leaves other news of the product in the store, whoever writes between its alert and its note', async () => {
      const app = open();
      const other = another(app);
      let writes = 0;
      app.store.beforeWrite = async () => {
        writes += 1;
        if (writes === 2) await other.take(eventGrid(inventoryEvent({ data: stock(6) })));
      };
      await app.take(told);
      expect(await app.product()).toMatchObject({ stock: { onHand: 6 }, lowStock: { onHand: 2 } });
      expect((await app.product())?.lowStock).not.toHaveProperty('alertDueSince');
    });
  });
});
