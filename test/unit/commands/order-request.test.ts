import fc from 'fast-check';
import { parseOrderRequest, type ParsedOrder } from '../../../src/commands/order-request';

const line = { productId: 'prod-001', productName: 'Widget', quantity: 2, unitPrice: 49.99 };
const dear = { ...line, quantity: 10_000, unitPrice: 1_000_000 };
const order = { customerId: 'cust-1', items: [line] };

function pathsOf(parsed: ParsedOrder): string[] {
  return parsed.kind === 'invalid' ? parsed.errors.map(({ path }) => path) : [];
}

describe('an order request', () => {
  test('becomes exact money', () => {
    const items = [line, { productId: 'prod-002', productName: 'Gadget', quantity: 5, unitPrice: 9.99 }];
    expect(parseOrderRequest({ customerId: 'cust-1', items })).toMatchObject({
      kind: 'valid',
      request: {
        totalMinor: 14_993,
        currency: 'USD',
        lines: [{ unitPriceMinor: 4_999 }, { unitPriceMinor: 999 }],
      },
    });
  });

  test.each<[string, unknown, string[]]>([
    ['no customer', { items: [line] }, ['customerId']],
    ['a blank customer', { ...order, customerId: '  ' }, ['customerId']],
    ['half a character as customer', { ...order, customerId: 'a\ud83d' }, ['customerId']],
    [
      'half a character as product',
      { ...order, items: [{ ...line, productId: '\ude00' }] },
      ['items[0].productId'],
    ],
    [
      'half a character as the name of a product',
      { ...order, items: [{ ...line, productName: 'a\ud83d' }] },
      ['items[0].productName'],
    ],
    ['half a character as coupon', { ...order, couponCode: '\ude00' }, ['couponCode']],
    ['no items', { customerId: 'c' }, ['items']],
    ['empty items', { ...order, items: [] }, ['items']],
    ['quantity 0', { ...order, items: [{ ...line, quantity: 0 }] }, ['items[0].quantity']],
    ['quantity -1', { ...order, items: [{ ...line, quantity: -1 }] }, ['items[0].quantity']],
    ['quantity 1.5', { ...order, items: [{ ...line, quantity: 1.5 }] }, ['items[0].quantity']],
    ['quantity as text', { ...order, items: [{ ...line, quantity: '2' }] }, ['items[0].quantity']],
    ['a negative price', { ...order, items: [{ ...line, unitPrice: -1 }] }, ['items[0].unitPrice']],
    ['a price of 1e308', { ...order, items: [{ ...line, unitPrice: 1e308 }] }, ['items[0].unitPrice']],
    [
      'a price with three decimals',
      { ...order, items: [{ ...line, unitPrice: 1.005 }] },
      ['items[0].unitPrice'],
    ],
    ['cents in yen', { ...order, currency: 'JPY' }, ['items[0].unitPrice']],
    ['an unknown currency', { ...order, currency: 'usd' }, ['currency']],
    ['a blank product', { ...order, items: [{ ...line, productId: ' ' }] }, ['items[0].productId']],
    ['the same product twice', { ...order, items: [line, line] }, ['items[1].productId']],
    ['an unknown field', { ...order, total: 1 }, ['total']],
    ['an unknown field of a line', { ...order, items: [{ ...line, sku: 1 }] }, ['items[0].sku']],
    ['__proto__', JSON.parse('{"customerId":"c","items":[],"__proto__":{"x":1}}'), ['items', '__proto__']],
    [
      'payments that do not add up',
      { ...order, payments: [{ method: 'card', amount: 99.97 }] },
      ['payments'],
    ],
    ['a notBefore without a time', { ...order, notBefore: '2026-01-01' }, ['notBefore']],
    ['a notBefore after 9999', { ...order, notBefore: '9999-12-31T23:59:59-14:00' }, ['notBefore']],
    ['a notBefore before 0000', { ...order, notBefore: '0000-01-01T00:00:00+14:00' }, ['notBefore']],
    [
      'a total beyond what is counted exactly',
      {
        ...order,
        currency: 'KWD',
        items: Array.from({ length: 1_000 }, (_, n) => ({ ...dear, productId: `p-${n}` })),
      },
      ['items'],
    ],
    ['a payment of nothing', { ...order, payments: [{ method: 'card', amount: 0 }] }, ['payments[0].amount']],
    ['a list', [], ['']],
    ['null', null, ['']],
  ])('with %s is refused, naming every wrong path', (_, json, paths) => {
    expect(pathsOf(parseOrderRequest(json)).sort()).toEqual(paths.sort());
  });

  test('takes whole characters beyond the basic plane in ids of products', () => {
    expect(parseOrderRequest({ ...order, items: [{ ...line, productId: 'café-😀' }] })).toMatchObject({
      kind: 'valid',
    });
  });

  test('with payments that add up is taken', () => {
    const payments = [
      { method: 'card', amount: 50 },
      { method: 'giftCard', amount: 49.98 },
    ];
    expect(parseOrderRequest({ ...order, payments })).toMatchObject({
      kind: 'valid',
      request: { payments: [{ amountMinor: 5_000 }, { amountMinor: 4_998 }] },
    });
  });

  test('with everything that may be left out is taken as it is, the moment in UTC', () => {
    const more = {
      couponCode: 'SAVE10',
      shippingAddress: { name: 'A', line1: 'B 1', city: 'C', postalCode: '1', country: 'DE' },
    };
    const given = { ...order, ...more, notBefore: '2026-01-31T13:00:00+01:00' };
    expect(parseOrderRequest(given)).toMatchObject({
      kind: 'valid',
      request: { ...more, notBefore: '2026-01-31T12:00:00.000Z' },
    });
  });

  test('of more than 1,000 lines is too large, whatever they hold', () => {
    expect(parseOrderRequest({ customerId: 'c', items: Array.from({ length: 10_000 }, () => 0) })).toEqual({
      kind: 'tooManyLines',
      count: 10_000,
    });
  });

  test('parsing never throws, and what is refused says where', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        const parsed = parseOrderRequest(json);
        expect(parsed.kind === 'invalid' && parsed.errors.length === 0).toBe(false);
      }),
    );
  });
});
