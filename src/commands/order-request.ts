// Parser of an order request, the body of POST /api/orders and of a queue message: into exact money, or refused with every
// path that is wrong.
import { z } from 'zod';
import { MAX_TOTAL_MINOR, minorDigits, smallestUnit, toMinor } from '../domain/money';
import type { OrderCreated } from '../domain/order-events';
import type { PersonalData } from '../events/personal-fields';
import { emailAddress, label, moment, pathId, paymentToken, phoneNumber, productId } from '../fields';
import { validate, type FieldError } from '../validation';

export const MAX_LINES = 1_000;
const MAX_UNIT_PRICE = 1_000_000;
const MAX_QUANTITY = 10_000;
const MAX_AMOUNT = 10_000_000_000;

/** What an order asks for, in minor units; its personal data in plain text, as it came. */
export type OrderRequest = Pick<
  OrderCreated,
  'customerId' | 'currency' | 'totalMinor' | 'lines' | 'couponCode' | 'notBefore'
> &
  PersonalData;

export type ParsedOrder =
  | { readonly kind: 'valid'; readonly request: OrderRequest }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] }
  | { readonly kind: 'tooManyLines'; readonly count: number };

/** Amounts in it can be written and added exactly: metals and test codes have no smallest unit. */
const NO_CURRENCY = 'must be a currency with a smallest unit by its code in capitals (ISO 4217), such as USD';

const amount = z.number().min(0);

const line = z.strictObject({
  productId,
  productName: label(200),
  quantity: z.int().min(1).max(MAX_QUANTITY),
  unitPrice: amount.max(MAX_UNIT_PRICE),
  kind: z.enum(['physical', 'digital']).default('physical'),
});

const address = z.strictObject({
  name: label(200),
  line1: label(200),
  line2: label(200).optional(),
  city: label(100),
  postalCode: label(20),
  country: z.string().regex(/^[A-Z]{2}$/, 'must be a two-letter country code in capitals (ISO 3166-1)'),
});

/** Personal data, as the address and the tokens are: encrypted where it rests. */
const contact = z
  .strictObject({ email: emailAddress.optional(), phone: phoneNumber.optional() })
  .refine(({ email, phone }) => email !== undefined || phone !== undefined, 'must have an email or a phone');

/** The body of an order. What lies between its fields (amounts that add up, lines of one product) is checked beside it. */
export const orderBody = z.strictObject({
  customerId: pathId,
  items: z.array(line).min(1).meta({ maxItems: MAX_LINES }),
  currency: z
    .string()
    .refine((code) => minorDigits(code) !== undefined, NO_CURRENCY)
    .meta({ pattern: '^[A-Z]{3}$', description: 'ISO 4217' })
    .default('USD'),
  couponCode: label(64).optional(),
  payments: z
    .array(
      z.strictObject({
        method: label(32),
        amount: z
          .number()
          .gt(0)
          .max(MAX_AMOUNT)
          .meta({ description: 'At most one payment has none: it takes what the others leave' })
          .optional(),
        token: paymentToken.optional(),
      }),
    )
    .min(1)
    .max(10)
    .optional(),
  shippingAddress: address.optional(),
  contact: contact.optional(),
  notBefore: moment.optional(),
});

/** Parses the decoded JSON of an order. Refuses unknown fields by name; reports every wrong path at once. */
export function parseOrderRequest(json: unknown): ParsedOrder {
  const count = lineCount(json);
  if (count > MAX_LINES) return { kind: 'tooManyLines', count };
  const parsed = validate(orderBody, json);
  return parsed.kind === 'valid' ? toOrderRequest(parsed.value) : parsed;
}

