// The currency table is the one of the standard: the list as ISO publishes it comes with the package `currency-codes`
// (its own data.js reads "N.A." as 0 decimals, so the XML is read here).
import { readFileSync } from 'node:fs';
import { parseOrderRequest } from '../../../src/commands/order-request';
import { ADDED_SINCE, CURRENCY_DIGITS, ISO_4217_EDITION } from '../../../src/domain/currencies';
import { decimalIn } from '../../../src/domain/money';
import type * as Money from '../../../src/domain/money';

const xml = readFileSync(require.resolve('currency-codes/iso-4217-list-one.xml'), 'utf8');

/** Minor units by code, as text: some are "N.A.". */
const published = new Map(
  [...xml.matchAll(/<Ccy>([A-Z]{3})<\/Ccy>\s*<CcyNbr>\d{3}<\/CcyNbr>\s*<CcyMnrUnts>([^<]+)</g)].map(
    ([, code = '', units = '']) => [code, units] as const,
  ),
);

const order = (currency: string, unitPrice: number, more: object = {}): object => ({
  customerId: 'cust-1',
  currency,
  items: [{ productId: 'p-1', productName: 'Widget', quantity: 1, unitPrice }],
  ...more,
});

describe('the currency table', () => {
  test('is of the edition that it names', () => {
    expect(/<ISO_4217 Pblshd="([\d-]+)"/.exec(xml)?.[1]).toBe(ISO_4217_EDITION);
  });

  test('has the decimals of every code of the list, beside those that were added since and nothing else', () => {
    const listed = [...published].filter(([, units]) => units !== 'N.A.');
    const added = Object.entries(ADDED_SINCE).flatMap(([digits, codes]) =>
      codes.split(' ').map((code) => [code, digits] as const),
    );
    expect(listed.length).toBeGreaterThan(150);
    expect(Object.fromEntries([...CURRENCY_DIGITS].map(([code, digits]) => [code, String(digits)]))).toEqual(
      Object.fromEntries([...listed, ...added]),
    );
  });

  test('names as added since only what the list does not have yet', () => {
    const added = Object.values(ADDED_SINCE).flatMap((codes) => codes.split(' '));
    expect(added.filter((code) => published.has(code))).toEqual([]);
  });

  test.each([...published].filter(([, units]) => units === 'N.A.').map(([code]) => code))(
    'takes no order in %s, which has no smallest unit',
    (code) => {
      expect(parseOrderRequest(order(code, 1))).toMatchObject({
        kind: 'invalid',
        errors: [{ path: 'currency', message: expect.stringContaining('smallest unit') as string }],
      });
    },
  );
});

describe('the currency table and the locale data of the runtime', () => {
  test('have nothing to do with each other: Node 20.19.0 has 0 decimals for HUF, Node 20.20.2 has 2', () => {
    const asked = jest.spyOn(Intl, 'NumberFormat').mockImplementation(() => {
      throw new Error('locale data was asked for');
    });
    jest.isolateModules(() => {
      const money = jest.requireActual<typeof Money>('../../../src/domain/money');
      expect(money.minorDigits('HUF')).toBe(2);
    });
    expect(asked).not.toHaveBeenCalled();
    asked.mockRestore();
  });

  test.each([
    ['HUF', 1500, 150_000],
    ['HUF', 1500.5, 150_050],
    ['JPY', 1500, 1_500],
    ['KWD', 1.5, 1_500],
    ['CLF', 0.0001, 1],
  ])('%s %d is %d minor units and reads the same again', (currency, decimal, minor) => {
    expect(parseOrderRequest(order(currency, decimal))).toMatchObject({
      request: { totalMinor: minor, lines: [{ unitPriceMinor: minor }] },
    });
    expect(decimalIn(currency, minor)).toBe(decimal);
  });
});

describe('an amount finer than the smallest unit', () => {
  test.each([
    ['JPY', 1500.5, 'must be a whole number: the smallest unit of JPY is 1'],
    ['USD', 1.005, 'must have at most 2 decimals: the smallest unit of USD is 0.01'],
    ['KWD', 1.0005, 'must have at most 3 decimals: the smallest unit of KWD is 0.001'],
  ])('of %s is refused, naming field and unit', (currency, unitPrice, message) => {
    const payments = [{ method: 'card', amount: unitPrice }];
    expect(parseOrderRequest(order(currency, unitPrice, { payments }))).toEqual({
      kind: 'invalid',
      errors: [
        { path: 'items[0].unitPrice', message },
        { path: 'payments[0].amount', message },
      ],
    });
  });
});
