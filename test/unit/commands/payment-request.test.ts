// Payments and coupon of an order request: what adds up, and what is refused by name.
import { parseOrderRequest } from '../../../src/commands/order-request';

const order = {
  customerId: 'cust-1',
  items: [{ productId: 'prod-001', productName: 'Widget', quantity: 2, unitPrice: 49.99 }],
};
const card = (amount?: number) => ({ method: 'card', ...(amount === undefined ? {} : { amount }) });

test.each<[string, object, readonly (number | null)[]]>([
  ['amounts that add up', { payments: [card(50), card(49.98)] }, [5_000, 4_998]],
  ['one that takes the rest', { payments: [card(), card(50)] }, [null, 5_000]],
  ['a single one without an amount', { payments: [card()] }, [null]],
  [
    'a coupon and one that takes the rest',
    { couponCode: 'SAVE10', payments: [card(50), card()] },
    [5_000, null],
  ],
  ['a coupon alone', { couponCode: 'SAVE10' }, []],
])('%s is taken', (_, more, amounts) => {
  const parsed = parseOrderRequest({ ...order, ...more });
  expect(parsed.kind === 'valid' && parsed.request.payments.map(({ amountMinor }) => amountMinor)).toEqual(
    amounts,
  );
});

test.each<[string, object, string, RegExp]>([
  ['amounts that add up to less', { payments: [card(50), card(49.97)] }, 'payments', /add up to/],
  ['amounts that add up to more', { payments: [card(50), card(49.99)] }, 'payments', /add up to/],
  ['more than the total beside a rest', { payments: [card(99.99), card()] }, 'payments', /not be more/],
  [
    'two without an amount',
    { payments: [card(), card(1), card()] },
    'payments[2].amount',
    /one may take the rest/,
  ],
  [
    'a coupon without a rest',
    { couponCode: 'SAVE10', payments: [card(99.98)] },
    'payments',
    /without an amount/,
  ],
  ['an amount of 0', { payments: [card(0), card()] }, 'payments[0].amount', /more than 0/],
  [
    'cents in yen',
    { currency: 'JPY', items: [{ ...order.items[0], unitPrice: 50 }], payments: [card(1.5), card()] },
    'payments[0].amount',
    /whole number/,
  ],
  ['an empty token', { payments: [{ ...card(), token: '' }] }, 'payments[0].token', /1 to 256/],
  ['a token with a space', { payments: [{ ...card(), token: 'a b' }] }, 'payments[0].token', /1 to 256/],
  ['a token of 257', { payments: [{ ...card(), token: 'x'.repeat(257) }] }, 'payments[0].token', /1 to 256/],
])('%s is refused by name', (_, more, path, message) => {
  expect(parseOrderRequest({ ...order, ...more })).toEqual({
    kind: 'invalid',
    errors: [{ path, message: expect.stringMatching(message) as string }],
  });
});

test('a token of 256 printable characters is taken', () => {
  const token = '~'.repeat(256);
  expect(parseOrderRequest({ ...order, payments: [{ ...card(), token }] })).toMatchObject({
    request: { payments: [{ token }] },
  });
});
