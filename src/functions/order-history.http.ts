// Routes for orders as they are and as they were.
import { z } from 'zod';
import type { OrderHead } from '../domain/order';
import type { OrderStore } from '../ports/order-store';
import { toCursor } from '../queries/cursor';
import { auditedEvents, orderAsOf } from '../queries/order-history';
import { maySeePersonalData } from '../identity/access';
import type { FieldCipher } from '../ports/field-cipher';
import { orderDetails, type OrderDetails } from '../queries/shown-order';
import { orderActionsFor } from './allowed-for';
import { findOrder, orderIdOf } from './find-order';
import { cursorPosition, HttpProblem, nextPage } from './http';
import type { RegisterRoute } from './register-routes';
import { ROUTES } from './routes/routes';
import type { AnswerOf, Call } from './routes/route';

export interface HistoryPorts {
  readonly orders: OrderStore;
  readonly cipher: FieldCipher;
}

/** Registers GetOrderById and GetOrderEvents. */
export function registerOrderHistory({ orders, cipher }: HistoryPorts, register: RegisterRoute): void {
  register(ROUTES.GetOrderById, (call) => orderAnswer({ orders, cipher }, call));
  register(ROUTES.GetOrderEvents, (call) => eventsAnswer(orders, call));
}

type OrderRoute = typeof ROUTES.GetOrderById;

/** The order, or with `?asOf=` the order as it was then: NOT_FOUND before it was created. */
export async function orderAnswer(
  { orders, cipher }: HistoryPorts,
  { params, query: { asOf }, scope, caller }: Pick<Call<OrderRoute>, 'params' | 'query' | 'scope' | 'caller'>,
): Promise<AnswerOf<OrderRoute>> {
  const order = await findOrder(orders, scope, params.id);
  const shown = (head: OrderHead): Promise<OrderDetails> =>
    orderDetails(orders, head, maySeePersonalData(caller) ? cipher : undefined);
  if (asOf === undefined) {
    const allowed = orderActionsFor(caller, order, 'unasked');
    return { status: 200, jsonBody: { ...(await shown(order)), allowedActions: allowed } };
  }
  const then = await orderAsOf(orders, order, asOf);
  if (then === undefined)
    throw new HttpProblem('NOT_FOUND', `Order ${order.orderId} was created later, at ${order.createdAt}`);
  return { status: 200, jsonBody: await shown(then) };
}

/** Where a page of events ended. */
const eventPosition = z.strictObject({ sequence: z.int().min(1) });

type EventsRoute = typeof ROUTES.GetOrderEvents;
type EventsCall = Pick<Call<EventsRoute>, 'params' | 'query' | 'request' | 'scope' | 'base'>;

/** The events of an order after the sequence `after`, oldest first; `Link: rel="next"` when there are more. */
export async function eventsAnswer(
  orders: OrderStore,
  { params, query: given, request, scope, base }: EventsCall,
): Promise<AnswerOf<EventsRoute>> {
  const { after = 0, cursor, limit } = given;
  const query = { list: 'order-events', orderId: orderIdOf(params.id) };
  const from = cursorPosition(query, cursor, eventPosition)?.sequence ?? after;
  const order = await findOrder(orders, scope, params.id);
  const jsonBody = await auditedEvents(orders, order, { after: from, limit });
  const last = jsonBody.at(-1);
  if (last === undefined || last.sequence >= order.version) return { status: 200, jsonBody };
  const next = toCursor(query, { sequence: last.sequence });
  const path = `${base}/orders/${order.orderId}/events`;
  return { status: 200, jsonBody, headers: nextPage(path, withoutStart(request.url), next) };
}

/** The cursor says from where on. */
function withoutStart(url: string): string {
  const asked = new URL(url);
  asked.searchParams.delete('after');
  return asked.href;
}
