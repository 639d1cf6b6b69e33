// Entries of the route table for statistics: sagas by how they stand, and what became of the orders.
import { z } from 'zod';
import { ORDER_STATUSES } from '../../domain/order-status';
import { pathId } from '../../fields';
import { SAGA_STANDINGS, type SagaEntry, type Statistics } from '../../projections/statistics';
import { numberText } from '../../validation';
import { cursor } from './cursor';
import { anOrder } from './order-examples';
import type { Route } from './route';

const count = z.int().min(0);
const sums = z.record(z.string(), z.number()).meta({ description: 'By currency' });

/** A count lags behind its events, so one may be ahead of another for a moment. */
const sagaCounts = z
  .object({ running: z.int(), compensating: z.int(), completed: count, failed: count, cancelled: count })
  .meta({ title: 'SagaCounts', description: 'All sagas of the tenant, each in one of these' });

const ListSagas = {
  name: 'ListSagas',
  method: 'GET',
  path: 'ops/sagas',
  meaning: 'Sagas by how they stand, newest first, with the counts of all',
  caller: 'reader',
  query: z.object({
    status: z
      .enum(SAGA_STANDINGS)
      .optional()
      .meta({ description: '`running`: goes forward or waits; `compensating`: goes back' }),
    customerId: pathId.optional(),
    cursor,
    limit: numberText({ min: 1, max: 100 }).default(50),
  }),
  answers: {
    200: {
      when: 'A page of the list; the counts are of all customers and pages',
      schema: z
        .object({
          counts: sagaCounts,
          sagas: z.array(
            z
              .object({
                orderId: z.uuid(),
                customerId: z.string(),
                status: z.enum(SAGA_STANDINGS),
                orderStatus: z.enum(ORDER_STATUSES as [(typeof ORDER_STATUSES)[number]]),
                startedAt: z.iso.datetime(),
                changedAt: z.iso
                  .datetime()
                  .meta({ description: 'When its newest event that is shown happened' }),
                failureCode: z.string().nullable(),
                failureDetailCode: z.string().nullable(),
                needsIntervention: z.boolean(),
                version: z.int().min(1).meta({ description: 'The sequence of that event' }),
              })
              .meta({ title: 'SagaEntry' }) satisfies z.ZodType<SagaEntry>,
          ),
        })
        .meta({ title: 'Sagas' }),
      example: {
        counts: { running: 1, compensating: 0, completed: 2, failed: 1, cancelled: 0 },
        sagas: [
          {
            orderId: anOrder.id,
            customerId: 'cust-1',
            status: 'running',
            orderStatus: 'paymentProcessed',
            startedAt: anOrder.createdAt,
            changedAt: '2026-11-21T10:28:15.231Z',
            failureCode: null,
            failureDetailCode: null,
            needsIntervention: false,
            version: 4,
          },
        ],
      },
      headers: ['Link', 'X-As-Of', 'X-Cache'],
    },
  },
  problems: [],
} as const satisfies Route;

const named = z.array(z.object({ name: z.string(), count }));
const day = z.iso.date('must be a day such as 2026-01-31').optional();
const milliseconds = z.int().min(0).nullable();

const statistics = z
  .object({
    from: z.iso.date().nullable(),
    to: z.iso.date().nullable(),
    sagas: sagaCounts,
    placed: count,
    completed: count,
    failed: count,
    cancelled: count,
    successRate: z.number().nullable().meta({ description: 'Completed among those that ended' }),
    placedAmount: sums,
    completedAmount: sums,
    durations: z.object({
      meanMs: z.number().nullable(),
      p50AtMostMs: milliseconds,
      p95AtMostMs: milliseconds.meta({
        description: '95 of 100 completed orders took at most so long; null: none, or longer than all bounds',
      }),
      buckets: z.array(z.object({ upToMs: milliseconds, count })),
    }),
    failures: z.array(z.object({ code: z.string(), detailCode: z.string(), count })),
    compensations: z.object({
      done: named.meta({ description: 'By the type of the event that says so' }),
      failed: named.meta({ description: 'By step' }),
    }),
    interventions: count,
  })
  .meta({ title: 'Statistics' }) satisfies z.ZodType<Statistics>;

const bounds = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 60_000, 600_000, 86_400_000, null];

const GetStatistics = {
  name: 'GetStatistics',
  method: 'GET',
  path: 'ops/statistics',
  meaning: 'Orders by outcome, durations, reasons of failures, compensations; from counts, not from orders',
  caller: 'reader',
  query: z.object({
    from: day.meta({ description: 'The first day (UTC); the first there is unless given' }),
    to: day.meta({ description: 'The last day (UTC); the last there is unless given' }),
  }),
  answers: {
    200: {
      when: 'What happened on these days; `sagas` are all there are',
      schema: statistics,
      example: {
        from: '2026-11-21',
        to: null,
        sagas: { running: 1, compensating: 0, completed: 2, failed: 1, cancelled: 0 },
        placed: 4,
        completed: 2,
        failed: 1,
        cancelled: 0,
        successRate: 2 / 3,
        placedAmount: { USD: 499.82 },
        completedAmount: { USD: 299.86 },
        durations: {
          meanMs: 52.5,
          p50AtMostMs: 100,
          p95AtMostMs: 100,
          buckets: bounds.map((upToMs) => ({ upToMs, count: upToMs === 100 ? 2 : 0 })),
        },
        failures: [{ code: 'PAYMENT_FAILED', detailCode: 'SERVICE_UNAVAILABLE', count: 1 }],
        compensations: { done: [{ name: 'StockReleased', count: 1 }], failed: [] },
        interventions: 0,
      },
      headers: ['X-As-Of', 'X-Cache'],
    },
  },
  problems: [],
} as const satisfies Route;

export const STATISTICS_ROUTES = { GetStatistics, ListSagas } as const;
