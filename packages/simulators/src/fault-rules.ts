// Parser of the rules of a fault plan: checked, and brought to one spelling.
import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { OPERATIONS, type OperationName, type ServiceName } from './operation';

/**
 * `refuse` answers with the typical business refusal, `error` with a 500 and `down` with a 503, all without effect;
 * `hang` never answers and has no effect; `loseAnswer` acts and then drops the connection; `holdAnswer` acts and then
 * never answers; `slow` acts after `delayMs`, as a call that comes late: what happens under its key meanwhile comes first;
 * `inProgress` is at work for `delayMs` and then acts: other calls to act under its key get a 409 meanwhile.
 */
export const FAULTS = [
  'refuse',
  'error',
  'hang',
  'loseAnswer',
  'holdAnswer',
  'slow',
  'inProgress',
  'down',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface FaultRule {
  readonly service: ServiceName;
  /** Every operation of the service when absent. */
  readonly operation?: OperationName | undefined;
  readonly orderId?: string | undefined;
  readonly customerId?: string | undefined;
  readonly fault: Fault;
  /** How many calls it strikes; all when absent. */
  readonly times?: number | undefined;
  /** How long `slow` and `inProgress` wait. */
  readonly delayMs?: number | undefined;
  /** The share of matching calls that it strikes, by a random stream that starts at `seed`. */
  readonly probability?: number | undefined;
  readonly seed?: number | undefined;
}

const SERVICES = Object.keys(OPERATIONS) as ServiceName[];
const SINGULAR = { payment: 'payments', promotion: 'promotions', notification: 'notifications' } as const;
const OPERATION_ALIASES = { createShipment: 'ship', cancelShipment: 'cancel' } as const;

const UINT32_MAX = 0xffff_ffff;

/** The name of a service, in the plural or the singular. */
export const serviceName = named<ServiceName>(SERVICES, SINGULAR);

const operationName = named<OperationName>([...new Set(Object.values(OPERATIONS).flat())], OPERATION_ALIASES);

const FIELDS = {
  service: serviceName,
  operation: operationName.optional(),
  orderId: z.string().min(1).optional(),
  customerId: z.string().min(1).optional(),
  fault: named<Fault>(FAULTS, {}),
  times: z.int().positive().optional(),
  delayMs: z.int().nonnegative().optional(),
  probability: z.number().min(0).max(1).optional(),
  seed: z.int().min(0).max(UINT32_MAX).optional(),
};

/** A fault plan. A rule with a probability and no seed gets one, so that the run can be repeated. */
export const faultPlan = z.array(
  z
    .strictObject(FIELDS, {
      error: ({ code, keys }) =>
        code === 'unrecognized_keys'
          ? `does not know ${quoted(keys)}; the fields are ${quoted(Object.keys(FIELDS))}`
          : undefined,
    })
    .superRefine((rule, context) => {
      const problem = operationProblem(rule);
      if (problem !== undefined) {
        context.addIssue({ code: 'custom', path: ['operation'], message: problem });
      }
    })
    .transform((rule): FaultRule =>
      rule.probability === undefined ? rule : { ...rule, seed: rule.seed ?? randomInt(UINT32_MAX) },
    ),
);

function operationProblem({ service, operation, fault }: FaultRule): string | undefined {
  if (operation === undefined) return undefined;
  const known: readonly OperationName[] = OPERATIONS[service];
  if (!known.includes(operation)) return `${service} has no '${operation}'; it has ${quoted(known)}`;
  return fault === 'refuse' && operation === 'lookUp'
    ? `a look-up acts on nothing, so it cannot be refused; use one of ${quoted(FAULTS.slice(1))}`
    : undefined;
}

/** One of `values`, or an alias of one; anything else is refused with the list of what is allowed. */
function named<T extends string>(values: readonly T[], aliases: Readonly<Record<string, T>>): z.ZodType<T> {
  const spellings = new Map<unknown, T>([
    ...values.map((value) => [value, value] as const),
    ...Object.entries(aliases),
  ]);
  return z.unknown().transform((input, context) => {
    const value = spellings.get(input);
    if (value !== undefined) return value;
    context.addIssue({
      code: 'custom',
      message: `must be one of ${quoted(values)}, not ${JSON.stringify(input)}`,
    });
    return z.NEVER;
  });
}

function quoted(values: readonly string[]): string {
  return values.map((value) => `'${value}'`).join(', ');
}
