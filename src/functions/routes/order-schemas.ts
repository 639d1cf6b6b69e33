// Schemas of what the routes of orders answer: an order, a saga, an event.
import { z } from 'zod';
import { ORDER_ACTIONS } from '../../commands/order-actions';
import { RESOLUTIONS } from '../../domain/intervention-events';
import { INTERVENTION_KINDS, type Intervention } from '../../domain/interventions';
import { ORDER_STATUSES } from '../../domain/order-status';
import type { SagaRuntimeStatus } from '../../ports/saga-control';
import type { OrderSummary, OrderView, SagaView } from '../../queries/order-view';
import type { OrderDetails } from '../../queries/shown-order';
import { allowedActions } from './allowed-actions';
import { personalFields } from './personal-data-schemas';
import { returnView } from './return-schemas';

const status = z.enum(ORDER_STATUSES as [(typeof ORDER_STATUSES)[number]]);
const time = z.iso.datetime().meta({ description: 'UTC' });
const amount = z
  .number()
  .min(0)
  .meta({ description: 'In the currency of the order, exact to its smallest unit' });

/** Why an order failed: the three are null as long as it has not. */
const failure = {
  failureCode: z.string().nullable().meta({ description: 'A code of the registry' }),
  failureDetailCode: z.string().nullable(),
  failureReason: z.string().nullable().meta({ description: 'For people to read' }),
};

const orderSummary = z
  .object({
    id: z.uuid(),
    customerId: z.string(),
    status,
    totalAmount: amount,
    discountAmount: amount.meta({ description: 'What the coupon takes off' }),
    amountDue: amount.meta({ description: 'What is to be paid: the total less the discount' }),
    currency: z.string(),
    createdAt: time,
    completedAt: time.nullable(),
    ...failure,
    trackingId: z.string().nullable(),
    dispatchedAt: time.nullable().meta({ description: 'As the carrier told' }),
    deliveredAt: time.nullable().meta({ description: 'As the carrier told' }),
    needsIntervention: z.boolean().meta({ description: 'Whether an operator has to look at it' }),
    items: z.array(
      z.object({
        productId: z.string(),
        productName: z.string(),
        quantity: z.int().min(1),
        unitPrice: amount,
        kind: z.enum(['physical', 'digital']),
      }),
    ),
    version: z.int().min(1).meta({ description: 'The sequence of the last event in it' }),
    returns: z.array(returnView).optional().meta({
      description: 'Oldest first; left out where there are none, and in lists of orders',
    }),
  })
  .meta({
    title: 'OrderSummary',
    description: 'An order as a list shows it',
  }) satisfies z.ZodType<OrderSummary>;

export const orderView = orderSummary
  .extend({
    coupon: z
      .object({
        code: z.string(),
        status: z.enum(['pending', 'applied', 'rejected', 'cancelled']),
        detailCode: z.string().nullable(),
        reason: z.string().nullable().meta({ description: 'Why it was rejected' }),
      })
      .nullable(),
    payments: z.array(
      z.object({
        method: z.string(),
        amount,
        transactionId: z.string().nullable().meta({ description: 'Null until it is charged' }),
        refundedAmount: amount,
      }),
    ),
    allowedActions: allowedActions(ORDER_ACTIONS).optional().meta({
      description:
        'What may be done now, by whoever asks, as far as the order itself says; its saga says the rest. Left out of what an act answers',
    }),
  })
  .meta({ title: 'Order', description: 'An order' }) satisfies z.ZodType<OrderView>;

export const orderDetails = orderView.extend(personalFields).meta({
  title: 'OrderDetails',
  description: 'An order, and where it goes',
}) satisfies z.ZodType<OrderDetails>;

export const orderList = z.array(orderSummary).meta({ title: 'Orders' });

const stepError = z.object({ code: z.string(), message: z.string() });

const RUNTIME_STATUSES = [
  'running',
  'pending',
  'suspended',
  'completed',
  'failed',
  'terminated',
] as const satisfies readonly SagaRuntimeStatus[];

