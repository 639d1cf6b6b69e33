// Routes for the health of the app: whether an order can be taken now, part by part.
import type { ServiceClient } from '../adapters/service-client';
import { createHealthCheck, type Probe } from '../operations/health';
import type { AppPorts } from './app-ports';
import type { RegisterRoute } from './register-routes';
import { ROUTES } from './routes/routes';
import type { AnswerOf } from './routes/route';

export interface HealthPorts extends AppPorts {
  readonly broker: { readonly ping: Probe };
}

/**
 * 503 when orders cannot be taken, else 200, with `degraded` when something that follows has to wait. Breakers are what
 * this instance has seen of the services (others may have seen something else), so they are shown and do not decide.
 */
export function registerHealth(
  { orders, broker, sagas, clock }: HealthPorts,
  services: Readonly<Record<string, ServiceClient>>,
  register: RegisterRoute,
): void {
  const check = createHealthCheck(clock);
  register(ROUTES.GetHealth, async ({ context }): Promise<AnswerOf<typeof ROUTES.GetHealth>> => {
    const health = await check({
      store: () => orders.ping(),
      broker: () => broker.ping(),
      taskHub: () => sagas(context).ping(),
    });
    const breakers = Object.fromEntries(
      Object.entries(services).map(([name, client]) => [name, client.breakerState()]),
    );
    return {
      status: health.status === 'unavailable' ? 503 : 200,
      jsonBody: { ...health, thisInstance: { breakers } },
    };
  });
}
