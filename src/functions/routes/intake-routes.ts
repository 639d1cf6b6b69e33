// Entries of the route table for operators who pause the intake of orders, and look after those that make no progress.
import { z } from 'zod';
import { ORDER_STATUSES } from '../../domain/order-status';
import { label, pathId } from '../../fields';
import { INTAKE_ACTIONS } from '../../operations/intake';
import { STUCK_REASONS } from '../../operations/stuck-orders';
import { numberText } from '../../validation';
import { ORDER_ACTIONS } from '../../commands/order-actions';
import { allowedActions } from './allowed-actions';
import { cursor } from './cursor';
import { anOrder } from './order-examples';
import type { Route } from './route';

const time = z.iso.datetime();
const status = z.enum(ORDER_STATUSES as [(typeof ORDER_STATUSES)[number]]);
const reason = z
  .strictObject({ reason: label(500).meta({ description: 'For the audit trail' }) })
  .meta({ title: 'IntakeReason' });

const intake = z
  .object({
    paused: z.boolean(),
    by: z.string().nullable().meta({ description: 'Who changed it last; null where it was never paused' }),
    at: time.nullable(),
    reason: z.string().nullable(),
    seenWithinSeconds: z.int().min(0).meta({ description: 'Within which time every host has seen a change' }),
    allowedActions: allowedActions(INTAKE_ACTIONS),
  })
  .meta({ title: 'Intake', description: 'Whether orders are taken' });

const paused: z.output<typeof intake> = {
  ...{ paused: true, by: 'operator:ann', at: '2026-11-21T10:28:15.203Z', reason: 'the warehouse moves' },
  seenWithinSeconds: 2,
  allowedActions: [
    {
      action: 'pause',
      allowed: false,
      why: 'operator:ann has paused intake at 2026-11-21T10:28:15.203Z',
    },
    { action: 'resume', allowed: true, why: null },
  ],
};

const GetIntake = {
  name: 'GetIntake',
  method: 'GET',
  path: 'ops/intake',
  meaning: 'Whether orders are taken',
  caller: 'operator',
  answers: { 200: { when: 'As it is', schema: intake, example: paused } },
  problems: [],
} as const satisfies Route;

const PauseIntake = {
  name: 'PauseIntake',
  method: 'POST',
  path: 'ops/intake/pause',
  meaning:
    'Take no orders until it is resumed: a POST gets a 503, messages wait in the queue, and sagas go on',
  caller: 'operator',
  body: { schema: reason, examples: { reason: { reason: 'the warehouse moves' } } },
  answers: { 200: { when: 'It is paused', schema: intake, example: paused } },
  problems: ['INTAKE_WRONG_STATE'],
} as const satisfies Route;

const ResumeIntake = {
  name: 'ResumeIntake',
  method: 'POST',
  path: 'ops/intake/resume',
  meaning: 'Take orders again; the messages that wait are taken within twelve seconds',
  caller: 'operator',
  body: { schema: reason, examples: { reason: { reason: 'the warehouse has moved' } } },
  answers: {
    200: {
      when: 'Orders are taken',
      schema: intake,
      example: {
        ...{ ...paused, paused: false, reason: 'the warehouse has moved' },
        allowedActions: [
          { action: 'pause', allowed: true, why: null },
          {
            action: 'resume',
            allowed: false,
            why: 'operator:ann has resumed intake at 2026-11-21T10:28:15.203Z',
          },
        ],
      },
    },
  },
  problems: ['INTAKE_WRONG_STATE'],
} as const satisfies Route;

const ListStuckOrders = {
  name: 'ListStuckOrders',
  method: 'GET',
  path: 'ops/stuck',
  meaning: 'Orders that make no progress for `StuckAfterMinutes`, each with the reason that can be seen',
  caller: 'reader',
  usesSagas: true,
  query: z.object({ cursor, limit: numberText({ min: 1, max: 100 }).default(50) }),
  answers: {
    200: {
      when: 'A page of the list, by order id',
      schema: z.array(
        z.object({
          orderId: z.uuid(),
          customerId: z.string(),
          status,
          step: z.string().nullable(),
          since: time.meta({ description: 'Of its last event' }),
          minutes: z.int().min(0),
          reason: z.enum(STUCK_REASONS),
          detail: z.string().meta({ description: 'For people to read' }),
          allowedActions: allowedActions(ORDER_ACTIONS),
        }),
      ),
      example: [
        {
          ...{
            orderId: anOrder.id,
            customerId: 'cust-1',
            status: 'inventoryReserved',
            step: 'ProcessPayment',
          },
          ...{ since: '2026-11-21T10:28:15.203Z', minutes: 42, reason: 'stepUnderWay' },
          detail: 'ProcessPayment is called, or waits for its next attempt: its service is slow or away',
          allowedActions: [{ action: 'repair', allowed: true, why: null }],
        },
      ],
      headers: ['Link'],
    },
  },
  problems: [],
} as const satisfies Route;

const RepairOrder = {
  name: 'RepairOrder',
  method: 'POST',
  path: 'ops/orders/{id}/repair',
  meaning:
    'Do at once what the reconciler would do for it: start a saga that is missing, signal it again, or bring it to its end',
  caller: 'operator',
  usesSagas: true,
  params: z.object({ id: pathId.meta({ examples: [anOrder.id], description: 'The id of an order' }) }),
  body: { schema: reason, examples: { reason: { reason: 'it hangs since the deployment' } } },
  answers: {
    200: {
      when: 'It was looked after once',
      schema: z.object({
        orderId: z.uuid(),
        result: z.enum(['started', 'signalled', 'repaired', 'nothing']).meta({
          description: '`nothing`: its saga is alive, and nothing was there to be told',
        }),
        status,
      }),
      example: { orderId: anOrder.id, result: 'started', status: 'processing' },
    },
  },
  problems: ['CANNOT_REPAIR', 'NOT_FOUND', 'TASK_HUB_UNAVAILABLE'],
} as const satisfies Route;

export const INTAKE_ROUTES = { GetIntake, PauseIntake, ResumeIntake, ListStuckOrders, RepairOrder } as const;
