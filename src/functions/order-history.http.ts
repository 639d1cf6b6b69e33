// Orders as they are and as they were: decode, query, encode.
import { app, type HttpRequest } from '@azure/functions';
import { z } from 'zod';
import { moment } from '../commands/order-request';
import type { OrderStore } from '../ports/order-store';
import { auditedEvents, orderAsOf } from '../queries/order-history';
import { toOrderView } from '../queries/order-view';
import { findOrder } from './find-order';
import { HttpProblem, endpoint, parametersOf, type Answer } from './http';

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
  const order = await findOrder(orders, request.params.id);
  if (asOf === undefined) return { jsonBody: toOrderView(order) };
  const then = await orderAsOf(orders, order, asOf);
  if (then === undefined)
    throw new HttpProblem('NOT_FOUND', `Order ${order.orderId} was created later, at ${order.createdAt}`);
  return { jsonBody: toOrderView(then) };
}

const eventParameters = z.object({
  after: z.coerce.number('must be a number').int('must be a whole number').min(0).default(0),
  limit: z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(1)
    .max(MAX_EVENTS)
    .default(100),
});

/** The events of an order, oldest first; `Link: rel="next"` when there are more. */
export async function eventsAnswer(orders: OrderStore, request: HttpRequest): Promise<Answer> {
  const { after, limit } = parametersOf(request.url, eventParameters);
  const order = await findOrder(orders, request.params.id);
  const events = await auditedEvents(orders, order, { after, limit });
  const last = events.at(-1)?.sequence ?? order.version;
  const next = `/api/orders/${order.orderId}/events?after=${last}&limit=${limit}`;
  return {
    jsonBody: events,
    ...(last < order.version ? { headers: { Link: `<${next}>; rel="next"` } } : {}),
  };
}
