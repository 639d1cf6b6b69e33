// Entries of the route table for operators: dead letters, and what operators have done.
import { z } from 'zod';
import { label } from '../../fields';
import { LETTER_ACTIONS, type LetterGroup, type RedrivenLetter } from '../../operations/dead-letters';
import type { OperatorAct } from '../../ports/audit';
import type { ParkedDocument } from '../../ports/parking';
import { numberText } from '../../validation';
import { allowedActions } from './allowed-actions';
import { cursor } from './cursor';
import { anOrder, anOrderBody } from './order-examples';
import type { Route } from './route';

/** By what their messages are; their names are settings. */
export const LETTER_QUEUES = ['orders', 'customer-notifications'] as const;

const queue = z.enum(LETTER_QUEUES).default('orders').meta({ description: 'Whose dead letters' });
const sequenceNumber = z.string().regex(/^\d{1,19}$/, 'must be the sequence number of a letter');
const time = z.iso.datetime();
const cause = z.string().max(1_000).meta({ description: 'As a group has it' });

const letter = z
  .object({
    sequenceNumber,
    messageId: z.string(),
    enqueuedAt: time,
    deliveryCount: z.int().min(0),
    reason: z.string(),
    description: z.string(),
    cause,
    redriveCount: z.int().min(0).meta({ description: 'How often it was sent back to its queue before' }),
    body: z.string().meta({
      description: 'As JSON text, its personal fields as [redacted], and so the whole where it is no JSON',
    }),
    allowedActions: allowedActions(LETTER_ACTIONS),
  })
  .meta({ title: 'DeadLetter' });

const aLetter = {
  sequenceNumber: '17',
  messageId: 'from-the-shop-17',
  enqueuedAt: '2026-11-21T10:28:15.203Z',
  deliveryCount: 1,
  reason: 'ValidationFailed',
  description: 'customerId: must be given',
  cause: 'ValidationFailed: customerId: must be given',
  redriveCount: 0,
  body: '{"items":[]}',
  allowedActions: LETTER_ACTIONS.map((action) => ({ action, allowed: true, why: null })),
};

const ListDeadLetters = {
  name: 'ListDeadLetters',
  method: 'GET',
  path: 'ops/dead-letters',
  meaning: 'Messages that a queue has given up, oldest first',
  caller: 'operator',
  query: z.object({ queue, cursor, limit: numberText({ min: 1, max: 200 }).default(50) }),
  answers: {
    200: { when: 'A page of the list', schema: z.array(letter), example: [aLetter], headers: ['Link'] },
  },
  problems: ['BROKER_UNAVAILABLE'],
} as const satisfies Route;

const group = z.object({
  cause,
  count: z.int().min(1),
  firstAt: time,
  lastAt: time,
  example: sequenceNumber,
}) satisfies z.ZodType<LetterGroup>;

const GroupDeadLetters = {
  name: 'GroupDeadLetters',
  method: 'GET',
  path: 'ops/dead-letters/groups',
  meaning: 'Dead letters by cause, the largest group first',
  caller: 'operator',
  query: z.object({ queue }),
  answers: {
    200: {
      when: 'The groups',
      schema: z.array(group),
      example: [
        {
          cause: aLetter.cause,
          count: 3,
          firstAt: aLetter.enqueuedAt,
          lastAt: aLetter.enqueuedAt,
          example: '17',
        },
      ],
    },
  },
  problems: ['BROKER_UNAVAILABLE'],
} as const satisfies Route;

