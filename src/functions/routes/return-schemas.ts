// Schemas and examples of returns, as the routes take and answer them.
import { z } from 'zod';
import { MAX_RETURN_LINES } from '../../domain/return-rules';
import { RETURN_STATUSES } from '../../domain/return-state';
import { label, productId } from '../../fields';
import type { ReturnView } from '../../queries/return-view';

const pieces = z.int().min(0).max(10_000);
const time = z.iso.datetime();
const amount = z.number().min(0);

/** Each product once. */
function perProduct<T extends { readonly productId: string }>(item: z.ZodType<T>) {
  return z
    .array(item)
    .min(1)
    .max(MAX_RETURN_LINES)
    .refine((items) => new Set(items.map((one) => one.productId)).size === items.length, {
      error: 'must have each product once',
    });
}

export const returnBody = z
  .strictObject({
    items: perProduct(z.strictObject({ productId, quantity: z.int().min(1).max(10_000) })),
    reason: label(500).meta({ description: 'Kept in plain text: no personal data' }),
  })
  .meta({ title: 'NewReturn', description: 'Items of an order that are to be returned' });

export const inspectionBody = z
  .strictObject({
    items: perProduct(
      z.strictObject({
        productId,
        accepted: pieces.meta({ description: 'Pieces whose price is given back' }),
        damaged: pieces
          .default(0)
          .meta({ description: 'Pieces among the accepted ones that do not go back on the shelf' }),
      }),
    ),
  })
  .meta({
    title: 'Inspection',
    description: 'What was found in the parcel; what is left out was not accepted',
  });

export const returnView = z
  .object({
    number: z.int().min(1),
    orderId: z.uuid(),
    status: z.enum(RETURN_STATUSES),
    reason: z.string(),
    currency: z.string(),
    refundAmount: amount.nullable().meta({ description: 'Null until the inspection has fixed it' }),
    requestedAt: time,
    parcelDueAt: time.nullable().meta({ description: 'Until when the parcel is waited for' }),
    receivedAt: time.nullable(),
    endedAt: time.nullable(),
    items: z.array(
      z.object({
        productId: z.string(),
        quantity: z.int().min(1),
        unitPrice: amount,
        accepted: z.int().min(0),
        damaged: z.int().min(0),
      }),
    ),
    refunds: z.array(
      z.object({
        charge: z.string().meta({ description: 'The step of the order that made the charge' }),
        amount,
        refundId: z.string().nullable().meta({ description: 'Null until it is given back' }),
      }),
    ),
    failureCode: z.string().nullable().meta({ description: 'Why it was rejected' }),
    failureDetailCode: z.string().nullable(),
    failureReason: z.string().nullable(),
    completedSteps: z.array(z.string()),
    needsIntervention: z.boolean(),
  })
  .meta({ title: 'Return', description: 'A return of items of an order' }) satisfies z.ZodType<ReturnView>;

const orderId = '68ce41fc-a5da-5691-b304-4b5182767aee';

export const aReturnBody = { items: [{ productId: 'prod-001', quantity: 1 }], reason: 'does not fit' };

export const anInspectionBody = { items: [{ productId: 'prod-001', accepted: 1, damaged: 0 }] };

export const aReturn: ReturnView = {
  number: 1,
  orderId,
  status: 'authorised',
  reason: 'does not fit',
  currency: 'USD',
  refundAmount: null,
  requestedAt: '2026-11-22T09:00:00.000Z',
  parcelDueAt: '2026-12-06T09:00:00.000Z',
  receivedAt: null,
  endedAt: null,
  items: [{ productId: 'prod-001', quantity: 1, unitPrice: 49.99, accepted: 0, damaged: 0 }],
  refunds: [],
  failureCode: null,
  failureDetailCode: null,
  failureReason: null,
  completedSteps: ['AuthoriseReturn'],
  needsIntervention: false,
};

export const aClosedReturn: ReturnView = {
  ...aReturn,
  status: 'closed',
  refundAmount: 49.99,
  receivedAt: '2026-11-25T09:00:00.000Z',
  endedAt: '2026-11-25T10:00:00.000Z',
  items: [{ productId: 'prod-001', quantity: 1, unitPrice: 49.99, accepted: 1, damaged: 0 }],
  refunds: [{ charge: 'ProcessPayment', amount: 49.99, refundId: 'rfd_bfcc11918e6a39bb0cb5' }],
  completedSteps: ['AuthoriseReturn', 'AwaitParcel', 'InspectReturn', 'RefundReturn', 'RestockItems'],
};
