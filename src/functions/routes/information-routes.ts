// Entries of the route table about the system itself: health, daily figures, schemas of events, this API itself.
import { z } from 'zod';
import type { TypeDescription } from '../../events/catalogue';
import { HEALTH_PARTS, type Health, type HealthPart } from '../../operations/health';
import type { DailyStatsView } from '../../projections/daily-stats';
import type { Route } from './route';

const partState = z.enum(['ok', 'unavailable']);

const health = z
  .object({
    status: z.enum(['ok', 'degraded', 'unavailable']),
    checks: z.object(
      Object.fromEntries(HEALTH_PARTS.map((part) => [part, partState])) as Record<
        HealthPart,
        typeof partState
      >,
    ),
    thisInstance: z
      .object({ breakers: z.record(z.string(), z.enum(['closed', 'halfOpen', 'open'])) })
      .meta({ description: 'The circuit breakers to the downstream services, as this instance sees them' }),
  })
  .meta({ title: 'Health' }) satisfies z.ZodType<Health>;

const isWell = {
  status: 'ok',
  checks: { store: 'ok', broker: 'ok', taskHub: 'ok' },
  thisInstance: { breakers: { inventory: 'closed', payment: 'closed', shipping: 'closed' } },
};

const GetHealth = {
  name: 'GetHealth',
  method: 'GET',
  path: 'health',
  meaning: 'Whether orders can be taken, part by part, and the circuit breakers of this instance',
  caller: 'anyone',
  usesSagas: true,
  answers: {
    200: {
      when: 'Orders are taken; `degraded`: something that follows has to wait',
      schema: health,
      example: isWell,
    },
    503: {
      when: 'Orders cannot be taken',
      schema: health,
      example: { ...isWell, status: 'unavailable', checks: { ...isWell.checks, store: 'unavailable' } },
    },
  },
  problems: [],
} as const satisfies Route;

const day = z.iso.date('must be a day such as 2026-01-31').optional();
const sums = z.record(z.string(), z.number()).meta({ description: 'By currency' });

const GetDailyAnalytics = {
  name: 'GetDailyAnalytics',
  method: 'GET',
  path: 'analytics/daily',
  meaning: 'Orders day by day: counts, sums, success rate, mean duration',
  caller: 'reader',
  query: z.object({
    from: day.meta({ description: 'The first day (UTC); `to` unless given' }),
    to: day.meta({ description: 'The last day (UTC); today unless given' }),
  }),
  answers: {
    200: {
      when: 'Every day of the range, at most 366',
      schema: z.array(
        z
          .object({
            day: z.iso.date(),
            created: z.int().min(0),
            completed: z.int().min(0),
            failed: z.int().min(0),
            cancelled: z.int().min(0),
            createdAmount: sums,
            completedAmount: sums,
            successRate: z
              .number()
              .nullable()
              .meta({ description: 'Completed among those that ended on this day' }),
            meanDurationMs: z.number().nullable(),
          })
          .meta({ title: 'DailyFigures' }) satisfies z.ZodType<DailyStatsView>,
      ),
      example: [
        {
          day: '2026-11-21',
          created: 3,
          completed: 2,
          failed: 1,
          cancelled: 0,
          createdAmount: { USD: 349.89 },
          completedAmount: { USD: 299.86 },
          successRate: 2 / 3,
          meanDurationMs: 52.5,
        },
      ],
      headers: ['X-As-Of'],
    },
  },
  problems: [],
} as const satisfies Route;

const GetEventSchemas = {
  name: 'GetEventSchemas',
  method: 'GET',
  path: 'schemas/{type}',
  meaning: 'The versions of an event type as JSON Schema',
  caller: 'anyone',
  params: z.object({ type: z.string().meta({ examples: ['OrderFailed'], description: 'A type of event' }) }),
  answers: {
    200: {
      when: 'All versions of the type',
      schema: z.object({
        type: z.string(),
        currentVersion: z.int().min(1),
        versions: z.array(
          z.object({
            version: z.int().min(1),
            schema: z.looseObject({}).meta({ description: 'JSON Schema, draft 2020-12' }),
          }),
        ),
      }) satisfies z.ZodType<TypeDescription>,
      example: {
        type: 'OrderCompleted',
        currentVersion: 1,
        versions: [{ version: 1, schema: { type: 'object' } }],
      },
    },
  },
  problems: ['NOT_FOUND'],
} as const satisfies Route;

const GetOpenApiDocument = {
  name: 'GetOpenApiDocument',
  method: 'GET',
  path: 'openapi.json',
  meaning: 'This API as an OpenAPI 3.1 document',
  caller: 'anyone',
  answers: {
    200: {
      when: 'The document',
      schema: z.looseObject({ openapi: z.string() }).meta({ description: 'OpenAPI 3.1' }),
      example: { openapi: '3.1.1', info: { title: 'Order saga', version: '1' }, paths: {} },
    },
  },
  problems: [],
} as const satisfies Route;

export const INFORMATION_ROUTES = {
  GetHealth,
  GetDailyAnalytics,
  GetEventSchemas,
  GetOpenApiDocument,
} as const;
