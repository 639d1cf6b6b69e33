import { closeServices, openServices, type Answer, type Services } from '../testing/simulated-services';

const KEY = 'o-1:CreateShipment';
const SHIPMENT = `/shipping/shipments/${encodeURIComponent(KEY)}`;

let services: Services;
beforeEach(async () => {
  services = await openServices();
});
afterEach(closeServices);

const ship = (customerId = 'c-1'): Promise<Answer> =>
  services.post('/shipping/shipments', KEY, { customerId, address: { city: 'Bonn' }, itemCount: 7 });
const cancel = (): Promise<Answer> => services.post(`${SHIPMENT}/cancel`, 'o-1:CancelShipment');

test('a shipment is created once per key, and a repeat has the same tracking id', async () => {
  const first = await ship();

  expect(first).toMatchObject({
    status: 201,
    body: { trackingId: expect.stringMatching(/^trk_/) as string },
  });
  expect(await ship()).toMatchObject({ status: 200, body: first.body as object });
  expect(await services.effects()).toEqual(['shipmentCreated']);
});

test.each(['noship-1', 'norefund-1'])(
  'S26: the carrier refuses the customer %s, for good under this key',
  async (customerId) => {
    expect(await ship(customerId)).toMatchObject({ status: 422, body: { code: 'CARRIER_REFUSED' } });
    expect(await ship()).toMatchObject({ status: 422, body: { code: 'CARRIER_REFUSED' } });
    expect((await services.get(SHIPMENT)).body).toMatchObject({ status: 'refused', code: 'CARRIER_REFUSED' });
    expect(await cancel()).toMatchObject({ status: 200, body: { found: 'closed' } });
    expect(await services.effects()).toEqual([]);
  },
);

test('a cancelled shipment is cancelled once and its key is closed', async () => {
  await ship();

  expect(await cancel()).toMatchObject({ status: 200, body: { found: 'undone' } });
  expect(await cancel()).toMatchObject({ status: 200, body: { found: 'undone' } });
  expect(await ship()).toMatchObject({ status: 409, body: { code: 'KEY_CLOSED' } });
  expect(await services.effects()).toEqual(['shipmentCreated', 'shipmentCancelled']);
});

test('cancelling what was never shipped succeeds and keeps a late shipment out', async () => {
  expect(await cancel()).toMatchObject({ status: 200, body: { found: 'closed' } });

  expect(await ship()).toMatchObject({ status: 409, body: { code: 'KEY_CLOSED' } });
  expect(await services.get(SHIPMENT)).toMatchObject({ status: 200, body: { status: 'closed' } });
  expect(await services.effects()).toEqual([]);
});

test('a look-up by key gives tracking id and status', async () => {
  expect((await services.get(SHIPMENT)).status).toBe(404);
  const { body } = await ship();
  expect((await services.get(SHIPMENT)).body).toEqual({ ...(body as object), status: 'created' });
  await cancel();
  expect((await services.get(SHIPMENT)).body).toMatchObject({ status: 'cancelled' });
});
