// Client of the control API of the simulated services (docs/simulators.md). It serves the console's playground only: no saga
// calls it, so it has no breaker and does not retry.
import { z } from 'zod';
import { FAULTS, FAULTY_SERVICES, type Simulators } from '../ports/simulators';

const TIMEOUT_MS = 5_000;

const effects = z.array(
  z.object({
    ...{ seq: z.int(), at: z.string(), service: z.string(), effect: z.string(), orderId: z.string() },
    ...{ amount: z.number().optional(), currency: z.string().optional(), quantity: z.number().optional() },
  }),
);

const faults = z.array(
  z.object({
    ...{ service: z.enum(FAULTY_SERVICES), fault: z.enum(FAULTS) },
    ...{ operation: z.string().optional(), customerId: z.string().optional() },
    ...{ times: z.number().optional(), delayMs: z.number().optional() },
  }),
);

/** The simulated services at `baseUrl`; undefined for an empty one. */
export function createSimulatorsClient(baseUrl: string): Simulators | undefined {
  if (baseUrl === '') return undefined;
  const ask = async <T>(
    answer: z.ZodType<T>,
    path: string,
    { method = 'GET', body }: { readonly method?: string; readonly body?: unknown } = {},
  ): Promise<T | undefined> => {
    try {
      const response = await fetch(`${baseUrl}/control/${path}`, {
        method,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      return response.ok ? answer.parse(await response.json()) : undefined;
    } catch {
      // Away, or no simulated services: the caller says so.
      return undefined;
    }
  };
  return {
    effects: (afterSeq, limit) => ask(effects, `ledger?after=${afterSeq}&limit=${limit}`),
    faults: () => ask(faults, 'faults'),
    planFaults: (rules) => ask(faults, 'faults', { method: 'PUT', body: rules }),
    kill: (what) =>
      ask(
        z.looseObject({}).transform(() => true as const),
        'kill',
        { method: 'POST', body: { what } },
      ),
  };
}
