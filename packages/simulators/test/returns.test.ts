// Partial refunds and restocking of the simulated services, over HTTP.
import { closeServices, openServices, type Answer, type Services } from '../testing/simulated-services';

const CHARGE_KEY = 'o-1:ProcessPayment';

let services: Services;
beforeEach(async () => {
  services = await openServices();
});
afterEach(closeServices);

const charge = (more: object = {}): Promise<Answer> =>
  services.post('/payments/charges', CHARGE_KEY, { amountMinor: 1_000, currency: 'EUR', ...more });
const refundPart = (key: string, amountMinor: number, more: object = {}): Promise<Answer> =>
  services.post('/payments/refunds', key, { chargeKey: CHARGE_KEY, amountMinor, currency: 'EUR', ...more });
const refundRest = (): Promise<Answer> =>
  services.post(`/payments/charges/${encodeURIComponent(CHARGE_KEY)}/refund`, 'o-1:RefundPayment');

async function amounts(): Promise<readonly unknown[]> {
  const { body } = await services.get('/control/ledger?orderId=o-1');
  return (body as { effect: string; amount: number }[]).map(({ effect, amount }) => [effect, amount]);
}

test('parts of a charge are given back, and then what is left of it', async () => {
  await charge();
  expect(await refundPart('o-1:return:1', 300)).toMatchObject({ status: 201, body: { amountMinor: 300 } });
  expect(await refundPart('o-1:return:2', 200)).toMatchObject({ status: 201 });
  expect(await refundRest()).toMatchObject({ status: 200, body: { found: 'undone' } });
  expect(await amounts()).toEqual([
    ['charged', 1_000],
    ['refunded', 300],
    ['refunded', 200],
    ['refunded', 500],
  ]);
});

test('S16: more than is left of a charge is refused, and stores nothing', async () => {
  await charge();
  await refundPart('o-1:return:1', 300);
  expect(await refundPart('o-1:return:2', 701)).toMatchObject({
    status: 409,
    body: { code: 'REFUND_EXCEEDS_CHARGE' },
  });
  expect(await refundPart('o-1:return:2', 700)).toMatchObject({ status: 201 });
  await refundRest();
  expect(await refundPart('o-1:return:3', 1)).toMatchObject({ status: 409, body: { code: 'NOT_CHARGED' } });
  expect(await services.effects()).toEqual(['charged', 'refunded', 'refunded']);
});

test('a key of a refund with another amount is refused with KEY_REUSED', async () => {
  await charge();
  await refundPart('o-1:return:1', 300);
  expect(await refundPart('o-1:return:1', 299)).toMatchObject({ status: 409, body: { code: 'KEY_REUSED' } });
  expect(await services.effects()).toEqual(['charged', 'refunded']);
});

test('a charge in another currency is not given back', async () => {
  await charge();
  expect(await refundPart('o-1:return:1', 1, { currency: 'USD' })).toMatchObject({ status: 409 });
});

test('restocking puts pieces on hand, once per key', async () => {
  await services.put('/control/stock/prod-1', { onHand: 10 });
  const restock = (): Promise<Answer> =>
    services.post('/inventory/restocks', 'o-1:return:1:RestockItems', {
      lines: [{ productId: 'prod-1', quantity: 3 }],
    });
  expect(await restock()).toMatchObject({ status: 201 });
  expect(await restock()).toMatchObject({ status: 200 });
  expect((await services.get('/control/stock/prod-1')).body).toMatchObject({ onHand: 13, reserved: 0 });
  expect(await services.effects()).toEqual(['restocked']);
});
