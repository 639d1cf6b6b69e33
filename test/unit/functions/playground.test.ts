// The playground's routes: what they pass on, and what they say where nothing is simulated or nobody answers.
import { registerPlayground } from '../../../src/functions/playground.http';
import type { RegisterRoute } from '../../../src/functions/register-routes';
import type { OrderStore } from '../../../src/ports/order-store';
import type { Simulators } from '../../../src/ports/simulators';

const AWAY: Simulators = {
  effects: () => Promise.resolve(undefined),
  faults: () => Promise.resolve([]),
  planFaults: () => Promise.resolve(undefined),
  kill: () => Promise.resolve(undefined),
};

type Handlers = Readonly<Record<string, (call: unknown) => Promise<{ status: number; jsonBody: unknown }>>>;

function handlersOf(simulators: Simulators | undefined): Handlers {
  const handlers: Record<string, unknown> = {};
  const register = (({ name }, handler) => (handlers[name] = handler)) as RegisterRoute;
  const placed: OrderStore['placed'] = ({ tenantId }, orderId) =>
    Promise.resolve(
      orderId.startsWith(tenantId) ? ({} as Awaited<ReturnType<OrderStore['placed']>>) : undefined,
    );
  registerPlayground(simulators, { placed }, register);
  return handlers as Handlers;
}

const CALLS = [
  ['GetPlayground', { query: { after: 0 } }],
  ['PlanFaults', { body: { faults: [] } }],
  ['KillProcess', { body: { what: 'host' } }],
] as const;

test.each(CALLS)('%s is a 404 that names the setting where nothing is simulated', async (name, call) => {
  await expect(handlersOf(undefined)[name]?.(call)).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('OrderProcessing:SimulatorsUrl') as string,
  });
});

test.each(CALLS)('%s is a 503 while the simulated services do not answer', async (name, call) => {
  await expect(handlersOf(AWAY)[name]?.(call)).rejects.toMatchObject({ code: 'SIMULATORS_UNAVAILABLE' });
});

test("nobody is shown what the services have done for another tenant's orders", async () => {
  const effect = { seq: 1, at: '2026-11-30T00:00:00.000Z', service: 'payments', effect: 'charged' };
  const services: Simulators = {
    ...AWAY,
    effects: () => Promise.resolve(['acme-1', 'globex-1'].map((orderId) => ({ ...effect, orderId }))),
  };
  const call = { query: { after: 0 }, scope: { tenantId: 'acme' } };
  expect((await handlersOf(services)['GetPlayground']?.(call))?.jsonBody).toEqual({
    effects: [{ ...effect, orderId: 'acme-1' }],
    faults: [],
  });
});

test('a caller is told who they are, and whether there is a playground', async () => {
  const caller = { name: 'rita', kind: 'user', tenantId: 'default', roles: ['customer'], customerId: 'rita' };
  expect(await handlersOf(AWAY)['GetCaller']?.({ caller })).toEqual({
    status: 200,
    jsonBody: { ...caller, hasPlayground: true },
  });
  expect((await handlersOf(undefined)['GetCaller']?.({ caller }))?.jsonBody).toMatchObject({
    hasPlayground: false,
  });
});
