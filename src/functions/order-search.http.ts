// Routes for operators who look for orders: counts of the list's presets, and search by an id.
import type { Scope } from '../domain/scope';
import type { OrderSearch } from '../ports/order-search';
import { shown } from '../queries/list-presets';
import type { RegisterRoute } from './register-routes';
import type { AnswerOf } from './routes/route';
import { ROUTES } from './routes/routes';

const FOUND_AT_MOST = 20;

/** Lists of a whole tenant are for callers whose scope is the tenant: the door lets no customer in. */
const tenantOf = ({ tenantId }: Scope): { readonly tenantId: string } => ({ tenantId });

/** `quietSince`: an order in flight that has not changed since then is stuck. */
export function registerOrderSearch(
  search: OrderSearch,
  quietSince: () => string,
  register: RegisterRoute,
): void {
  register(ROUTES.CountOrders, async ({ scope }): Promise<AnswerOf<typeof ROUTES.CountOrders>> => {
    const counts = (['inFlight', 'needsPerson', 'stuck'] as const).map((preset) =>
      search.count(tenantOf(scope), shown(preset, quietSince())),
    );
    const [inFlight = 0, needsPerson = 0, stuck = 0] = await Promise.all(counts);
    return { status: 200, jsonBody: { inFlight, needsPerson, stuck } };
  });
  register(ROUTES.FindOrders, async ({ scope, query }): Promise<AnswerOf<typeof ROUTES.FindOrders>> => ({
    status: 200,
    jsonBody: await search.find(tenantOf(scope), query.id, FOUND_AT_MOST),
  }));
}
