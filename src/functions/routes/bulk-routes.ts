// Entries of the route table for operators: bulk operations.
import { z } from 'zod';
import { BULK_ACTS } from '../../domain/bulk';
import { ORDER_STATUSES } from '../../domain/order-status';
import { isSpan, label, moment, NO_SPAN, pathId } from '../../fields';
import { numberText } from '../../validation';
import { anOrder } from './order-examples';
import type { Route } from './route';

const count = z.int().min(0);
const time = z.iso.datetime();
const reason = label(500).meta({ description: 'For the audit trail' });
const act = z.enum(BULK_ACTS).meta({
  description:
    '`cancel`: as a customer does; `compensate`: undo what nothing carries on any more, or try failed compensations again; `restart`: a saga that failed or was terminated begins again; `purge`: the durable history of an ended order is archived now',
});

const filter = z
  .strictObject({
    status: z.enum(ORDER_STATUSES as [(typeof ORDER_STATUSES)[number]]).optional(),
    show: z
      .enum(['inFlight', 'needsPerson'])
      .optional()
      .meta({ description: '`inFlight`: not ended; `needsPerson`: an operator has to look' }),
    customerId: pathId.optional(),
    from: moment.optional().meta({ description: 'Placed then or later' }),
    to: moment.optional().meta({ description: 'Placed before' }),
    all: z.literal(true).optional().meta({ description: 'Needed where nothing else says which' }),
  })
  .refine((given) => Object.values(given).some((value) => value !== undefined), {
    error: 'must say which orders, or `all`',
  })
  .refine(isSpan, NO_SPAN)
  .meta({ title: 'BulkFilter' });

const bulk = z
  .object({
    id: z.uuid(),
    act,
    state: z.enum(['running', 'stopping', 'stopped', 'completed']),
    cutOff: time.meta({ description: 'Orders that were placed then or later are not touched' }),
    matched: count.meta({ description: 'How many orders there were at the start' }),
    isAtLeast: z.boolean().meta({ description: 'Whether there may have been more: counting ends at 10,000' }),
    done: count,
    refused: count.meta({ description: 'Orders that do not allow the act' }),
    failed: count.meta({ description: 'Orders with which something went wrong' }),
    remaining: count.nullable().meta({ description: 'Null while it is not known' }),
    operator: z.string(),
    reason: z.string(),
    stopRequestedBy: z.string().nullable(),
    startedAt: time,
    endedAt: time.nullable(),
  })
  .meta({ title: 'BulkOperation' });

const problems = z.array(
  z.object({ orderId: z.string(), kind: z.enum(['refused', 'failed']), why: z.string() }),
);

const cutOff = '2026-11-21T10:28:15.203Z';
const aBulk = {
  ...{ id: '0f1d7f6e-8c1b-4c59-9d4e-2a6d8f4b7c11', act: 'cancel', state: 'running' },
  ...{ cutOff, matched: 240, isAtLeast: false, done: 38, refused: 2, failed: 0, remaining: 200 },
  ...{ operator: 'operator', reason: 'the product was recalled', stopRequestedBy: null },
  ...{ startedAt: cutOff, endedAt: null },
} as const;

const bulkId = z.object({
  id: pathId.meta({ examples: [aBulk.id], description: 'The id of a bulk operation' }),
});

const StartBulk = {
  name: 'StartBulk',
  method: 'POST',
  path: 'ops/bulk',
  meaning: 'Count the orders that a filter selects, or act on all of them',
  caller: 'operator',
  usesSagas: true,
  headers: z.object({
    'idempotency-key': z
      .string()
      .regex(/^[\x20-\x7e]{1,128}$/, 'must have 1 to 128 printable ASCII characters')
      .optional()
      .meta({ description: 'Starting twice with one key is starting once' }),
  }),
  body: {
    schema: z.strictObject({
      act,
      filter,
      cutOff: moment.optional().meta({ description: 'As a dry run told it; now unless given, or if later' }),
      reason,
      dryRun: z.boolean().default(false).meta({ description: 'Only count' }),
    }),
    examples: {
      'dry run': { act: 'cancel', filter: { show: 'inFlight' }, reason: 'a recall', dryRun: true },
      'one customer': { act: 'cancel', filter: { customerId: 'nobody' }, reason: 'fraud' },
    },
  },
  answers: {
    200: {
      when: 'It was a dry run',
      schema: z.object({
        matched: count,
        isAtLeast: z.boolean(),
        cutOff: time,
        examples: z.array(z.string()).meta({ description: 'The ids of some of them, the newest first' }),
      }),
      example: { matched: 240, isAtLeast: false, cutOff, examples: [anOrder.id] },
    },
    202: { when: 'It has started', schema: bulk, example: aBulk, headers: ['Location'] },
  },
  problems: ['TASK_HUB_UNAVAILABLE'],
} as const satisfies Route;

const ListBulk = {
  name: 'ListBulk',
  method: 'GET',
  path: 'ops/bulk',
  meaning: 'Bulk operations, the newest first',
  caller: 'operator',
  query: z.object({ limit: numberText({ min: 1, max: 100 }).default(20) }),
  answers: { 200: { when: 'The newest of them', schema: z.array(bulk), example: [aBulk] } },
  problems: [],
} as const satisfies Route;

const GetBulk = {
  name: 'GetBulk',
  method: 'GET',
  path: 'ops/bulk/{id}',
  meaning: 'How far a bulk operation is, and the first orders that were not acted on',
  caller: 'operator',
  params: bulkId,
  answers: {
    200: {
      when: 'The operation as it is',
      schema: bulk.extend({ problems: problems.meta({ description: 'At most 100' }) }),
      example: {
        ...aBulk,
        problems: [{ orderId: anOrder.id, kind: 'refused', why: 'the order is completed' }],
      },
    },
  },
  problems: ['NOT_FOUND'],
} as const satisfies Route;

const StopBulk = {
  name: 'StopBulk',
  method: 'POST',
  path: 'ops/bulk/{id}/stop',
  meaning: 'Stop a bulk operation before its next page; what is done stays done',
  caller: 'operator',
  params: bulkId,
  body: { schema: z.strictObject({ reason }), examples: { reason: { reason: 'the wrong filter' } } },
  answers: {
    202: { when: 'It stops, or has ended', schema: bulk, example: { ...aBulk, state: 'stopping' } },
  },
  problems: ['NOT_FOUND'],
} as const satisfies Route;

export const BULK_ROUTES = { StartBulk, ListBulk, GetBulk, StopBulk } as const;
