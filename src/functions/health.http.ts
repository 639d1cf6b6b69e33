// GetHealth: whether an order can be taken now, part by part.
import { app, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type { ServiceClient } from '../adapters/service-client';
import type { AppPorts } from './app-ports';
import { endpoint } from './http';

/** 200 when store and task hub answer, else 503; breaker states are told but do not decide. */
export function registerHealth(ports: AppPorts, services: Readonly<Record<string, ServiceClient>>): void {
  app.http('GetHealth', {
    authLevel: 'anonymous',
    methods: ['GET'],
    route: 'health',
    extraInputs: [df.input.durableClient()],
    handler: endpoint(async ({ context }) => {
      const checks = await check(ports, context);
      const healthy = Object.values(checks).every((state) => state === 'ok');
      const breakers = Object.fromEntries(
        Object.entries(services).map(([name, client]) => [name, client.breakerState()]),
      );
      return {
        status: healthy ? 200 : 503,
        jsonBody: { status: healthy ? 'ok' : 'unavailable', checks, breakers },
      };
    }),
  });
}

async function check(
  ports: AppPorts,
  context: InvocationContext,
): Promise<Record<string, 'ok' | 'unavailable'>> {
  const [store, taskHub] = await Promise.allSettled([ports.orders.ping(), ports.sagas(context).ping()]);
  return {
    store: store.status === 'fulfilled' ? 'ok' : 'unavailable',
    taskHub: taskHub.status === 'fulfilled' ? 'ok' : 'unavailable',
  };
}
