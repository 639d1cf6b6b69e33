// Schemas of the fields that more than one input has: ids, moments, words for people to read.
import { z } from 'zod';
import { MAX_PRODUCT_ID, PATH_ID, pathIdProblem, productIdProblem } from './domain/ids';

/** Text from outside. UTF-8 has no half of a surrogate pair: it would be stored, or told to others, as something else. */
const text = z
  .string()
  .refine((value) => !/\p{Cs}/u.test(value), 'must not contain half of a surrogate pair');

const idBy = (problemOf: (id: string) => string | undefined) =>
  z.string().refine((id) => problemOf(id) === undefined, {
    error: ({ input }) => problemOf(String(input)),
  });

/** The id of a customer or an order, as it may stand in a path. */
export const pathId = idBy(pathIdProblem).meta({ pattern: PATH_ID.source });
/** The id of a product. */
export const productId = idBy(productIdProblem).meta({ minLength: 1, maxLength: MAX_PRODUCT_ID });

/** A moment from outside, in the UTC form that `write` gives it. Such times compare as text: a year has four digits. */
export const momentAs = (write: (given: string) => string, why = '') =>
  z.iso
    .datetime({
      offset: true,
      error: ({ code }) =>
        code === 'invalid_format' ? `must be a date and time such as 2026-01-31T12:00:00Z${why}` : undefined,
    })
    .transform(write)
    .refine((written) => /^\d{4}-/.test(written), `must lie in the years 0000 to 9999 (UTC)${why}`);

/** A moment as the app stores it: with milliseconds. */
export const moment = momentAs((given) => new Date(given).toISOString());

/** Whether a span of time that has both ends can hold anything; for `refine`, with `NO_SPAN`. */
export const isSpan = ({ from, to }: { from?: string | undefined; to?: string | undefined }): boolean =>
  from === undefined || to === undefined || from <= to;
export const NO_SPAN = { path: ['from'], error: 'must not be after `to`' };

/** Words from outside, for people to read. Other programs, printers among them, take control characters for orders. */
export const label = (max: number) =>
  text
    .trim()
    .min(1)
    .max(max)
    .refine((words) => !/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(words), 'must not contain control characters');

/** What a payment service has given out for a means of payment: nothing is known of its form. */
export const paymentToken = z
  .string()
  .regex(/^[\x21-\x7e]{1,256}$/, 'must have 1 to 256 printable ASCII characters, none of them a space');

/** As far as its form can be told: one `@`, no space. Whether there is such an address shows when it is written to. */
export const emailAddress = z
  .string()
  .max(254)
  .regex(/^[^\s@\p{C}]+@[^\s@\p{C}]+$/u, 'must be an e-mail address such as ann@example.com');

export const phoneNumber = z
  .string()
  .regex(/^\+?[0-9 ()/.-]{3,31}$/, 'must be a phone number of digits, such as +49 30 901820');
