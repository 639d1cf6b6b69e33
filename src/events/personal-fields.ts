// Personal fields of an order: which field each is bound to when it is sealed, and their parsers when they are opened. Called at
// the edges only: where an order is placed, where a service is called, where the API answers.
import { z } from 'zod';
import type { RequestedPayment } from '../domain/order-events';
import { ERASED, type Contact, type Sealed, type ShippingAddress } from '../domain/personal-data';
import type { Owner } from '../domain/scope';
import type { FieldCipher } from '../ports/field-cipher';

/** Whose field it is, and of which order. */
export interface OwnerOfField extends Owner {
  readonly orderId: string;
}

/** What an order is placed with, in plain text. */
export interface PersonalData {
  readonly shippingAddress: ShippingAddress | null;
  readonly contact?: Contact | undefined;
  readonly payments: readonly (Omit<RequestedPayment, 'token'> & { readonly token?: string | undefined })[];
}

export interface SealedPersonalData {
  readonly shippingAddress: Sealed | null;
  readonly contact?: Sealed | undefined;
  readonly payments: readonly RequestedPayment[];
}

const text = z.string();
const address = z.object({
  ...{ name: text, line1: text, line2: text.optional(), city: text, postalCode: text, country: text },
}) satisfies z.ZodType<ShippingAddress>;
const payment = z.object({ token: text });
const contact = z.object({ email: text.optional(), phone: text.optional() }) satisfies z.ZodType<Contact>;

/** Whether an order holds anything that has to be sealed. */
export function isPersonal(data: PersonalData): boolean {
  return (
    data.shippingAddress !== null ||
    data.contact !== undefined ||
    data.payments.some(({ token }) => token !== undefined)
  );
}

export async function sealPersonalData(
  cipher: FieldCipher,
  { tenantId, customerId, orderId }: OwnerOfField,
  data: PersonalData,
): Promise<SealedPersonalData> {
  const seal = (field: string, value: unknown): Promise<Sealed> =>
    cipher.seal({ tenantId, customerId, orderId, field }, value);
  const payments = data.payments.map(async ({ token, ...asked }, index) =>
    token === undefined ? asked : { ...asked, token: await seal(tokenField(index), { token }) },
  );
  return {
    payments: await Promise.all(payments),
    shippingAddress:
      data.shippingAddress === null ? null : await seal('shippingAddress', data.shippingAddress),
    ...(data.contact === undefined ? {} : { contact: await seal('contact', data.contact) }),
  };
}

type Shown<T> = T | typeof ERASED;

/** Null where there is none. */
export function openAddress(
  cipher: FieldCipher,
  owner: OwnerOfField,
  sealed: Sealed | null,
): Promise<Shown<ShippingAddress> | null> {
  return opened(cipher, owner, 'shippingAddress', sealed, address);
}

/** Null where there is none. */
export function openContact(
  cipher: FieldCipher,
  owner: OwnerOfField,
  sealed: Sealed | undefined,
): Promise<Shown<Contact> | null> {
  return opened(cipher, owner, 'contact', sealed ?? null, contact);
}

/** The token of the payment with `index`; null where there is none. */
export function openToken(
  cipher: FieldCipher,
  owner: OwnerOfField,
  index: number,
  sealed: Sealed | undefined,
): Promise<Shown<{ readonly token: string }> | null> {
  return opened(cipher, owner, tokenField(index), sealed ?? null, payment);
}

function tokenField(index: number): string {
  return `payments[${index}].token`;
}

async function opened<T>(
  cipher: FieldCipher,
  { tenantId, customerId, orderId }: OwnerOfField,
  field: string,
  sealed: Sealed | null,
  schema: z.ZodType<T>,
): Promise<Shown<T> | null> {
  if (sealed === null) return null;
  const result = await cipher.open({ tenantId, customerId, orderId, field }, sealed);
  return result.kind === 'erased' ? ERASED : schema.parse(result.value);
}
