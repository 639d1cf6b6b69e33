// Personal data through the whole saga: the services that need it are told it, and nothing on the way holds it (S20).
import type { Charge, Parcel, ServiceCall } from '../../src/ports/downstream';
import { openSaga, registerSaga, type SagaHarness } from '../support/saga-harness';
import { SCOPE } from '../support/orders';

const ADDRESS = {
  ...{ name: 'Planted-Name', line1: 'Planted-Street', city: 'Planted-City' },
  ...{ postalCode: 'Planted-Code', country: 'DE' },
};
const TOKEN = 'tok_planted';
const request = {
  shippingAddress: ADDRESS,
  contact: { email: 'planted@example.com' },
  payments: [{ method: 'card', amountMinor: null, token: TOKEN }],
};

beforeAll(registerSaga);

let saga: SagaHarness;
afterEach(() => saga.close());

/** What the carrier and the payment service were told. */
async function open(): Promise<{ readonly parcels: unknown[]; readonly tokens: unknown[] }> {
  saga = await openSaga();
  const told: { parcels: unknown[]; tokens: unknown[] } = { parcels: [], tokens: [] };
  const { shipping, payment } = saga.services;
  const [ship, charge] = [shipping.ship.bind(shipping), payment.charge.bind(payment)];
  Object.assign(shipping, {
    ship: (call: ServiceCall, parcel: Parcel) => {
      told.parcels.push(parcel.address);
      return ship(call, parcel);
    },
  });
  Object.assign(payment, {
    charge: (call: ServiceCall, asked: Charge) => {
      told.tokens.push(asked.token);
      return charge(call, asked);
    },
  });
  return told;
}

test('S20: the carrier is told the address, the payment service the token, and events, order and history hold ciphertext', async () => {
  const told = await open();
  const { order, events, status } = await saga.finish(await saga.place(request));
  expect(order.status).toBe('completed');
  expect(told).toEqual({ parcels: [ADDRESS], tokens: [TOKEN] });
  const everything = JSON.stringify([order, events, status, saga.lines, saga.orders.all()]);
  expect(everything).toContain('"shippingAddress":"v1.');
  expect(everything.toLowerCase()).not.toContain('planted');
});

test('S20: a carrier that repeats the address in its refusal has it stored nowhere', async () => {
  await open();
  const reason = `There is no ${ADDRESS.line1} in ${ADDRESS.city}`;
  Object.assign(saga.services.shipping, {
    ship: () => Promise.resolve({ kind: 'refused', detailCode: 'CARRIER_REFUSED', reason }),
  });
  const orderId = await saga.place(request);
  const { order, events } = await saga.finish(orderId);
  expect(order.failureReason).toBe('There is no [redacted] in [redacted]');
  expect(JSON.stringify([events, saga.lines])).not.toContain('Planted');
  expect((await saga.orders.read(SCOPE, orderId))?.order.status).toBe('failed');
});
