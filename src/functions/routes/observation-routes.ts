// Entries of the route table for those who watch the system: timelines and live events of orders, metrics.
import { z } from 'zod';
import { moment, pathId } from '../../fields';
import { numberText } from '../../validation';
import { anEvent, anOrder } from './order-examples';
import { SUBSCRIPTION_NAMES } from '../../queries/subscriptions';
import { orderTimeline, sentEvents } from './observation-schemas';
import type { Route } from './route';

const orderId = z.object({ id: pathId.meta({ examples: [anOrder.id], description: 'The id of an order' }) });

const GetOrderTimeline = {
  name: 'GetOrderTimeline',
  method: 'GET',
  path: 'orders/{id}/timeline',
  meaning:
    'Its events, steps, waits, compensations, messages and operator acts in time order, with durations',
  caller: 'customer',
  params: orderId,
  answers: {
    200: {
      when: 'The timeline, of at most the first 1,000 events',
      schema: orderTimeline,
      example: {
        orderId: anOrder.id,
        status: 'completed',
        startedAt: anOrder.createdAt,
        endedAt: anOrder.completedAt,
        durationMs: 50,
        waitedMs: 0,
        lastSequence: 7,
        entries: [
          {
            kind: 'step',
            name: 'ReserveInventory',
            startedAt: anOrder.createdAt,
            endedAt: '2026-11-21T10:28:15.214Z',
            durationMs: 11,
            outcome: 'done',
            attempts: 1,
            lastError: null,
            actor: 'saga',
            detail: null,
            sequence: 3,
          },
        ],
      },
    },
  },
  problems: ['EVENT_NEWER', 'NOT_FOUND'],
} as const satisfies Route;

/** Below what proxies and the platform give an answer. */
const MAX_WAIT_SECONDS = 20;

const wait = numberText({ min: 0, max: MAX_WAIT_SECONDS })
  .default(MAX_WAIT_SECONDS)
  .meta({ description: 'Answer after so many seconds when nothing happens' });

const sequence = numberText({ min: 0, max: Number.MAX_SAFE_INTEGER });

const WatchOrder = {
  name: 'WatchOrder',
  method: 'GET',
  path: 'orders/{id}/events/stream',
  meaning: 'Its events as they happen: finite server-sent events, for `EventSource` or `fetch`',
  caller: 'customer',
  params: orderId,
  query: z.object({
    after: sequence.default(0).meta({ description: 'A sequence: only what comes behind it' }),
    wait,
  }),
  headers: z.object({
    'Last-Event-ID': sequence
      .optional()
      .meta({ description: 'The last id that was seen; goes before `after`' }),
  }),
  answers: {
    200: {
      when: 'The events so far, or none after `wait`; the id of each is its sequence. Ask again with the last id',
      mediaType: 'text/event-stream',
      schema: sentEvents,
      example: `retry: 100\n\nid: 2\ndata: ${JSON.stringify(anEvent)}\n\n`,
    },
  },
  problems: ['NOT_FOUND'],
} as const satisfies Route;

const WatchOrders = {
  name: 'WatchOrders',
  method: 'GET',
  path: 'ops/events/stream',
  meaning: 'What happens to all orders: finite server-sent events; one may come twice, none is missed',
  caller: 'operator',
  query: z.object({
    from: moment.optional().meta({ description: 'Begin with what happened then; now unless given' }),
    type: z.string().max(100).optional().meta({ description: 'Only events of this type' }),
    subscription: z.enum(SUBSCRIPTION_NAMES).optional().meta({
      description:
        'Only what it selects, in its form. `large-orders`: orders of more than 100 in their currency, with the total as `amount`',
    }),
    wait,
  }),
  headers: z.object({
    'Last-Event-ID': z
      .string()
      .max(8_000)
      .optional()
      .meta({ description: 'The last id that was seen; goes before `from`' }),
  }),
  answers: {
    200: {
      when: 'Events as they were written, or none after `wait`; the last id is where the feed goes on',
      mediaType: 'text/event-stream',
      schema: sentEvents,
      example: `retry: 100\n\ndata: ${JSON.stringify(anEvent)}\n\nid: WyJ7\n\n`,
    },
  },
  problems: [],
} as const satisfies Route;

const GetMetrics = {
  name: 'GetMetrics',
  method: 'GET',
  path: 'metrics',
  meaning: 'The metrics of this instance, in the text form of Prometheus',
  caller: 'reader',
  answers: {
    200: {
      when: 'Every series, with the label `instance`',
      mediaType: 'text/plain',
      schema: z.string().meta({ title: 'Metrics', description: 'Prometheus exposition format 0.0.4' }),
      example: 'order_saga_orders_total{instance="a",outcome="completed"} 12\n',
    },
  },
  problems: [],
} as const satisfies Route;

export const OBSERVATION_ROUTES = { GetMetrics, GetOrderTimeline, WatchOrder, WatchOrders } as const;
