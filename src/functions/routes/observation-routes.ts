// Entries of the route table for those who watch the system: timelines of orders.
import { z } from 'zod';
import { pathId } from '../../fields';
import { anOrder } from './order-examples';
import { orderTimeline } from './observation-schemas';
import type { Route } from './route';

const orderId = z.object({ id: pathId.meta({ examples: [anOrder.id], description: 'The id of an order' }) });

const GetOrderTimeline = {
  name: 'GetOrderTimeline',
  method: 'GET',
  path: 'orders/{id}/timeline',
  meaning:
    'Its events, steps, waits, compensations, messages and operator acts in time order, with durations',
  caller: 'keyHolder',
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

export const OBSERVATION_ROUTES = { GetOrderTimeline } as const;
