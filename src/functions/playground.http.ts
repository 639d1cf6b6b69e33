// Routes for the console: who asks; and the playground, which exists where the setting `OrderProcessing:SimulatorsUrl` names
// simulated services (docs/console.md).
import type { Scope } from '../domain/scope';
import type { OrderStore } from '../ports/order-store';
import type { Effected, Simulators } from '../ports/simulators';
import { HttpProblem } from './http';
import type { RegisterRoute } from './register-routes';
import type { AnswerOf } from './routes/route';
import { ROUTES } from './routes/routes';

const EFFECTS_AT_MOST = 1_000;

export function registerPlayground(
  simulators: Simulators | undefined,
  orders: Pick<OrderStore, 'placed'>,
  register: RegisterRoute,
): void {
  register(ROUTES.GetCaller, ({ caller }): Promise<AnswerOf<typeof ROUTES.GetCaller>> => {
    const { name, kind, tenantId, roles, customerId = null } = caller;
    const jsonBody = { name, kind, tenantId, roles, customerId, hasPlayground: simulators !== undefined };
    return Promise.resolve({ status: 200, jsonBody });
  });
  register(ROUTES.GetPlayground, async ({ query, scope }): Promise<AnswerOf<typeof ROUTES.GetPlayground>> => {
    const services = present(simulators);
    const [effects, faults] = await Promise.all([
      services.effects(query.after, EFFECTS_AT_MOST),
      services.faults(),
    ]);
    const own = await effectsWithin(orders, scope, answered(effects));
    return { status: 200, jsonBody: { effects: own, faults: answered(faults) } };
  });
  register(ROUTES.PlanFaults, async ({ body }): Promise<AnswerOf<typeof ROUTES.PlanFaults>> => {
    const faults = answered(await present(simulators).planFaults(body.faults));
    return { status: 200, jsonBody: { faults } };
  });
  register(ROUTES.KillProcess, async ({ body }): Promise<AnswerOf<typeof ROUTES.KillProcess>> => {
    answered(await present(simulators).kill(body.what));
    return { status: 202, jsonBody: { what: body.what } };
  });
}

/** The simulated services know no tenants: whose an effect is, is whose its order is. */
async function effectsWithin(
  orders: Pick<OrderStore, 'placed'>,
  scope: Scope,
  effects: readonly Effected[],
): Promise<Effected[]> {
  const ids = [...new Set(effects.map(({ orderId }) => orderId))];
  const placed = await Promise.all(ids.map((id) => orders.placed(scope, id)));
  const own = new Set(ids.filter((_, index) => placed[index] !== undefined));
  return effects.filter(({ orderId }) => own.has(orderId));
}

function present(simulators: Simulators | undefined): Simulators {
  if (simulators === undefined)
    throw new HttpProblem(
      'NOT_FOUND',
      'No service is simulated here: OrderProcessing:SimulatorsUrl is empty',
    );
  return simulators;
}

function answered<T>(answer: T | undefined): T {
  if (answer === undefined)
    throw new HttpProblem('SIMULATORS_UNAVAILABLE', 'The simulated services do not do that now');
  return answer;
}
