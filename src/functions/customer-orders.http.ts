// GetOrdersByCustomer: the orders of a customer from the read model; the orders' own container is not asked. What the
// list does not show yet can be waited for with `minVersion`.
import { setTimeout as wait } from 'node:timers/promises';
import { app } from '@azure/functions';
import { z } from 'zod';
import { ORDER_STATUSES } from '../domain/order-status';
import { customerWithin, type CustomerScope, type Scope } from '../domain/scope';
import { utcTime } from '../events/schemas';
import { moment } from '../fields';
import { listCustomerOrders } from '../projections/customer-orders';
import type { CustomerOrderReads, FeedProgressReads } from '../projections/read-model-stores';
import { toCursor } from '../queries/cursor';
import { numberText } from '../validation';
import {
  cursorParameter,
  cursorPosition,
  endpoint,
  HttpProblem,
  nextPage,
  parametersOf,
  requirePathId,
  type Answer,
} from './http';
import { scopeOf } from './scope';

export interface ListPorts {
  readonly customerOrders: CustomerOrderReads;
  readonly progress: FeedProgressReads;
}

const MAX_LIMIT = 100;
const MIN_VERSION_WAIT_MS = 2_000;
const MIN_VERSION_POLL_MS = 50;

export function registerCustomerOrders(ports: ListPorts): void {
  app.http('GetOrdersByCustomer', {
    authLevel: 'function',
    methods: ['GET'],
    route: 'orders/customer/{customerId}',
    handler: endpoint(({ request }) =>
      listOrders(ports, scopeOf(request), request.params.customerId ?? '', request.url),
    ),
  });
}

/** Where a page ended. */
const listPosition = z.strictObject({ createdAt: utcTime, id: z.uuid() });

const MIN_VERSION = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([1-9]\d{0,8})$/;

const listParameters = z.object({
  page: z
    .never('is not taken: an order that comes meanwhile would move the pages; follow `Link: rel="next"`')
    .optional(),
  cursor: cursorParameter,
  limit: numberText({ min: 1, max: MAX_LIMIT }).default(20),
  status: z.enum(ORDER_STATUSES as [(typeof ORDER_STATUSES)[number]]).optional(),
  from: moment.optional(),
  to: moment.optional(),
  minVersion: z.string().regex(MIN_VERSION, 'must be <order id>:<version>').optional(),
});

/** A page of the list. `X-As-Of`: when the newest event happened that was in the read models before it was read. */
export async function listOrders(
  { customerOrders, progress }: ListPorts,
  caller: Scope,
  customerId: string,
  url: string,
): Promise<Answer> {
  requirePathId('customerId', customerId);
  const { cursor, limit, status, from, to, minVersion } = parametersOf(url, listParameters);
  const scope = customerWithin(caller, customerId);
  // As for a customer without orders: who may not see them is not told that there are some.
  if (scope === undefined) return { jsonBody: [] };
  if (minVersion !== undefined) await untilVersion({ customerOrders, progress }, scope, minVersion);
  const query = { list: 'customer-orders', scope, status, from, to };
  const after = cursorPosition(query, cursor, listPosition);
  // Asked first: the list may be newer than this time, never older.
  const asOf = await asOfHeader(progress);
  // One more than asked for tells whether there is a next page.
  const filter = { status, fromIso: from, toIso: to, after, limit: limit + 1 };
  const found = await listCustomerOrders(customerOrders, scope, filter);
  const jsonBody = found.slice(0, limit);
  const last = jsonBody.at(-1);
  if (found.length <= limit || last === undefined) return { jsonBody, headers: asOf };
  const path = `/api/orders/customer/${encodeURIComponent(customerId)}`;
  const next = toCursor(query, { createdAt: last.createdAt, id: last.id });
  return { jsonBody, headers: { ...asOf, ...nextPage(path, withoutWait(url), next) } };
}

/** What was waited for once is there on the pages that follow. */
function withoutWait(url: string): string {
  const asked = new URL(url);
  asked.searchParams.delete('minVersion');
  return asked.href;
}

/** Resolves when the list shows that version of that order; a problem READ_MODEL_BEHIND after two seconds. */
async function untilVersion(
  { customerOrders, progress }: ListPorts,
  scope: CustomerScope,
  minVersion: string,
): Promise<void> {
  const [, orderId = '', version = ''] = MIN_VERSION.exec(minVersion) ?? [];
  const untilMs = performance.now() + MIN_VERSION_WAIT_MS;
  for (;;) {
    const shown = (await customerOrders.read(scope, orderId))?.order.version ?? 0;
    if (shown >= Number(version)) return;
    if (performance.now() > untilMs) {
      throw new HttpProblem(
        'READ_MODEL_BEHIND',
        `The list shows version ${shown} of order ${orderId}, not yet ${version}`,
        undefined,
        { 'Retry-After': '1', ...(await asOfHeader(progress)) },
      );
    }
    await wait(MIN_VERSION_POLL_MS);
  }
}

async function asOfHeader(progress: FeedProgressReads): Promise<Record<string, string>> {
  const { asOf } = await progress.read();
  return asOf === null ? {} : { 'X-As-Of': asOf };
}
