// What an event of the inventory is, in the Event Grid schema and as a CloudEvent, and what is wrong with one that is none.
import { readInventoryEvent } from '../../../src/inventory/inventory-event';
import { cloudEvent, eventGrid, inventoryEvent } from '../../support/inventory-event-input';

const stock = (onHand: number): object => ({ productId: 'p-1', onHand, reserved: 0 });

describe('an event of the inventory', () => {
  test.each([inventoryEvent(), inventoryEvent({ time: '2026-01-01T13:00:00.1234567+01:00' })])(
    'is the same event in the Event Grid schema and as a CloudEvent',
    (told) => {
      expect(readInventoryEvent(cloudEvent(told))).toEqual(readInventoryEvent(eventGrid(told)));
      expect(readInventoryEvent(cloudEvent(told))).toMatchObject({
        event: { type: 'StockUpdated', eventId: told.id },
      });
    },
  );

  test('keeps the decimals of its time that a Date would drop, and loses the time zone', () => {
    const read = readInventoryEvent(eventGrid(inventoryEvent({ time: '2026-01-01T13:00:00.1234567+01:00' })));
    expect(read).toMatchObject({ event: { at: '2026-01-01T12:00:00.123456700Z' } });
  });

  test.each<[string, unknown, string]>([
    ['no object', 'text', ''],
    ['no type', {}, 'eventType'],
    ['no id', { ...eventGrid(inventoryEvent()), id: undefined }, 'id'],
    ['no time, by which it would be ordered', { ...cloudEvent(inventoryEvent()), time: undefined }, 'time'],
    ['a time that is none', eventGrid(inventoryEvent({ time: 'yesterday' })), 'eventTime'],
    ['a time after 9999', eventGrid(inventoryEvent({ time: '9999-12-31T23:59:59-14:00' })), 'eventTime'],
    [
      'a price in what has no smallest unit',
      eventGrid(
        inventoryEvent({
          type: 'Inventory.PriceChanged',
          data: { productId: 'p-1', currency: 'XAU', unitPriceMinor: 1 },
        }),
      ),
      'data.currency',
    ],
    ['no data', { ...eventGrid(inventoryEvent()), data: undefined }, 'data'],
    ['a negative stock', eventGrid(inventoryEvent({ data: { ...stock(-1) } })), 'data.onHand'],
    [
      'a product that no order can name',
      eventGrid(inventoryEvent({ data: { ...stock(1), productId: 'x'.repeat(129) } })),
      'data.productId',
    ],
  ])('with %s is invalid, and the path says where', (_, json, path) => {
    expect(readInventoryEvent(json)).toMatchObject({ kind: 'invalid', errors: [{ path }] });
  });
});

describe('a CloudEvent with its data in base64', () => {
  const encoded = (text: string): string => Buffer.from(text).toString('base64');
  const { data, ...without } = cloudEvent(inventoryEvent({ data: stock(7) })) as Readonly<
    Record<string, unknown>
  >;

  test('is the same event as with its data in JSON', () => {
    const read = readInventoryEvent({ ...without, data_base64: encoded(JSON.stringify(data)) });
    expect(read).toMatchObject({ kind: 'event', event: { data: stock(7) } });
    expect(read).toEqual(readInventoryEvent({ ...without, data }));
  });

  test.each<[string, object, string]>([
    ['no text', { data_base64: 7 }, 'must be a text in base64'],
    ['no base64', { data_base64: '{"onHand":7}' }, 'must be a text in base64'],
    ['no JSON', { data_base64: encoded('onHand=7') }, 'must be JSON in UTF-8 in base64'],
    ['no UTF-8', { data_base64: '/w==' }, 'must be JSON in UTF-8 in base64'],
    ['data beside', { data, data_base64: encoded(JSON.stringify(data)) }, 'must not stand beside data'],
  ])('that has %s is invalid, and the message says so', (_, more, message) => {
    const errors = [{ path: 'data_base64', message }];
    expect(readInventoryEvent({ ...without, ...more })).toEqual({ kind: 'invalid', errors });
  });

  test('that decodes to a wrong payload names the field in it', () => {
    const json = { ...without, data_base64: encoded(JSON.stringify(stock(-1))) };
    expect(readInventoryEvent(json)).toMatchObject({ kind: 'invalid', errors: [{ path: 'data.onHand' }] });
  });
});
