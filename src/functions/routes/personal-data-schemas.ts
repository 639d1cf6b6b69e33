// Schemas of personal data as routes answer it, and of its erasure.
import { z } from 'zod';
import type { ErasedKeys, ErasureState } from '../../operations/erase-customer';
import type { PersonalDataOfCustomer } from '../../queries/personal-data';
import { PERSONAL_DATA } from '../../queries/shown-order';

const time = z.iso.datetime().meta({ description: 'UTC' });

const address = z.object({
  ...{ name: z.string(), line1: z.string(), line2: z.string().optional(), city: z.string() },
  ...{ postalCode: z.string(), country: z.string() },
});
const contact = z.object({ email: z.string().optional(), phone: z.string().optional() });
const personalData = z.enum(PERSONAL_DATA).meta({
  description:
    '`erased` on demand of the customer; `withheld` from whoever may look at orders, and not at persons',
});

/** Of an order by itself. */
export const personalFields = {
  personalData,
  shippingAddress: address.nullable(),
  contact: contact.nullable(),
};

export const personalDataOfCustomer = z
  .object({
    customerId: z.string(),
    orders: z.array(
      z.object({
        orderId: z.uuid(),
        placedAt: time,
        items: z.array(
          z.object({ productId: z.string(), productName: z.string(), quantity: z.int().min(1) }),
        ),
        ...personalFields,
        paymentTokens: z
          .array(z.string().nullable())
          .meta({ description: 'One for each payment, without its middle; null for one without' }),
        returnReasons: z.array(z.string()).meta({ description: 'As the customer wrote them' }),
      }),
    ),
  })
  .meta({ title: 'PersonalData' }) satisfies z.ZodType<PersonalDataOfCustomer>;

const erasure = {
  keyIds: z.array(z.string()).meta({ description: 'The keys that were, or will be, destroyed' }),
  requestedAt: time,
  requestedBy: z.string(),
  erasedAt: time.nullable().meta({ description: 'Null as long as it waits' }),
};

export const erasureState = z
  .object({
    customerId: z.string(),
    status: z.enum(['erased', 'erasing', 'nothingHeld']),
    erasures: z.array(z.object(erasure)).meta({ description: 'The proof, oldest first' }),
    waitsUntil: time.nullable().meta({ description: 'Until then an instance may hold a key in memory' }),
    waitsForOrders: z.array(z.string()).meta({ description: 'Orders that run, the first of them' }),
    invoicesKeptUntil: z.iso.date().nullable().meta({
      description: 'What was bought and for how much is kept until then, under the opaque id alone',
    }),
  })
  .meta({ title: 'Erasure' }) satisfies z.ZodType<ErasureState>;

export const erasedKeys = z.object({
  customerId: z.string().min(1).max(64),
  ...erasure,
}) satisfies z.ZodType<ErasedKeys>;
