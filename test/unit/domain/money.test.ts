import fc from 'fast-check';
import { minorDigits, toDecimal, toMinor } from '../../../src/domain/money';

describe('money', () => {
  test('2 × 49.99 + 5 × 9.99 is 149.93 exactly', () => {
    const total = 2 * (toMinor(49.99, 2) ?? 0) + 5 * (toMinor(9.99, 2) ?? 0);
    expect(toDecimal(total, 2)).toBe(149.93);
  });

  test.each([
    ['a third decimal', 1.005],
    ['an exponent', 1e308],
    ['not a number', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a very small number', 1e-7],
  ])('%s is not an amount in cents', (_, amount) => {
    expect(toMinor(amount, 2)).toBeUndefined();
  });

  test('a currency has the decimals of ISO 4217', () => {
    expect(['USD', 'JPY', 'KWD', 'XXY', 'usd'].map(minorDigits)).toEqual([2, 0, 3, undefined, undefined]);
  });

  test('every amount comes back from the API form unchanged', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.constantFrom(0, 2, 3), (minor, digits) => {
        expect(toMinor(toDecimal(minor, digits), digits)).toBe(minor);
      }),
    );
  });

  test('a total is the sum of its lines, whatever the order of adding', () => {
    const cents = fc.integer({ min: 0, max: 100_000_000 });
    fc.assert(
      fc.property(fc.array(cents, { maxLength: 50 }), (prices) => {
        const exact = prices.reduce((sum, price) => sum + BigInt(price), 0n);
        const decimals = prices.map((price) => toDecimal(price, 2));
        const back = decimals.reverse().reduce((sum, price) => sum + (toMinor(price, 2) ?? Number.NaN), 0);
        expect(BigInt(back)).toBe(exact);
      }),
    );
  });
});
