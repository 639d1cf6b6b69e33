// Entries of the route table for what waits for a person: interventions, approvals, returns.
import { z } from 'zod';
import { RESOLUTIONS } from '../../domain/intervention-events';
import { INTERVENTION_KINDS } from '../../domain/interventions';
import { ORDER_STATUSES } from '../../domain/order-status';
import { label } from '../../fields';
import { INTERVENTION_ACTIONS } from '../../operations/intervention-actions';
import type { ApprovalInQueue, InterventionView, ReturnInQueue } from '../../queries/inbox-views';
import { numberText } from '../../validation';
import { allowedActions } from './allowed-actions';
import { cursor } from './cursor';
import { anOrder } from './order-examples';
import { aReturn, returnView } from './return-schemas';
import type { Route } from './route';

const time = z.iso.datetime();
const status = z.enum(ORDER_STATUSES as [(typeof ORDER_STATUSES)[number]]);
const page = z.object({ cursor, limit: numberText({ min: 1, max: 100 }).default(50) });
const ofOrder = { orderId: z.uuid(), customerId: z.string(), orderStatus: status, currency: z.string() };

const INTERVENTION_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[1-9]\d{0,5}$/;

const interventionId = z.object({
  interventionId: z
    .string()
    .max(100)
    .meta({ examples: [`${anOrder.id}.1`], description: '`<order id>.<number>`, as the list has it' }),
});

/** The parts of an intervention's id; undefined for what is none. */
export function interventionPlace(
  id: string,
): { readonly orderId: string; readonly number: number } | undefined {
  const [orderId = '', number] = id.split('.');
  return INTERVENTION_ID.test(id) ? { orderId, number: Number(number) } : undefined;
}

const interventionView = z
  .object({
    id: z.string(),
    ...ofOrder,
    number: z.int().min(1),
    kind: z.enum(INTERVENTION_KINDS).meta({
      description:
        '`compensation`: something could not be undone; `step`: a step past the point of no return; `saga`: nothing carries the order on; `return`: a step of a return',
    }),
    step: z.string(),
    undoes: z.string().nullable(),
    returnNumber: z.int().min(1).nullable(),
    code: z.string(),
    detailCode: z.string(),
    reason: z.string(),
    attempts: z.int().min(0),
    amount: z.number().min(0).nullable().meta({ description: 'What a refund would give back' }),
    openedAt: time,
    claimedBy: z.string().nullable(),
    claimedAt: time.nullable(),
    resolvedBy: z.string().nullable(),
    resolvedAt: time.nullable(),
    resolvedHow: z.enum(RESOLUTIONS).nullable(),
    note: z.string().nullable(),
    allowedActions: allowedActions(INTERVENTION_ACTIONS),
  })
  .meta({ title: 'Intervention', description: 'What a person has to settle' }) satisfies z.ZodType<
  InterventionView & { readonly allowedActions: unknown }
>;

const allowed = (action: (typeof INTERVENTION_ACTIONS)[number], why: string | null = null) => ({
  ...{ action, allowed: why === null, why },
});

const anIntervention: z.output<typeof interventionView> = {
  id: `${anOrder.id}.1`,
  orderId: anOrder.id,
  customerId: anOrder.customerId,
  orderStatus: 'failed',
  currency: 'USD',
  number: 1,
  kind: 'compensation',
  step: 'RefundPayment',
  undoes: 'ProcessPayment',
  returnNumber: null,
  code: 'COMPENSATION_FAILED',
  detailCode: 'SERVICE_ERROR',
  reason: 'the payment service refused the refund',
  attempts: 1,
  amount: 149.93,
  openedAt: '2026-11-21T10:28:16.000Z',
  claimedBy: null,
  claimedAt: null,
  resolvedBy: null,
  resolvedAt: null,
  resolvedHow: null,
  note: null,
  allowedActions: [
    allowed('claim'),
    allowed('release', 'nobody has claimed it'),
    allowed('retry'),
    allowed('resolve'),
    allowed('compensate', 'only an order that nothing carries on is compensated: try again'),
  ],
};

const reason = z
  .strictObject({ reason: label(500).meta({ description: 'In the events of the order' }) })
  .meta({ title: 'InterventionReason' });

