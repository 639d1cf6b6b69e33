// Conversion of money between integer minor units (cents), used inside, and decimal numbers, used in the API.
import { CURRENCY_DIGITS } from './currencies';

/** The largest total that is accepted, in minor units; far below where doubles lose integers (2^53). */
export const MAX_TOTAL_MINOR = 1_000_000_000_000_000;

/** How many decimals a currency of ISO 4217 has: USD 2, JPY 0, KWD 3; undefined for any other text. */
export function minorDigits(currency: string): number | undefined {
  return CURRENCY_DIGITS.get(currency);
}

/** The smallest unit of a currency with so many decimals, as people read it: 0.01, or 1. */
export function smallestUnit(digits: number): string {
  return digits === 0 ? '1' : `0.${'1'.padStart(digits, '0')}`;
}

/**
 * The decimal number `amount` in minor units, exactly, or undefined when it has more decimals than the currency or is
 * not a plain decimal (1e308, NaN). Reads the shortest decimal text of the number, so 49.99 is 4999 and never 4998.99….
 */
export function toMinor(amount: number, digits: number): number | undefined {
  const match = /^(-?\d+)(?:\.(\d+))?$/.exec(String(amount));
  if (match === null) return undefined;
  const [, whole = '0', fraction = ''] = match;
  if (fraction.length > digits) return undefined;
  const minor = Number(whole + fraction.padEnd(digits, '0'));
  return Number.isSafeInteger(minor) ? minor : undefined;
}

/** The decimal number that JSON shows for an amount in minor units: 14993 → 149.93. */
export function toDecimal(amountMinor: number, digits: number): number {
  const text = String(Math.abs(amountMinor)).padStart(digits + 1, '0');
  const value = Number(digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`);
  return amountMinor < 0 ? -value : value;
}

/** As `toDecimal`, of a stored amount. Nothing is stored in a currency that is not in the table; two decimals, if it were. */
export function decimalIn(currency: string, amountMinor: number): number {
  return toDecimal(amountMinor, minorDigits(currency) ?? 2);
}
