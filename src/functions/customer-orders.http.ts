// Routes for the list of a customer's orders, from the read model; the container of the orders is not asked. What the list
// does not show yet can be waited for with `minVersion`.
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { customerKey, customerWithin, type CustomerScope, type Scope } from '../domain/scope';
import { utcTime } from '../events/schemas';
import { listCustomerOrders } from '../projections/customer-orders';
import { toIso, type Clock } from '../ports/clock';
import type { CustomerOrderReads } from '../projections/read-model-stores';
import type { OrderSummary } from '../queries/order-view';
import type { QueryCache } from '../queries/query-cache';
import { toCursor } from '../queries/cursor';
import { cursorPosition, HttpProblem, nextPage } from './http';
import type { RegisterRoute } from './register-routes';
import { ROUTES } from './routes/routes';
import { MIN_VERSION } from './routes/order-routes';
import type { AnswerOf, Call } from './routes/route';

/** What is kept of a page: it may have one order more than was asked for. */
export interface ReadPage {
  readonly found: readonly OrderSummary[];
  readonly headers: Readonly<Record<string, string>>;
}

export interface ListPorts {
  readonly customerOrders: CustomerOrderReads;
  readonly cache: QueryCache<ReadPage>;
  readonly clock: Clock;
  /** What is dated further ahead of our clock is not believed. */
  readonly aheadMs: number;
}

const MIN_VERSION_WAIT_MS = 2_000;
const MIN_VERSION_POLL_MS = 50;

export function registerCustomerOrders(ports: ListPorts, register: RegisterRoute): void {
  register(ROUTES.GetOrdersByCustomer, (call) => listOrders(ports, call.scope, call));
}

/** Where a page ended. */
const listPosition = z.strictObject({ createdAt: utcTime, id: z.uuid() });

type ListRoute = typeof ROUTES.GetOrdersByCustomer;

/**
 * A page of the list. Each order's `version` says how much of it is shown. `X-As-Of`: when the newest change happened
 * that the orders of this customer showed before the list was read; older ones of other orders may still come, because
 * the feed has several readers.
 */
export async function listOrders(
  ports: ListPorts,
  caller: Scope,
  { params, query: given, request, base }: Pick<Call<ListRoute>, 'params' | 'query' | 'request' | 'base'>,
): Promise<AnswerOf<ListRoute>> {
  const { customerId } = params;
  const { cursor, limit, status, from, to, minVersion } = given;
  const scope = customerWithin(caller, customerId);
  // As for a customer without orders: who may not see them is not told that there are some.
  if (scope === undefined) return { status: 200, jsonBody: [] };
  if (minVersion !== undefined) await untilVersion(ports, scope, minVersion);
  const query = { list: 'customer-orders', scope, status, from, to };
  const after = cursorPosition(query, cursor, listPosition);
  // One more than asked for tells whether there is a next page.
  const filter = { status, fromIso: from, toIso: to, after, limit: limit + 1 };
  // Who waited for a version has seen it in the store: what was read before may not have it yet.
  const asked = {
    group: customerKey(scope),
    key: JSON.stringify(filter),
    isFresh: minVersion !== undefined,
  };
  const { answer, result } = await ports.cache.read(asked, async () => {
    // Asked first: the list may be newer than this time, never older.
    const headers = await asOfHeader(ports, scope);
    return { headers, found: await listCustomerOrders(ports.customerOrders, scope, filter) };
  });
  const { found } = answer;
  const headers = { ...answer.headers, 'X-Cache': result };
  const jsonBody = found.slice(0, limit);
  const last = jsonBody.at(-1);
  if (found.length <= limit || last === undefined) return { status: 200, jsonBody, headers };
  const path = `${base}/orders/customer/${encodeURIComponent(customerId)}`;
  const next = toCursor(query, { createdAt: last.createdAt, id: last.id });
  return {
    status: 200,
    jsonBody,
    headers: { ...headers, ...nextPage(path, withoutWait(request.url), next) },
  };
}

/** What was waited for once is there on the pages that follow. */
function withoutWait(url: string): string {
  const asked = new URL(url);
  asked.searchParams.delete('minVersion');
  return asked.href;
}

/** Resolves when the list shows that version of that order; a problem READ_MODEL_BEHIND after two seconds. */
async function untilVersion(ports: ListPorts, scope: CustomerScope, minVersion: string): Promise<void> {
  const [, orderId = '', version = ''] = MIN_VERSION.exec(minVersion) ?? [];
  const untilMs = performance.now() + MIN_VERSION_WAIT_MS;
  for (;;) {
    const shown = (await ports.customerOrders.read(scope, orderId))?.order.version ?? 0;
    if (shown >= Number(version)) return;
    if (performance.now() > untilMs) {
      throw new HttpProblem(
        'READ_MODEL_BEHIND',
        `The list shows version ${shown} of order ${orderId}, not yet ${version}`,
        undefined,
        { 'Retry-After': '1', ...(await asOfHeader(ports, scope)) },
      );
    }
    await wait(MIN_VERSION_POLL_MS);
  }
}

async function asOfHeader(
  { customerOrders, clock, aheadMs }: ListPorts,
  scope: CustomerScope,
): Promise<Record<string, string>> {
  const newest = await customerOrders.newestChange(scope, toIso(clock.nowMs() + aheadMs));
  return newest === undefined ? {} : { 'X-As-Of': newest };
}
