// Carriers tell of parcels, and what has none is confirmed without one. While the whole system runs.
import {
  createSystemClient,
  isEnded,
  poll,
  type OrderAnswer,
  type SystemClient,
} from '../../local/demo/system-client';
import { LOCAL_KEY } from 'azure-local/eventgrid/topics';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { cloudEvent, eventGrid, inventoryEvent } from '../support/inventory-event-input';

let system: RunningSystem;
let client: SystemClient;

beforeAll(async () => {
  system = await startSystem();
  client = createSystemClient(system.urls);
});
afterAll(() => system.stop());

const lamp = { productId: 'prod-001', productName: 'Lamp', quantity: 1, unitPrice: 10 };
const completed = async (
  customerId: string,
  kind?: 'digital',
): Promise<OrderAnswer & { trackingId: string }> => {
  const items = [kind === undefined ? lamp : { ...lamp, kind }];
  const { id } = await client.place({ customerId, items });
  return (await poll(() => client.order(id), isEnded)) as OrderAnswer & { trackingId: string };
};
const typesOf = async (id: string): Promise<readonly string[]> =>
  (await client.events(id)).map(({ type }) => type);

/** The carrier's news of an order's parcel, published to a topic as carriers do. */
const tell = async (
  schema: 'Event Grid schema' | 'CloudEvents',
  type: string,
  order: { readonly id: string; readonly trackingId: string },
): Promise<void> => {
  const event = inventoryEvent({
    id: `${type}-${order.id}`,
    type: `Shipping.${type}`,
    time: new Date().toISOString(),
    data: { orderId: order.id, trackingId: order.trackingId },
  });
  const isCloud = schema === 'CloudEvents';
  const topic = isCloud ? 'shipping-cloud-events' : 'shipping-events';
  const response = await fetch(`${system.urls.eventgrid}/${topic}/api/events?api-version=2018-01-01`, {
    method: 'POST',
    headers: {
      'content-type': isCloud ? 'application/cloudevents-batch+json' : 'application/json',
      'aeg-sas-key': LOCAL_KEY,
    },
    // A topic sets these two itself, and refuses a publisher's.
    body: JSON.stringify([
      isCloud ? cloudEvent(event) : { ...eventGrid(event), topic: undefined, metadataVersion: undefined },
    ]),
  });
  expect({ status: response.status, text: await response.text() }).toMatchObject({ status: 200 });
};

test('S7: an order with nothing to ship is completed without a shipment, and refuses a cancel then', async () => {
  const order = await completed('digital-1', 'digital');
  expect(order).toMatchObject({ status: 'completed', trackingId: null });
  expect((await client.ledger(order.id)).map(({ effect }) => effect)).not.toContain('shipmentCreated');
  expect(await typesOf(order.id)).not.toContain('ShipmentCreated');
  expect(await client.cancel(order.id)).toBe(409);
});

test.each(['Event Grid schema', 'CloudEvents'] as const)(
  'news of a parcel in the %s makes its order delivered, however often and in whatever order it comes',
  async (schema) => {
    const order = await completed(`parcel-${schema.length}`);
    await tell(schema, 'ParcelDelivered', order);
    const delivered = await poll(
      () => client.order(order.id),
      ({ status }) => status === 'delivered',
    );
    expect(delivered).toMatchObject({ dispatchedAt: null, deliveredAt: expect.any(String) as string });
    for (const type of ['ParcelDispatched', 'ParcelDelivered']) await tell(schema, type, order);
    // The next order's news comes after them on the same way.
    const next = await completed(`next-${schema.length}`);
    await tell(schema, 'ParcelDelivered', next);
    await poll(
      () => client.order(next.id),
      ({ status }) => status === 'delivered',
    );
    expect((await typesOf(order.id)).slice(-2)).toEqual(['OrderCompleted', 'OrderDelivered']);
  },
);

test('the simulated carrier tells of a parcel by itself, some time after it took it', async () => {
  const { id } = await completed('tracked-1');
  const order = await poll(
    () => client.order(id),
    ({ status }) => status === 'delivered',
  );
  expect(order.dispatchedAt).not.toBeNull();
  expect((await typesOf(id)).slice(-2)).toEqual(['ShipmentDispatched', 'OrderDelivered']);
});