const ListInterventions = {
  name: 'ListInterventions',
  method: 'GET',
  path: 'ops/interventions',
  meaning:
    'What a person has to settle, the newest orders first: open interventions, and who has claimed them',
  caller: 'reader',
  usesSagas: true,
  query: page.extend({
    limit: numberText({ min: 1, max: 100 }).default(50).meta({ description: 'Orders on a page' }),
  }),
  answers: {
    200: {
      when: 'A page of the list',
      schema: z.array(interventionView),
      example: [anIntervention],
      headers: ['Link'],
    },
  },
  problems: [],
} as const satisfies Route;

/** The entry of one of the acts, which differ in nothing but what they do. */
function actRoute<N extends string, A extends string>(name: N, action: A, meaning: string, example: string) {
  return {
    name,
    method: 'POST',
    path: `ops/interventions/{interventionId}/${action}`,
    meaning,
    caller: 'operator',
    usesSagas: true,
    params: interventionId,
    body: { schema: reason, examples: { reason: { reason: example } } },
    answers: {
      200: { when: 'It is done, and on record', schema: interventionView, example: anIntervention },
    },
    problems: [
      'INTERVENTION_CLAIMED',
      'INTERVENTION_CLOSED',
      'INTERVENTION_WRONG_KIND',
      'NOT_FOUND',
      'TASK_HUB_UNAVAILABLE',
    ],
  } as const satisfies Route;
}

const ListApprovals = {
  name: 'ListApprovals',
  method: 'GET',
  path: 'ops/approvals',
  meaning: 'Orders that wait for an approval, with what is left of the time',
  caller: 'reader',
  query: page,
  answers: {
    200: {
      when: 'A page of the list, the newest orders first',
      schema: z.array(
        z.object({
          ...ofOrder,
          totalAmount: z.number().min(0),
          limit: z.number().min(0),
          requestedAt: time,
          expiresAt: time,
          secondsLeft: z.int().min(0),
          whenUnanswered: z.enum(['approve', 'reject']),
          allowedActions: allowedActions(['approve', 'reject'] as const),
        }) satisfies z.ZodType<ApprovalInQueue & { readonly allowedActions: unknown }>,
      ),
      example: [
        {
          ...{ orderId: anOrder.id, customerId: 'cust-1', orderStatus: 'awaitingApproval', currency: 'USD' },
          ...{ totalAmount: 2_500, limit: 1_000, secondsLeft: 3_540, whenUnanswered: 'reject' },
          requestedAt: '2026-11-21T10:28:15.203Z',
          expiresAt: '2026-11-21T11:28:15.203Z',
          allowedActions: ['approve', 'reject'].map((action) => ({ action, allowed: true, why: null })),
        },
      ],
      headers: ['Link'],
    },
  },
  problems: [],
} as const satisfies Route;

const ListReturns = {
  name: 'ListReturns',
  method: 'GET',
  path: 'ops/returns',
  meaning: 'Returns that have not ended, and what each waits for: its parcel, or an inspection',
  caller: 'reader',
  query: page,
  answers: {
    200: {
      when: 'A page of the list, by order id',
      schema: z.array(
        returnView.extend({
          customerId: z.string(),
          waitsFor: z.enum(['parcel', 'inspection']).nullable(),
        }) satisfies z.ZodType<ReturnInQueue>,
      ),
      example: [{ ...aReturn, customerId: 'cust-1', waitsFor: 'parcel' }],
      headers: ['Link'],
    },
  },
  problems: [],
} as const satisfies Route;

export const INBOX_ROUTES = {
  ListInterventions,
  ClaimIntervention: actRoute(
    'ClaimIntervention',
    'claim',
    'Take an intervention on: nobody else acts on it until it is released',
    'I look into it',
  ),
  ReleaseIntervention: actRoute(
    'ReleaseIntervention',
    'release',
    'Make it anybody’s again, also where another operator has claimed it',
    'off duty',
  ),
  RetryIntervention: actRoute(
    'RetryIntervention',
    'retry',
    'Try again what failed, and only that: the refund, the step, the return',
    'the payment service is well again',
  ),
  ResolveIntervention: actRoute(
    'ResolveIntervention',
    'resolve',
    'Close it by a note: what was to be done is settled outside',
    'paid back by bank transfer',
  ),
  ListApprovals,
  ListReturns,
} as const;
