// Entries of the route table that the console needs: who asks, and the playground, which breaks simulated services.
import { z } from 'zod';
import { label, pathId } from '../../fields';
import { ROLES } from '../../identity/caller';
import { ENDED, FAULTS, FAULTY_SERVICES } from '../../ports/simulators';
import type { CallerView } from '../../queries/caller-view';
import { numberText } from '../../validation';
import { anOrder } from './order-examples';
import type { Route } from './route';

const GetCaller = {
  name: 'GetCaller',
  method: 'GET',
  path: 'me',
  meaning: 'Who asks, by the sign-in or the key of the request, and in which roles',
  caller: 'customer',
  answers: {
    200: {
      when: 'The caller',
      schema: z
        .object({
          name: z.string().meta({ description: 'Empty when the sign-in gives none' }),
          kind: z.enum(['user', 'service']),
          tenantId: z.string(),
          roles: z.array(z.enum(ROLES)),
          customerId: z.string().nullable(),
          hasPlayground: z
            .boolean()
            .meta({ description: 'Whether services are simulated and can be broken' }),
        })
        .meta({ title: 'Caller' }) satisfies z.ZodType<CallerView>,
      example: {
        ...{ name: 'Kim', kind: 'user', tenantId: 'default', roles: ['operator', 'approver'] },
        ...{ customerId: null, hasPlayground: false },
      },
    },
  },
  problems: [],
} as const satisfies Route;

const fault = z
  .strictObject({
    service: z.enum(FAULTY_SERVICES),
    operation: label(40).optional(),
    customerId: pathId.optional().meta({ description: 'Only for this customer' }),
    fault: z.enum(FAULTS),
    times: z.int().min(1).max(1_000).optional().meta({ description: 'How many calls; all unless given' }),
    delayMs: z.int().min(0).max(60_000).optional(),
  })
  .meta({ title: 'PlannedFault' });

const aFault = { service: 'payments', operation: 'charge', fault: 'down', times: 2 } as const;
const faultPlan = z.object({ faults: z.array(fault) }).meta({ title: 'FaultPlan' });

const GetPlayground = {
  name: 'GetPlayground',
  method: 'GET',
  path: 'ops/playground',
  meaning: 'What the simulated services have effected, and how they are broken',
  caller: 'operator',
  query: z.object({
    after: numberText({ min: 0, max: Number.MAX_SAFE_INTEGER })
      .default(0)
      .meta({ description: 'Only effects behind this number' }),
  }),
  answers: {
    200: {
      when: 'Effects in order, at most 1,000, and the fault plan',
      schema: z
        .object({
          effects: z.array(
            z.object({
              ...{ seq: z.int(), at: z.string(), service: z.string(), effect: z.string() },
              orderId: z.string(),
              amount: z.number().optional().meta({ description: 'Minor units' }),
              currency: z.string().optional(),
              quantity: z.number().optional(),
            }),
          ),
          faults: z.array(fault),
        })
        .meta({ title: 'Playground' }),
      example: {
        effects: [
          {
            ...{ seq: 2, at: anOrder.createdAt, service: 'payments', effect: 'charged' },
            ...{ orderId: anOrder.id, amount: 14_993, currency: 'USD' },
          },
        ],
        faults: [aFault],
      },
    },
  },
  problems: ['NOT_FOUND', 'SIMULATORS_UNAVAILABLE'],
} as const satisfies Route;

const PlanFaults = {
  name: 'PlanFaults',
  method: 'POST',
  path: 'ops/playground/faults',
  meaning: 'Break the simulated services by this plan, which takes the place of the one before',
  caller: 'operator',
  body: { schema: faultPlan, examples: { none: { faults: [] } } },
  answers: { 200: { when: 'The plan in force', schema: faultPlan, example: { faults: [aFault] } } },
  problems: ['NOT_FOUND', 'SIMULATORS_UNAVAILABLE'],
} as const satisfies Route;

const KillProcess = {
  name: 'KillProcess',
  method: 'POST',
  path: 'ops/playground/kill',
  meaning: 'End a process of the local system at once, as a power cut would',
  caller: 'operator',
  body: {
    schema: z.strictObject({ what: z.enum(ENDED) }).meta({ title: 'Kill' }),
    // Taken as it is by no system that has nothing to kill; the fuzzer sends no valid one.
    examples: {},
  },
  answers: {
    202: {
      when: 'It ends now; whatever supervises it starts it again, after `all` nothing does',
      schema: z.object({ what: z.enum(ENDED) }),
      example: { what: 'host' },
    },
  },
  problems: ['NOT_FOUND', 'SIMULATORS_UNAVAILABLE'],
} as const satisfies Route;

export const CONSOLE_ROUTES = { GetCaller, GetPlayground, PlanFaults, KillProcess } as const;
