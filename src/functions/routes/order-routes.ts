// Entries of the route table for orders: place, look at, list, cancel.
import { z } from 'zod';
import { orderBody, tooManyLines } from '../../commands/order-request';
import { isIdempotencyKey } from '../../commands/place-order';
import { ORDER_STATUSES } from '../../domain/order-status';
import { isSpan, moment, NO_SPAN, pathId } from '../../fields';
import { numberText } from '../../validation';
import { cursor } from './cursor';
import {
  anEvent,
  anOrder,
  anOrderBody,
  anOrderInAList,
  anOrderWithDetails,
  aSaga,
  aStartedOrder,
} from './order-examples';
import { eventList, orderDetails, orderList, orderView, sagaView } from './order-schemas';
import { STORED_BODY_BYTES, type Route } from './route';

const MAX_WAIT_SECONDS = 60;
const MAX_LISTED = 100;
/** What a client may ask of one answer; an order seldom has more than 20 events. */
const MAX_EVENTS = 1_000;

/** The form of `minVersion`: an order id and a version. */
export const MIN_VERSION = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([1-9]\d{0,8})$/;

const orderId = z.object({ id: pathId.meta({ examples: [anOrder.id], description: 'The id of an order' }) });

const CreateOrder = {
  name: 'CreateOrder',
  method: 'POST',
  path: 'orders',
  meaning: 'Place an order',
  caller: 'customer',
  usesSagas: true,
  query: z.object({
    wait: numberText({ min: 1, max: MAX_WAIT_SECONDS })
      .optional()
      .meta({ description: 'Answer when the order has ended, at most so many seconds later' }),
  }),
  headers: z.object({
    'Idempotency-Key': z
      .string()
      .refine(isIdempotencyKey, 'must have 1 to 128 printable ASCII characters')
      .optional()
      .meta({ minLength: 1, maxLength: 128, description: 'One key makes one order' }),
  }),
  body: {
    schema: orderBody.meta({ title: 'NewOrder', description: 'An order to be placed' }),
    maxBytes: STORED_BODY_BYTES,
    tooLarge: tooManyLines,
    examples: { minimal: anOrderBody.minimal, full: anOrderBody.full },
  },
  answers: {
    200: {
      when: 'It has ended: with `wait`, or posted again under its key',
      schema: orderView,
      example: anOrder,
      headers: ['Location'],
    },
    202: {
      when: 'It is stored, and its saga has begun or begins at `notBefore`',
      schema: orderView,
      example: aStartedOrder,
      headers: ['Location'],
    },
  },
  problems: [
    'IDEMPOTENCY_KEY_REUSED',
    'INTAKE_PAUSED',
    'NOT_FOUND',
    'ORDER_TOO_LARGE',
    'PRICE_CHANGED',
    'VAULT_UNAVAILABLE',
  ],
} as const satisfies Route;

const GetOrderById = {
  name: 'GetOrderById',
  method: 'GET',
  path: 'orders/{id}',
  meaning: 'The order',
  caller: 'customer',
  params: orderId,
  query: z.object({ asOf: moment.optional().meta({ description: 'As it was at that moment' }) }),
  answers: { 200: { when: 'The order, as it is or was', schema: orderDetails, example: anOrderWithDetails } },
  problems: ['EVENT_NEWER', 'KEY_MISSING', 'NOT_FOUND', 'VAULT_UNAVAILABLE'],
} as const satisfies Route;

const GetOrdersByCustomer = {
  name: 'GetOrdersByCustomer',
  method: 'GET',
  path: 'orders/customer/{customerId}',
  meaning: "A customer's orders, newest first",
  caller: 'customer',
  params: z.object({ customerId: pathId.meta({ examples: [anOrder.customerId] }) }),
  query: z
    .object({
      page: z
        .never('is not taken: an order that comes meanwhile would move the pages; follow `Link: rel="next"`')
        .optional(),
      cursor,
      limit: numberText({ min: 1, max: MAX_LISTED }).default(20),
      status: z.enum(ORDER_STATUSES as [(typeof ORDER_STATUSES)[number]]).optional(),
      from: moment.optional(),
      to: moment.optional(),
      minVersion: z
        .string()
        .regex(MIN_VERSION, 'must be <order id>:<version>')
        .optional()
        .meta({ description: 'Answer when the list shows that version of that order' }),
    })
    .refine(isSpan, NO_SPAN),
  answers: {
    200: {
      when: 'A page of them',
      schema: orderList,
      example: [anOrderInAList],
      headers: ['Link', 'X-As-Of', 'X-Cache'],
    },
  },
  problems: ['READ_MODEL_BEHIND'],
} as const satisfies Route;

const CancelOrder = {
  name: 'CancelOrder',
  method: 'POST',
  path: 'orders/{id}/cancel',
  meaning: 'Cancel it: until it is shipped, or has ended',
  caller: 'customer',
  usesSagas: true,
  params: orderId,
  answers: {
    202: {
      when: 'The cancel is accepted: what was done is undone, and the order ends cancelled',
      schema: orderView,
      example: { ...aStartedOrder, version: 3 },
      headers: ['Location'],
    },
  },
  problems: ['CANNOT_CANCEL', 'NOT_FOUND', 'SAGA_GONE'],
} as const satisfies Route;

const GetOrderSaga = {
  name: 'GetOrderSaga',
  method: 'GET',
  path: 'orders/{id}/saga',
  meaning: 'Steps, attempts, last errors, compensations, state of the orchestration',
  caller: 'customer',
  usesSagas: true,
  params: orderId,
  answers: {
    200: { when: 'The saga as the order and the task hub have it', schema: sagaView, example: aSaga },
  },
  problems: ['NOT_FOUND', 'TASK_HUB_UNAVAILABLE'],
} as const satisfies Route;

const GetOrderEvents = {
  name: 'GetOrderEvents',
  method: 'GET',
  path: 'orders/{id}/events',
  meaning: 'Its events in sequence, oldest first',
  caller: 'customer',
  params: orderId,
  query: z
    .object({
      after: numberText({ min: 0, max: Number.MAX_SAFE_INTEGER })
        .optional()
        .meta({ description: 'A sequence: only what comes behind it' }),
      cursor,
      limit: numberText({ min: 1, max: MAX_EVENTS }).default(100),
    })
    .refine(({ after, cursor: given }) => after === undefined || given === undefined, {
      path: ['after'],
      error: 'must be left out where there is a `cursor`',
    }),
  answers: { 200: { when: 'A page of them', schema: eventList, example: [anEvent], headers: ['Link'] } },
  problems: ['EVENT_NEWER', 'NOT_FOUND'],
} as const satisfies Route;

export const ORDER_ROUTES = {
  CreateOrder,
  GetOrderById,
  GetOrdersByCustomer,
  CancelOrder,
  GetOrderSaga,
  GetOrderEvents,
} as const;