const RedriveDeadLetters = {
  name: 'RedriveDeadLetters',
  method: 'POST',
  path: 'ops/dead-letters/redrive',
  meaning: 'Send dead letters back to their queue: some, a group or all of them, or one with another body',
  caller: 'operator',
  body: {
    schema: z
      .strictObject({
        queue,
        sequenceNumbers: z.array(sequenceNumber).min(1).max(500).optional(),
        cause: cause.optional(),
        all: z.literal(true).optional().meta({ description: 'Needed where nothing else says which' }),
        body: z.looseObject({}).optional().meta({
          description:
            'In the place of the body of one letter; [redacted] where it stood keeps what the letter has there',
        }),
        reason: label(500).meta({ description: 'For the audit trail, in plain text: name no person' }),
        dryRun: z.boolean().default(false).meta({ description: 'Only say what would be done' }),
      })
      .refine(
        ({ sequenceNumbers, cause: of, all }) =>
          sequenceNumbers !== undefined || of !== undefined || all === true,
        { path: ['sequenceNumbers'], message: 'must say which letters, unless `cause` or `all` does' },
      )
      .meta({ title: 'Redrive' }),
    examples: {
      'a group, only counted': { cause: aLetter.cause, reason: 'the shop sends it right now', dryRun: true },
      'one, mended': {
        sequenceNumbers: ['17'],
        body: anOrderBody.minimal,
        reason: 'the customer was missing',
      },
    },
  },
  answers: {
    200: {
      when: 'What came of each letter',
      schema: z.array(
        z.object({
          sequenceNumber,
          messageId: z.string(),
          outcome: z.enum(['moved', 'wouldMove', 'tooOften', 'gone']),
          orderId: z.uuid().nullable().meta({
            description: 'The order that it becomes if it is taken; null for a message that is none',
          }),
        }) satisfies z.ZodType<RedrivenLetter>,
      ),
      example: [
        { sequenceNumber: '17', messageId: aLetter.messageId, outcome: 'moved', orderId: anOrder.id },
      ],
    },
  },
  problems: ['BROKER_UNAVAILABLE'],
} as const satisfies Route;

const ListOperatorActs = {
  name: 'ListOperatorActs',
  method: 'GET',
  path: 'ops/acts',
  meaning: 'What operators have done that is in no order’s events, newest first',
  caller: 'operator',
  query: z.object({ limit: numberText({ min: 1, max: 200 }).default(50) }),
  answers: {
    200: {
      when: 'The acts',
      schema: z.array(
        z.object({
          id: z.string(),
          subject: z.string(),
          at: time,
          actor: z.string(),
          action: z.string(),
          reason: z.string(),
          before: z.string().nullable(),
          after: z.string().nullable(),
        }) satisfies z.ZodType<OperatorAct>,
      ),
      example: [
        {
          id: 'orders:ZnJvbS10aGUtc2hvcC0xNw:1',
          subject: 'dead-letters:orders',
          at: '2026-11-21T10:30:00.000Z',
          actor: 'operator',
          action: 'redrive',
          reason: 'the shop sends it right now',
          before: '{"items":[]}',
          after: null,
        },
      ],
    },
  },
  problems: [],
} as const satisfies Route;

const ListParked = {
  name: 'ListParked',
  method: 'GET',
  path: 'ops/parked',
  meaning: 'Events and changes that could not be processed, newest first',
  caller: 'operator',
  query: z.object({ limit: numberText({ min: 1, max: 200 }).default(50) }),
  answers: {
    200: {
      when: 'The list',
      schema: z.array(
        z
          .object({
            source: z.string().meta({ description: 'Who could not process it' }),
            reason: z.string(),
            parkedAt: time,
            text: z.string().meta({ description: 'As JSON; only its beginning where it was too large' }),
          })
          .meta({ title: 'ParkedDocument' }),
      ) satisfies z.ZodType<readonly ParkedDocument[]>,
      example: [
        {
          source: 'RelayEvents',
          reason: 'invalid: data is required',
          parkedAt: '2026-11-21T10:28:15.203Z',
          text: '{"kind":"event"}',
        },
      ],
    },
  },
  problems: ['KEY_MISSING', 'VAULT_UNAVAILABLE'],
} as const satisfies Route;

export const DEAD_LETTER_ROUTES = {
  ListDeadLetters,
  GroupDeadLetters,
  RedriveDeadLetters,
  ListOperatorActs,
  ListParked,
} as const;
