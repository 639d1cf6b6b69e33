// What the simulated carrier tells of parcels, and when.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from 'azure-local/kit/until';
import type { GridEvent, PublishEvents } from '../src/grid-event';
import { closeServices, openServices, type Services } from '../testing/simulated-services';

let folder: string;
let told: GridEvent[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'parcels-'));
  told = [];
});
afterEach(async () => {
  await closeServices();
  rmSync(folder, { recursive: true, force: true });
});

const remember: PublishEvents = (events) => Promise.resolve(void told.push(...events));
const open = (publishParcels: PublishEvents = remember): Promise<Services> =>
  openServices({ publishParcels, file: path.join(folder, 'services.db') });
const ship = (services: Services, orderId = 'o-1', more: object = {}): Promise<unknown> =>
  services.post('/shipping/shipments', `${orderId}:CreateShipment`, { orderId, itemCount: 1, ...more });
const types = (): string[] => told.map(({ eventType }) => eventType);
/** Lets time pass in small steps until so much is told, waiting on the wall for what the manual clock lets pass. */
const untilTold = (services: Services, count: number): Promise<true> =>
  until(`${count} are told`, () => {
    services.clock.advance(100);
    return Promise.resolve(told.length >= count && true);
  });
/** Whatever was due has gone out once a later parcel's news has. */
async function untilAnother(services: Services): Promise<void> {
  await services.put('/control/carrier', { dispatchAfterMs: 0, deliverAfterMs: null });
  await ship(services, 'o-last');
  await until('the last is told', () => {
    services.clock.advance(100);
    return Promise.resolve(told.some(({ data }) => (data as { orderId: string }).orderId === 'o-last'));
  });
}

test('nothing is told until times are set', async () => {
  const services = await open();
  expect((await services.get('/control/carrier')).body).toEqual({
    dispatchAfterMs: null,
    deliverAfterMs: null,
  });
  await ship(services);
  services.clock.advance(3_600_000);
  await untilAnother(services);
  expect(told).toHaveLength(1);
});

test('a parcel is told to be dispatched, then delivered, each at its time and with the reference it came with', async () => {
  const services = await open();
  expect((await services.put('/control/carrier', {})).body).toEqual({
    dispatchAfterMs: 2_000,
    deliverAfterMs: 5_000,
  });
  const takenMs = services.clock.now();
  await ship(services, 'o-1', { tenantId: 'acme' });
  await ship(services, 'o-1', { tenantId: 'acme' });
  await untilTold(services, 2);
  expect(types()).toEqual(['Shipping.ParcelDispatched', 'Shipping.ParcelDelivered']);
  expect(told.map(({ eventTime }) => Date.parse(eventTime) - takenMs)).toEqual([2_000, 5_000]);
  expect(told[0]?.data).toEqual({
    ...{ orderId: 'o-1', tenantId: 'acme' },
    trackingId: expect.stringMatching(/^trk_/) as string,
  });
});

test('a customer beginning with tracked- hears of its parcel soon, whatever the times are', async () => {
  const services = await open();
  await ship(services, 'o-1', { customerId: 'tracked-1' });
  await untilTold(services, 2);
  expect(types()).toEqual(['Shipping.ParcelDispatched', 'Shipping.ParcelDelivered']);
});

test('a parcel that is called back is not told of any more', async () => {
  const services = await open();
  await services.put('/control/carrier', {});
  await ship(services);
  await services.post('/shipping/shipments/o-1%3ACreateShipment/cancel', 'o-1:CancelShipment');
  services.clock.advance(10_000);
  await untilAnother(services);
  expect(told).toHaveLength(1);
});

test('what was not published when the process ended is told by the next, under the same id', async () => {
  let offered: readonly GridEvent[] = [];
  const services = await open((events) => {
    offered = events;
    return Promise.reject(new Error('the topic is away'));
  });
  await services.put('/control/carrier', { dispatchAfterMs: 0, deliverAfterMs: null });
  await ship(services);
  await until('it is offered', () => {
    services.clock.advance(100);
    return Promise.resolve(offered.length > 0);
  });
  await services.close();
  const next = await open();
  await untilTold(next, 1);
  expect(told.map(({ id }) => id)).toEqual(offered.map(({ id }) => id));
});

test.each([{ dispatchAfterMs: -1 }, { deliverAfterMs: 'soon' }, { other: 1 }])(
  'times that are none are refused: %j',
  async (body) => {
    const services = await open();
    expect(await services.put('/control/carrier', body)).toMatchObject({
      status: 400,
      body: { code: 'INVALID_BODY' },
    });
  },
);
