import { closeServices, openServices, type Answer, type Services } from '../testing/simulated-services';

let services: Services;
beforeEach(async () => {
  services = await openServices();
});
afterEach(closeServices);

const redeem = (order: string, more: object = {}): Promise<Answer> =>
  services.post('/promotions/redemptions', `${order}:ApplyCoupon`, {
    ...{ orderId: order, code: 'SAVE10', totalMinor: 14_993, currency: 'USD' },
    ...more,
  });
const cancel = (order: string): Promise<Answer> =>
  services.post(
    `/promotions/redemptions/${encodeURIComponent(`${order}:ApplyCoupon`)}/cancel`,
    `${order}:CancelCoupon`,
  );

test('a coupon is checked and used in one call, once per key, and the ledger has the discount', async () => {
  const first = await redeem('o-1');
  expect(first).toMatchObject({ status: 201, body: { discountMinor: 1_499 } });
  expect(await redeem('o-1')).toMatchObject({ status: 200, body: first.body as object });
  const { body } = await services.get('/control/ledger?orderId=o-1');
  expect(body).toMatchObject([{ effect: 'couponRedeemed', amount: 1_499, currency: 'USD' }]);
});

test.each([
  ['SAVE10', 14_993, 1_499],
  ['SAVE10', 9_007_199_254_740_990, 900_719_925_474_099],
  ['TAKE5', 14_993, 500],
  ['TAKE5', 300, 300],
  ['FREE', 14_993, 14_993],
  ['OVER100', 10_000, 1_500],
  ['USD5', 14_993, 500],
])('%s takes off an order over %i minor units %i of them', async (code, totalMinor, discountMinor) => {
  expect((await redeem('o-1', { code, totalMinor })).body).toMatchObject({ discountMinor });
});

test.each([
  ['NONE', {}, 'COUPON_UNKNOWN'],
  ['toString', {}, 'COUPON_UNKNOWN'],
  ['EXPIRED10', {}, 'COUPON_EXPIRED'],
  ['USEDUP10', {}, 'COUPON_USED_UP'],
  ['OVER100', { totalMinor: 9_999 }, 'COUPON_MINIMUM'],
  ['USD5', { currency: 'EUR' }, 'COUPON_CURRENCY'],
])('S26: %s with %j is refused with %s, for good under its key', async (code, more, why) => {
  const first = await redeem('o-1', { code, ...more });
  expect(first).toMatchObject({ status: 409, body: { code: why } });
  await services.put(`/control/coupons/${code}`, { percent: 10 });
  expect(await redeem('o-1', { code, ...more })).toEqual({ ...first, headers: expect.anything() as object });
  expect((await redeem('o-2', { code, ...more })).status).toBe(201);
});

test('a coupon for one use by each customer is refused to its second order, and not to another customer', async () => {
  expect((await redeem('o-1', { code: 'ONCE10' })).status).toBe(201);
  expect((await redeem('o-2', { code: 'ONCE10' })).body).toMatchObject({ code: 'COUPON_USED_BEFORE' });
  expect((await redeem('o-3', { code: 'ONCE10', customerId: 'c-2' })).status).toBe(201);
});

test('a coupon for one use is redeemed once by fifty orders at once', async () => {
  await services.put('/control/coupons/ONLY', { percent: 10, maxUses: 1 });
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, at) => redeem(`o-${at}`, { code: 'ONLY' })),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect((await services.get('/control/coupons/ONLY')).body).toMatchObject({ uses: 1 });
});

test('S2: a coupon that was given back can be used again, and its key is closed', async () => {
  await redeem('o-1', { code: 'ONCE10' });
  expect((await cancel('o-1')).body).toEqual({ found: 'undone' });
  expect((await cancel('o-1')).body).toEqual({ found: 'undone' });
  expect((await redeem('o-1', { code: 'ONCE10' })).body).toMatchObject({ code: 'KEY_CLOSED' });
  expect((await redeem('o-2', { code: 'ONCE10' })).status).toBe(201);
  expect(await services.effects()).toEqual(['couponRedeemed', 'couponCancelled', 'couponRedeemed']);
});

test('S2: giving back what was never used leaves a tombstone, and uses nothing', async () => {
  expect((await cancel('o-1')).body).toEqual({ found: 'closed' });
  expect((await redeem('o-1')).body).toMatchObject({ code: 'KEY_CLOSED' });
  expect(await services.effects()).toEqual([]);
});

test('a coupon that is not there is a 404, and terms that make no sense are refused by name', async () => {
  expect((await services.get('/control/coupons/NONE')).status).toBe(404);
  expect(await services.put('/control/coupons/X', { percent: 101 })).toMatchObject({
    status: 400,
    body: { errors: [{ path: 'percent' }] },
  });
});
