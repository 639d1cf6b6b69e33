// GetHealth: whether an order can be taken now, part by part.
import { app } from '@azure/functions';
import type { ServiceClient } from '../adapters/service-client';
import { createHealthCheck, type Probe } from '../operations/health';
import type { AppPorts } from './app-ports';
import { endpoint } from './http';
import { sagaClientInput } from './saga-client.durable';

export interface HealthPorts extends AppPorts {
  readonly broker: { readonly ping: Probe };
}

/**
 * 503 when orders cannot be taken, else 200, with `degraded` when something that follows has to wait. Breakers are what
 * this instance has seen of the services (others may have seen something else), so they are told and do not decide.
 */
export function registerHealth(
  { orders, broker, sagas, clock }: HealthPorts,
  services: Readonly<Record<string, ServiceClient>>,
): void {
  const check = createHealthCheck(clock);
  app.http('GetHealth', {
    authLevel: 'anonymous',
    methods: ['GET'],
    route: 'health',
    extraInputs: [sagaClientInput()],
    handler: endpoint(async ({ context }) => {
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
    }),
  });
}
