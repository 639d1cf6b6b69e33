// Entries of the route table for approvers: approve or reject an order above the limit.
import { z } from 'zod';
import { label, pathId } from '../../fields';
import { anOrder, aStartedOrder } from './order-examples';
import { orderView } from './order-schemas';
import type { Route } from './route';

const orderId = z.object({ id: pathId.meta({ examples: [anOrder.id], description: 'The id of an order' }) });
const reason = label(500).meta({
  description: 'In the events of the order; of a rejection also its failureReason',
});

const GiveApproval = {
  name: 'GiveApproval',
  method: 'POST',
  path: 'orders/{id}/approve',
  meaning: 'Approve an order that is `awaitingApproval`: it goes on',
  caller: 'approver',
  usesSagas: true,
  params: orderId,
  body: {
    schema: z.strictObject({ reason: reason.optional() }).meta({ title: 'Approval' }),
    examples: { plain: {}, reason: { reason: 'a known customer' } },
  },
  answers: {
    202: {
      when: 'The answer is the first, and stands: the order goes on',
      schema: orderView,
      example: { ...aStartedOrder, status: 'approved', version: 6 },
      headers: ['Location'],
    },
  },
  problems: ['APPROVAL_ANSWERED', 'NOT_AWAITING_APPROVAL', 'NOT_FOUND', 'SAGA_GONE'],
} as const satisfies Route;

const RefuseApproval = {
  name: 'RefuseApproval',
  method: 'POST',
  path: 'orders/{id}/reject',
  meaning: 'Reject an order that is `awaitingApproval`: it is undone, and ends cancelled',
  caller: 'approver',
  usesSagas: true,
  params: orderId,
  body: {
    schema: z.strictObject({ reason }).meta({ title: 'Rejection' }),
    examples: { reason: { reason: 'over the budget of the customer' } },
  },
  answers: {
    202: {
      when: 'The answer is the first, and stands: what was done is undone',
      schema: orderView,
      example: { ...aStartedOrder, status: 'compensating', version: 7 },
      headers: ['Location'],
    },
  },
  problems: ['APPROVAL_ANSWERED', 'NOT_AWAITING_APPROVAL', 'NOT_FOUND'],
} as const satisfies Route;

export const APPROVAL_ROUTES = { GiveApproval, RefuseApproval } as const;