const interventionState = z.object({
  number: z.int().min(1),
  kind: z.enum(INTERVENTION_KINDS),
  step: z.string(),
  undoes: z.string().nullable(),
  returnNumber: z.int().min(1).nullable(),
  code: z.string(),
  detailCode: z.string(),
  reason: z.string(),
  attempts: z.int().min(0),
  openedAt: time,
  claim: z.object({ by: z.string(), at: time }).nullable(),
  resolution: z
    .object({ how: z.enum(RESOLUTIONS), by: z.string(), at: time, note: z.string().nullable() })
    .nullable(),
}) satisfies z.ZodType<Intervention>;

export const sagaView = z
  .object({
    orderId: z.uuid(),
    status,
    mode: z
      .enum(['orchestration', 'choreography'])
      .meta({ description: 'How the saga runs: as the order began, whatever the setting says now' }),
    runtimeStatus: z
      .enum(RUNTIME_STATUSES)
      .nullable()
      .meta({ description: 'Of the orchestration; null when there is none: not started yet, or purged' }),
    customStatus: z.unknown().meta({ description: 'The last step that the orchestration has reported' }),
    cancelRequestedAt: time.nullable(),
    ...failure,
    definitionVersion: z.int().min(1).nullable(),
    currentStep: z.string().nullable(),
    completedSteps: z.array(z.string()),
    compensatedSteps: z.array(z.string()),
    failedStep: z.string().nullable(),
    reservationId: z.string().nullable(),
    transactionIds: z.array(z.string()),
    trackingId: z.string().nullable(),
    attempts: z.record(z.string(), z.int().min(0)).meta({ description: 'By step' }),
    lastErrors: z.record(z.string(), stepError).meta({ description: 'By step' }),
    compensations: z.array(
      z.object({
        step: z.string(),
        undoes: z.string(),
        at: time,
        attempts: z.int().min(0),
        outcome: z.enum(['done', 'failed']),
        error: stepError.nullable(),
      }),
    ),
    needsIntervention: z.boolean(),
    interventions: z.array(interventionState).optional().meta({
      description: 'What a person had or has to settle; left out where there was nothing',
    }),
    allowedActions: allowedActions(ORDER_ACTIONS).optional().meta({
      description: 'What may be done now, by whoever asks',
    }),
    approval: z
      .object({
        limit: amount,
        requestedAt: time,
        expiresAt: time.meta({ description: 'When the policy of the time-out answers' }),
        answer: z
          .object({
            kind: z.enum(['approved', 'rejected']),
            by: z.string().meta({ description: '`timeout` when nobody answered in time' }),
            at: time,
            reason: z.string().nullable(),
          })
          .nullable(),
      })
      .nullable()
      .meta({ description: 'Null when nobody was asked to approve the order' }),
  })
  .meta({ title: 'Saga', description: 'How far the saga of an order is' }) satisfies z.ZodType<SagaView>;

/** Left open, so that a new type of event breaks no reader of this document. */
const payload: z.ZodType<object> = z
  .looseObject({})
  .meta({ description: 'The payload; `GET /schemas/{type}` describes it' });

const auditedEvent = z
  .object({
    eventId: z.string(),
    type: z.string(),
    schemaVersion: z.int().min(1),
    orderId: z.uuid(),
    tenantId: z.string(),
    sequence: z.int().min(1),
    correlationId: z.string(),
    causationId: z.string().nullable(),
    actor: z.string(),
    occurredAt: time,
    traceparent: z.string(),
    key: z.string().nullable(),
    data: payload,
    actorKind: z.enum(['user', 'system', 'operator']),
    action: z.string().meta({ description: 'The type in words' }),
    statusBefore: status.nullable().meta({ description: 'Null before the first event' }),
    statusAfter: status,
  })
  .meta({ title: 'Event', description: 'An event of an order, and what became of the order' });

export const eventList = z.array(auditedEvent).meta({ title: 'Events' });
