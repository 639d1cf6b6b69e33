// Personal data of an order: what of it is personal, and the form in which everything but the edges carries it. Pure: domain
// and saga never look into it.

/** Ciphertext of one field, made and read by identity/field-cipher.ts only. It stays as it is when its key is destroyed. */
export type Sealed = string;

/** What is shown in the place of data whose key was destroyed. */
export const ERASED = 'erased';

/** How the customer of an order is reached. */
export interface Contact {
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
}

export interface ShippingAddress {
  readonly name: string;
  readonly line1: string;
  readonly line2?: string | undefined;
  readonly city: string;
  readonly postalCode: string;
  readonly country: string;
}

/**
 * The names of the fields that are personal, wherever they stand: in requests, messages, log lines, problems and pages
 * (redaction.ts). The only list of them.
 */
export const PERSONAL_FIELDS = [
  ...(['shippingAddress', 'address', 'line1', 'line2', 'city', 'postalCode'] as const),
  ...(['contact', 'email', 'phone', 'token'] as const),
] as const;
