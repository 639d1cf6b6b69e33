// Routes for operators who look for orders: those of all customers, from the read model.
import { z } from 'zod';
import { utcTime } from '../events/schemas';
import { listTenantOrders } from '../projections/customer-orders';
import type { CustomerOrderReads } from '../projections/read-model-stores';
import { toCursor } from '../queries/cursor';
import { shown } from '../queries/list-presets';
import { cursorPosition, nextPage } from './http';
import type { RegisterRoute } from './register-routes';
import type { AnswerOf, Call } from './routes/route';
import { ROUTES } from './routes/routes';

/** `quietSince`: an order in flight that has not changed since then is stuck. */
export function registerOrderList(
  customerOrders: CustomerOrderReads,
  quietSince: () => string,
  register: RegisterRoute,
): void {
  register(ROUTES.ListOrders, (call) => listOfTenant(customerOrders, quietSince, call));
}

type List = typeof ROUTES.ListOrders;

/** Where a page ended. */
const listPosition = z.strictObject({ createdAt: utcTime, id: z.uuid() });

/** A page of the orders of the caller's tenant. */
async function listOfTenant(
  customerOrders: CustomerOrderReads,
  quietSince: () => string,
  { query: given, request, scope, base }: Pick<Call<List>, 'query' | 'request' | 'scope' | 'base'>,
): Promise<AnswerOf<List>> {
  const { cursor, limit, show, from, to, ...plain } = given;
  const query = { list: 'orders', scope, show, from, to, ...plain };
  const found = await listTenantOrders(customerOrders, scope, {
    ...plain,
    ...(show === undefined ? {} : shown(show, quietSince())),
    ...{ fromIso: from, toIso: to, after: cursorPosition(query, cursor, listPosition), limit: limit + 1 },
  });
  const jsonBody = found.slice(0, limit);
  const last = jsonBody.at(-1);
  if (found.length <= limit || last === undefined) return { status: 200, jsonBody };
  const next = toCursor(query, { createdAt: last.createdAt, id: last.id });
  return { status: 200, jsonBody, headers: nextPage(`${base}/ops/orders`, request.url, next) };
}
