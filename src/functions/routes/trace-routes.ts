// Entry of the route table for the trace of an order.
import { z } from 'zod';
import { pathId } from '../../fields';
import type { TraceTree } from '../../queries/order-trace';
import { anOrder } from './order-examples';
import type { Route } from './route';

const milliseconds = z.number().min(0);

const traceTree = z
  .object({
    startedAt: z.iso.datetime().nullable().meta({ description: 'UTC; null where there is no span' }),
    durationMs: milliseconds,
    spans: z.array(
      z
        .object({
          spanId: z.string(),
          parentSpanId: z.string().nullable(),
          depth: z.int().min(0).meta({ description: 'In the tree; 0 for a root' }),
          service: z.string(),
          name: z.string(),
          offsetMs: milliseconds.meta({ description: 'From the beginning of the first span' }),
          durationMs: milliseconds,
          attempt: z.number().nullable(),
          outcome: z.string().nullable(),
          error: z.string().nullable().meta({ description: 'A code; null where nothing failed' }),
        })
        .meta({ title: 'Span' }),
    ),
  })
  .meta({ title: 'TraceTree' }) satisfies z.ZodType<TraceTree>;

const GetOrderTrace = {
  name: 'GetOrderTrace',
  method: 'GET',
  path: 'ops/orders/{id}/trace',
  meaning: 'The trace of an order: where it can be looked at, and its spans as a tree, depth first',
  caller: 'reader',
  params: z.object({ id: pathId.meta({ examples: [anOrder.id], description: 'The id of an order' }) }),
  answers: {
    200: {
      when: 'The trace: its spans are there about a second after they end',
      schema: z
        .object({
          orderId: z.uuid(),
          traceId: z.string(),
          isSampled: z.boolean().meta({ description: 'Whether spans of it are exported at all' }),
          link: z.string().nullable().meta({
            description: 'The page of the trace, by `OrderProcessing:TraceLink`; null where that is empty',
          }),
          tree: traceTree.nullable().meta({
            description:
              'At most 1,000 spans; null where `OrderProcessing:TraceQueryUrl` is empty or does not answer',
          }),
          hasStore: z.boolean().meta({ description: 'Whether `OrderProcessing:TraceQueryUrl` is set' }),
        })
        .meta({ title: 'OrderTrace' }),
      example: {
        ...{ orderId: anOrder.id, traceId: '0af7651916cd43dd8448eb211c80319c', isSampled: true, link: null },
        tree: {
          ...{ startedAt: anOrder.createdAt, durationMs: 284.5 },
          spans: [
            {
              ...{ spanId: 'b7ad6b7169203331', parentSpanId: null, depth: 0, service: 'order-saga' },
              ...{ name: 'POST /api/orders', offsetMs: 0, durationMs: 284.5 },
              ...{ attempt: null, outcome: null, error: null },
            },
          ],
        },
        hasStore: true,
      },
    },
  },
  problems: ['NOT_FOUND'],
} as const satisfies Route;

export const TRACE_ROUTES = { GetOrderTrace } as const;
