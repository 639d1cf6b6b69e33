// Entries of the route table for operators: sagas, replays, rebuilds.
import { z } from 'zod';
import { ORDER_STATUSES } from '../../domain/order-status';
import { orderEvents } from '../../events/catalogue';
import { isSpan, label, moment, NO_SPAN, pathId } from '../../fields';
import type { Replayed } from '../../operations/replay';
import { SAGA_ACTIONS, type SagaAction } from '../../operations/control-saga';
import { REBUILDABLE } from '../../projections/rebuild';
import { PRESETS } from '../../queries/list-presets';
import { numberText } from '../../validation';
import { cursor } from './cursor';
import { anOrder, anOrderInAList } from './order-examples';
import { orderList } from './order-schemas';
import type { Route } from './route';

const orderId = z.object({ id: pathId.meta({ examples: [anOrder.id], description: 'The id of an order' }) });
const reason = z
  .strictObject({
    reason: label(500).meta({ description: 'For the audit trail, in plain text: name no person' }),
  })
  .meta({ title: 'Reason' });
const count = z.int().min(0);

const controlled = z
  .object({
    orderId: z.uuid(),
    action: z.enum(SAGA_ACTIONS),
    meaning: z.string().meta({ description: 'What follows, for people to read' }),
  })
  .meta({ title: 'ControlledSaga' });

/** The entry of one of the actions, which differ in nothing but what they do. */
function sagaRoute<N extends string, A extends SagaAction>(
  name: N,
  action: A,
  meaning: string,
  example: string,
) {
  return {
    name,
    method: 'POST',
    path: `ops/orders/{id}/${action}`,
    meaning,
    caller: 'operator',
    usesSagas: true,
    params: orderId,
    body: { schema: reason, examples: { reason: { reason: example } } },
    answers: {
      202: {
        when: 'The task hub has it on record; the saga takes it up a moment later',
        schema: controlled,
        example: { orderId: anOrder.id, action, meaning: 'The saga goes on where it stood.' },
        headers: ['Location'],
      },
    },
    problems: ['NOT_FOUND', 'SAGA_CHOREOGRAPHED', 'SAGA_WRONG_STATUS', 'TASK_HUB_UNAVAILABLE'],
  } as const satisfies Route;
}

const CompensateOrder = {
  name: 'CompensateOrder',
  method: 'POST',
  path: 'ops/orders/{id}/compensate',
  meaning: 'Undo an order that nothing carries on any more, or try failed compensations again',
  caller: 'operator',
  usesSagas: true,
  params: orderId,
  body: { schema: reason, examples: { reason: { reason: 'its saga is lost' } } },
  answers: {
    202: {
      when: 'The order goes back, or has gone back',
      schema: z.object({
        orderId: z.uuid(),
        action: z.literal('compensate'),
        status: z.enum(ORDER_STATUSES as [(typeof ORDER_STATUSES)[number]]),
        notUndone: z.array(z.string()).meta({ description: 'Steps that a service has not undone so far' }),
        meaning: z.string().meta({ description: 'What follows, for people to read' }),
      }),
      example: {
        orderId: anOrder.id,
        action: 'compensate',
        status: 'failed',
        notUndone: [],
        meaning: 'The order goes back and ends without success.',
      },
      headers: ['Location'],
    },
  },
  problems: ['CANNOT_COMPENSATE', 'NOT_FOUND', 'TASK_HUB_UNAVAILABLE'],
} as const satisfies Route;

const ListOrders = {
  name: 'ListOrders',
  method: 'GET',
  path: 'ops/orders',
  meaning: 'The orders of all customers, newest first',
  caller: 'reader',
  query: z
    .object({
      cursor,
      limit: numberText({ min: 1, max: 100 }).default(50),
      status: z.enum(ORDER_STATUSES as [(typeof ORDER_STATUSES)[number]]).optional(),
      show: z.enum(PRESETS).optional().meta({
        description:
          '`inFlight`: not ended; `needsPerson`: an operator has to look; `stuck`: in flight, nobody is asked, and no event for 10 minutes',
      }),
      customerId: pathId.optional(),
      from: moment.optional(),
      to: moment.optional(),
    })
    .refine(isSpan, NO_SPAN),
  answers: {
    200: {
      when: 'A page of the list',
      schema: orderList,
      example: [anOrderInAList],
      headers: ['Link'],
    },
  },
  problems: [],
} as const satisfies Route;

const ReplayEvents = {
  name: 'ReplayEvents',
  method: 'POST',
  path: 'ops/replay',
  meaning: 'Feed stored events to the read models once more',
  caller: 'operator',
  body: {
    schema: z.strictObject({
      type: z
        .string()
        .refine((type) => orderEvents.versionsOf(type) !== undefined, 'is not the type of an order event')
        .optional()
        .meta({ description: 'Of order events; all types unless given' }),
      from: moment.optional().meta({ description: 'From the first event on unless given' }),
      dryRun: z.boolean().default(false).meta({ description: 'Only count' }),
    }),
    examples: {
      everything: {},
      'dry run': { type: 'OrderFailed', from: '2026-01-31T12:00:00Z', dryRun: true },
    },
  },
  answers: {
    200: {
      when: 'It is done',
      schema: z.object({
        matched: count,
        unreadable: count.meta({ description: 'How many of them this release cannot read' }),
        projections: z.array(z.string()),
        tooOld: z.record(z.string(), count).meta({ description: 'By projection: how many it was not fed' }),
        untilIso: z.iso.datetime(),
        dryRun: z.boolean(),
      }) satisfies z.ZodType<Replayed>,
      example: {
        matched: 12,
        unreadable: 0,
        projections: ['customer-orders', 'daily-stats'],
        tooOld: { 'customer-orders': 0, 'daily-stats': 0 },
        untilIso: '2026-11-21T10:28:15.203Z',
        dryRun: true,
      },
    },
  },
  problems: ['FEED_HELD'],
} as const satisfies Route;

const RebuildProjection = {
  name: 'RebuildProjection',
  method: 'POST',
  path: 'ops/projections/{name}/rebuild',
  meaning: 'Build a read model anew from the events',
  caller: 'operator',
  params: z.object({
    name: z.string().meta({ examples: [REBUILDABLE[0]], description: `One of ${REBUILDABLE.join(', ')}` }),
  }),
  answers: {
    200: {
      when: 'It is done',
      schema: z.object({
        projection: z.enum(REBUILDABLE),
        orders: count,
        events: count,
        durationMs: count,
      }),
      example: { projection: 'customer-orders', orders: 120, events: 840, durationMs: 1_250 },
    },
  },
  problems: ['FEED_HELD', 'NOT_FOUND'],
} as const satisfies Route;

export const OPERATOR_ROUTES = {
  ListOrders,
  SuspendSaga: sagaRoute(
    'SuspendSaga',
    'suspend',
    'The saga takes no further step until it is resumed',
    'a recall',
  ),
  ResumeSaga: sagaRoute('ResumeSaga', 'resume', 'A suspended saga goes on', 'the recall is over'),
  TerminateSaga: sagaRoute(
    'TerminateSaga',
    'terminate',
    'The saga ends where it stands; **nothing is compensated**, the order is marked for an operator',
    'settled by hand',
  ),
  CompensateOrder,
  ReplayEvents,
  RebuildProjection,
} as const;
