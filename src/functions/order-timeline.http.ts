// Routes for the timeline of an order.
import type { OrderStore } from '../ports/order-store';
import { auditedEvents } from '../queries/order-history';
import { timelineOf } from '../queries/order-timeline';
import { findOrder } from './find-order';
import type { RegisterRoute } from './register-routes';
import { ROUTES } from './routes/routes';
import type { AnswerOf, Call } from './routes/route';

type TimelineRoute = typeof ROUTES.GetOrderTimeline;

/** A stream that is longer belongs to an order that operators have worked on for days. */
const MAX_EVENTS = 1_000;

export function registerOrderTimeline(orders: OrderStore, register: RegisterRoute): void {
  register(ROUTES.GetOrderTimeline, (call) => timelineAnswer(orders, call));
}

/** The timeline of the order that the path names. */
export async function timelineAnswer(
  orders: OrderStore,
  { params, scope }: Pick<Call<TimelineRoute>, 'params' | 'scope'>,
): Promise<AnswerOf<TimelineRoute>> {
  const order = await findOrder(orders, scope, params.id);
  const events = await auditedEvents(orders, order, { after: 0, limit: MAX_EVENTS });
  return { status: 200, jsonBody: timelineOf(events) };
}
