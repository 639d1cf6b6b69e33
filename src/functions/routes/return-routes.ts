// Entries of the route table for returns: request, look at, cancel; and for operators: received, inspected, tried again.
import { z } from 'zod';
import { isIdempotencyKey } from '../../commands/place-order';
import { MAX_RETURNS } from '../../domain/return-rules';
import { label, pathId } from '../../fields';
import { numberText } from '../../validation';
import { anOrder } from './order-examples';
import {
  aClosedReturn,
  anInspectionBody,
  aReturn,
  aReturnBody,
  inspectionBody,
  returnBody,
  returnView,
} from './return-schemas';
import { STORED_BODY_BYTES, type Route } from './route';

const orderId = z.object({ id: pathId.meta({ examples: [anOrder.id], description: 'The id of an order' }) });
const oneReturn = orderId.extend({
  number: numberText({ min: 1, max: MAX_RETURNS }).meta({
    examples: ['1'],
    description: 'The number of a return of the order',
  }),
});

const RequestReturn = {
  name: 'RequestReturn',
  method: 'POST',
  path: 'orders/{id}/returns',
  meaning: 'Return items of a completed order',
  caller: 'customer',
  usesSagas: true,
  params: orderId,
  headers: z.object({
    'Idempotency-Key': z
      .string()
      .refine(isIdempotencyKey, 'must have 1 to 128 printable ASCII characters')
      .optional()
      .meta({ minLength: 1, maxLength: 128, description: 'One key makes one return of the order' }),
  }),
  body: { schema: returnBody, maxBytes: STORED_BODY_BYTES, examples: { 'one lamp': aReturnBody } },
  answers: {
    202: {
      when: 'It is stored; once it is authorised, the parcel is waited for',
      schema: returnView,
      example: { ...aReturn, status: 'requested', parcelDueAt: null, completedSteps: [] },
      headers: ['Location'],
    },
  },
  problems: ['CANNOT_RETURN', 'IDEMPOTENCY_KEY_REUSED', 'NOT_FOUND', 'RETURN_EXCEEDS_ORDER'],
} as const satisfies Route;

const GetReturn = {
  name: 'GetReturn',
  method: 'GET',
  path: 'orders/{id}/returns/{number}',
  meaning: 'The return',
  caller: 'customer',
  params: oneReturn,
  answers: { 200: { when: 'The return as it is', schema: returnView, example: aClosedReturn } },
  problems: ['NOT_FOUND'],
} as const satisfies Route;

const CancelReturn = {
  name: 'CancelReturn',
  method: 'POST',
  path: 'orders/{id}/returns/{number}/cancel',
  meaning: 'Cancel it: until the inspection has accepted something',
  caller: 'customer',
  usesSagas: true,
  params: oneReturn,
  answers: {
    202: {
      when: 'It is cancelled',
      schema: returnView,
      example: { ...aReturn, status: 'rejected', failureCode: 'RETURN_REJECTED' },
      headers: ['Location'],
    },
  },
  problems: ['NOT_FOUND', 'RETURN_WRONG_STATUS'],
} as const satisfies Route;

const ReceiveReturn = {
  name: 'ReceiveReturn',
  method: 'POST',
  path: 'orders/{id}/returns/{number}/received',
  meaning: 'The parcel of a return has come',
  caller: 'operator',
  usesSagas: true,
  params: oneReturn,
  answers: {
    202: {
      when: 'It is recorded; a parcel that came after the return was rejected needs an operator',
      schema: returnView,
      example: { ...aReturn, status: 'received', receivedAt: '2026-11-25T09:00:00.000Z' },
      headers: ['Location'],
    },
  },
  problems: ['NOT_FOUND', 'RETURN_WRONG_STATUS'],
} as const satisfies Route;

const RecordInspection = {
  name: 'RecordInspection',
  method: 'POST',
  path: 'orders/{id}/returns/{number}/inspection',
  meaning: 'What was found in the parcel: it fixes what is given back',
  caller: 'operator',
  usesSagas: true,
  params: oneReturn,
  body: {
    schema: inspectionBody,
    maxBytes: STORED_BODY_BYTES,
    examples: { 'all well': anInspectionBody },
  },
  answers: {
    202: {
      when: 'It is recorded: the accepted pieces are refunded, and the undamaged ones go back on the shelf',
      schema: returnView,
      example: { ...aClosedReturn, status: 'inspected', endedAt: null },
      headers: ['Location'],
    },
  },
  problems: ['NOT_FOUND', 'RETURN_WRONG_STATUS'],
} as const satisfies Route;

const RetryReturn = {
  name: 'RetryReturn',
  method: 'POST',
  path: 'orders/{id}/returns/{number}/retry',
  meaning: 'Try the refund and the restocking of a return again that were given up',
  caller: 'operator',
  usesSagas: true,
  params: oneReturn,
  body: {
    schema: z
      .strictObject({
        reason: label(500).meta({ description: 'For the log, in plain text: name no person' }),
      })
      .meta({ title: 'RetryReason' }),
    examples: { reason: { reason: 'the bank takes refunds again' } },
  },
  answers: {
    202: {
      when: 'It was tried; the return shows what came of it',
      schema: returnView,
      example: aClosedReturn,
      headers: ['Location'],
    },
  },
  problems: ['NOT_FOUND', 'RETURN_WRONG_STATUS', 'TASK_HUB_UNAVAILABLE'],
} as const satisfies Route;

export const RETURN_ROUTES = {
  RequestReturn,
  GetReturn,
  CancelReturn,
  ReceiveReturn,
  RecordInspection,
  RetryReturn,
} as const;
