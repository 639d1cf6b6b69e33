// Schemas of what the routes that observe orders answer: timelines, server-sent events.
import { z } from 'zod';
import { ORDER_STATUSES } from '../../domain/order-status';
import { TIMELINE_KINDS, TIMELINE_OUTCOMES, type OrderTimeline } from '../../queries/order-timeline';

const time = z.iso.datetime().meta({ description: 'UTC' });
const milliseconds = z.int().min(0);

export const orderTimeline = z
  .object({
    orderId: z.uuid(),
    status: z.enum(ORDER_STATUSES as [(typeof ORDER_STATUSES)[number]]),
    startedAt: time,
    endedAt: time.nullable(),
    durationMs: milliseconds.nullable(),
    waitedMs: milliseconds.meta({
      description: 'Of it, how long the order waited for its time or for a person',
    }),
    lastSequence: z.int().min(1).meta({ description: 'The event up to which the stream was read' }),
    entries: z.array(
      z
        .object({
          kind: z.enum(TIMELINE_KINDS),
          name: z.string(),
          startedAt: time,
          endedAt: time.nullable(),
          durationMs: milliseconds.nullable(),
          outcome: z.enum(TIMELINE_OUTCOMES),
          attempts: z.int().min(0).nullable(),
          lastError: z.object({ code: z.string(), message: z.string() }).nullable(),
          actor: z.string(),
          detail: z.string().nullable(),
          sequence: z.int().min(1).meta({ description: 'Of the event that says so' }),
        })
        .meta({ title: 'TimelineEntry' }),
    ),
  })
  .meta({
    title: 'Timeline',
    description: 'What happened to an order, in time order',
  }) satisfies z.ZodType<OrderTimeline>;

export const sentEvents = z
  .string()
  .meta({ title: 'ServerSentEvents', description: 'Blocks of `id` and `data`, each with an event as JSON' });