/** The order that a body which has passed its schema asks for; checks what the schema cannot say. */
export function toOrderRequest(
  order: z.output<typeof orderBody>,
): Exclude<ParsedOrder, { kind: 'tooManyLines' }> {
  const digits = minorDigits(order.currency) ?? 2;
  const errors: FieldError[] = [...duplicates(order.items)];
  const exact = (decimal: number, path: string): number => {
    const minor = toMinor(decimal, digits);
    if (minor !== undefined) return minor;
    errors.push({ path, message: finerThan(digits, order.currency) });
    return 0;
  };
  const lines = order.items.map(({ unitPrice, kind, ...rest }, index) => ({
    ...rest,
    ...(kind === 'digital' ? { kind } : {}),
    unitPriceMinor: exact(unitPrice, `items[${index}].unitPrice`),
  }));
  const payments = (order.payments ?? []).map(({ method, amount: decimal, token }, index) => ({
    method,
    amountMinor: decimal === undefined ? null : exact(decimal, `payments[${index}].amount`),
    ...(token === undefined ? {} : { token }),
  }));
  const totalMinor = lines.reduce((sum, { quantity, unitPriceMinor }) => sum + quantity * unitPriceMinor, 0);
  if (totalMinor > MAX_TOTAL_MINOR) errors.push({ path: 'items', message: 'the total is too large' });
  if (errors.length === 0) errors.push(...wrongPayments(payments, totalMinor, order.couponCode));
  if (errors.length > 0) return { kind: 'invalid', errors };
  return {
    kind: 'valid',
    request: {
      customerId: order.customerId,
      currency: order.currency,
      totalMinor,
      lines,
      couponCode: order.couponCode ?? null,
      payments,
      shippingAddress: order.shippingAddress ?? null,
      ...(order.contact === undefined ? {} : { contact: order.contact }),
      notBefore: order.notBefore ?? null,
    },
  };
}

/** What keeps payments from adding up to what will be due. */
function wrongPayments(
  payments: OrderRequest['payments'],
  totalMinor: number,
  couponCode: string | undefined,
): readonly FieldError[] {
  if (payments.length === 0) return [];
  const open = payments.flatMap(({ amountMinor }, index) => (amountMinor === null ? [index] : []));
  const [, second] = open;
  if (second !== undefined)
    return [
      {
        path: `payments[${second}].amount`,
        message: 'is missing on another payment too: one may take the rest',
      },
    ];
  if (couponCode !== undefined && open.length === 0)
    return [
      {
        path: 'payments',
        message: 'one must be without an amount: it takes what the coupon leaves to be paid',
      },
    ];
  const fixedMinor = payments.reduce((sum, { amountMinor }) => sum + (amountMinor ?? 0), 0);
  if (open.length === 0 ? fixedMinor === totalMinor : fixedMinor <= totalMinor) return [];
  const rule = open.length === 0 ? 'add up to' : 'not be more than';
  return [{ path: 'payments', message: `the amounts must ${rule} the total of the items` }];
}

/** Why an amount is refused that cannot be paid to the last digit. */
function finerThan(digits: number, currency: string): string {
  const allowed = digits === 0 ? 'be a whole number' : `have at most ${digits} decimals`;
  return `must ${allowed}: the smallest unit of ${currency} is ${smallestUnit(digits)}`;
}

function duplicates(items: readonly { productId: string }[]): FieldError[] {
  const seen = new Set<string>();
  return items.flatMap(({ productId }, index) => {
    if (!seen.has(productId)) {
      seen.add(productId);
      return [];
    }
    return [{ path: `items[${index}].productId`, message: 'the same product is ordered on another line' }];
  });
}

/** Why the decoded JSON of an order is not even looked at; undefined when it has at most `MAX_LINES` lines. */
export function tooManyLines(json: unknown): string | undefined {
  const count = lineCount(json);
  return count > MAX_LINES ? `items has ${count} lines; an order has at most ${MAX_LINES}` : undefined;
}

function lineCount(json: unknown): number {
  if (typeof json !== 'object' || json === null || !('items' in json)) return 0;
  return Array.isArray(json.items) ? json.items.length : 0;
}
