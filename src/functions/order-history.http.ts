// Orders as they are and as they were: decode, query, encode.
import { app, type HttpRequest } from '@azure/functions';
import { z } from 'zod';
import { moment } from '../fields';
import type { OrderStore } from '../ports/order-store';
import { toCursor } from '../queries/cursor';
import { auditedEvents, orderAsOf } from '../queries/order-history';
import { shownOrder } from '../queries/shown-order';
import { numberText } from '../validation';
import { findOrder, orderIdOf } from './find-order';
import {
  cursorParameter,
  cursorPosition,
  endpoint,
  HttpProblem,
  nextPage,
  parametersOf,
  type Answer,
} from './http';
import { scopeOf } from './scope';

/** What a client may ask of one answer; an order seldom has more than 20 events. */
const MAX_EVENTS = 1_000;

/** Registers GetOrderById and GetOrderEvents. */
export function registerOrderHistory(orders: OrderStore): void {
  const common = { authLevel: 'function' as const, methods: ['GET' as const] };
  app.http('GetOrderById', {
    ...common,
    route: 'orders/{id}',
    handler: endpoint(({ request }) => orderAnswer(orders, request)),
  });
  app.http('GetOrderEvents', {
    ...common,
    route: 'orders/{id}/events',
    handler: endpoint(({ request }) => eventsAnswer(orders, request)),
  });
}

const orderParameters = z.object({ asOf: moment.optional() });

/** The order, or with `?asOf=` the order as it was then: NOT_FOUND before it was created. */
export async function orderAnswer(orders: OrderStore, request: HttpRequest): Promise<Answer> {
  const { asOf } = parametersOf(request.url, orderParameters);
  const order = await findOrder(orders, scopeOf(request), request.params.id);
  if (asOf === undefined) return { jsonBody: await shownOrder(orders, order) };
  const then = await orderAsOf(orders, order, asOf);
  if (then === undefined)
    throw new HttpProblem('NOT_FOUND', `Order ${order.orderId} was created later, at ${order.createdAt}`);
  return { jsonBody: await shownOrder(orders, then) };
}

export const eventParameters = z
  .object({
    after: numberText({ min: 0, max: Number.MAX_SAFE_INTEGER }).optional(),
    cursor: cursorParameter,
    limit: numberText({ min: 1, max: MAX_EVENTS }).default(100),
  })
  .refine(({ after, cursor }) => after === undefined || cursor === undefined, {
    path: ['after'],
    error: 'must be left out where there is a `cursor`',
  });

/** Where a page of events ended. */
const eventPosition = z.strictObject({ sequence: z.int().min(1) });

/** The events of an order after the sequence `after`, oldest first; `Link: rel="next"` when there are more. */
export async function eventsAnswer(orders: OrderStore, request: HttpRequest): Promise<Answer> {
  const { after = 0, cursor, limit } = parametersOf(request.url, eventParameters);
  const query = { list: 'order-events', orderId: orderIdOf(request.params.id) };
  const from = cursorPosition(query, cursor, eventPosition)?.sequence ?? after;
  const order = await findOrder(orders, scopeOf(request), request.params.id);
  const jsonBody = await auditedEvents(orders, order, { after: from, limit });
  const last = jsonBody.at(-1);
  if (last === undefined || last.sequence >= order.version) return { jsonBody };
  const next = toCursor(query, { sequence: last.sequence });
  const path = `/api/orders/${order.orderId}/events`;
  return { jsonBody, headers: nextPage(path, withoutStart(request.url), next) };
}

/** The cursor says from where on. */
function withoutStart(url: string): string {
  const asked = new URL(url);
  asked.searchParams.delete('after');
  return asked.href;
}
