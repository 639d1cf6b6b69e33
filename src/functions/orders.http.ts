// Routes for orders: place, cancel, look at the saga.
import { cancelOrder } from '../commands/cancel-order';
import { findSaga } from '../commands/saga-status';
import { toOrderRequest, type OrderRequest } from '../commands/order-request';
import { placeOrder, type Placed } from '../commands/place-order';
import { customerWithin, tenantOf, type Scope } from '../domain/scope';
import { requesterOf } from '../identity/caller';
import { invocationLog } from '../telemetry/invocation-log';
import { spanOf, traceparentIn } from '../telemetry/traces/active-span';
import type { IntakeGate } from '../ports/intake';
import type { OrderStore } from '../ports/order-store';
import { toOrderView, toSagaView } from '../queries/order-view';
import { shownOrder } from '../queries/shown-order';
import { untilEnded } from '../queries/until-ended';
import type { AppPorts } from './app-ports';
import { findOrder, noSuchOrder, orderIdOf } from './find-order';
import { HttpProblem, invalid } from './http';
import { intakePaused } from './intake.http';
import { orderActionsFor } from './allowed-for';
import { registerOrderHistory } from './order-history.http';
import type { RegisterRoute } from './register-routes';
import { ROUTES } from './routes/routes';
import type { AnswerOf, Call } from './routes/route';

/** What placing an order asks besides. */
export type OrderRoutePorts = AppPorts & { readonly intake: IntakeGate };

/** Registers CreateOrder, CancelOrder, GetOrderSaga and what order-history.http.ts registers. */
export function registerOrderRoutes(ports: OrderRoutePorts, register: RegisterRoute): void {
  registerOrderHistory(ports, register);
  register(ROUTES.CreateOrder, (call) => createOrder(ports, call));
  register(ROUTES.CancelOrder, (call) => cancel(ports, call));
  register(ROUTES.GetOrderSaga, (call) => saga(ports, call));
}

type Create = typeof ROUTES.CreateOrder;

async function createOrder(ports: OrderRoutePorts, call: Call<Create>): Promise<AnswerOf<Create>> {
  const { request, context, correlationId, headers, scope } = call;
  refuseOtherCustomer(scope, call.body.customerId);
  if (await ports.intake.isPaused(tenantOf(scope))) throw intakePaused();
  const placed = await placeOrder(
    { ...ports, sagas: ports.sagas(context), log: invocationLog(context) },
    {
      scope,
      request: orderIn(call.body),
      idempotencyKey: headers['Idempotency-Key'],
      correlationId,
      traceparent: traceparentIn(spanOf(context), request.headers.get('traceparent')),
    },
  );
  if ('order' in placed) spanOf(context)?.set({ 'order.id': placed.order.orderId });
  return placedAnswer(ports.orders, placed, call);
}

/** Outside a customer's scope there is nothing, no other customer either (S19). */
function refuseOtherCustomer(scope: Scope, customerId: string): void {
  if (customerWithin(scope, customerId) === undefined)
    throw new HttpProblem('NOT_FOUND', `There is no customer ${customerId}`);
}

function orderIn(body: Call<Create>['body']): OrderRequest {
  const parsed = toOrderRequest(body);
  if (parsed.kind === 'invalid') throw invalid(parsed.errors);
  return parsed.request;
}

async function placedAnswer(
  orders: OrderStore,
  placed: Placed,
  { query: { wait = 0 }, base }: Call<Create>,
): Promise<AnswerOf<Create>> {
  if (placed.kind === 'keyReused') {
    throw new HttpProblem(
      'IDEMPOTENCY_KEY_REUSED',
      `The key belongs to order ${placed.orderId} with another body`,
    );
  }
  if (placed.kind === 'priceChanged') {
    throw new HttpProblem('PRICE_CHANGED', 'A price has changed: see errors[]', placed.errors);
  }
  const order = wait > 0 ? await untilEnded(orders, placed.order, wait) : placed.order;
  const showEnd = order.ended && (placed.kind === 'existing' || wait > 0);
  return {
    status: showEnd ? 200 : 202,
    headers: { Location: `${base}/orders/${order.orderId}` },
    jsonBody: toOrderView(order),
  };
}

type Cancel = typeof ROUTES.CancelOrder;

async function cancel(
  { orders, clock, sagas }: AppPorts,
  { params, scope, caller, context, base }: Call<Cancel>,
): Promise<AnswerOf<Cancel>> {
  const orderId = orderIdOf(params.id);
  const ports = { orders, clock, log: invocationLog(context), sagas: sagas(context) };
  const result = await cancelOrder(ports, {
    scope,
    orderId,
    requestedBy: requesterOf(caller),
    reason: null,
  });
  if (result.kind === 'notFound') throw noSuchOrder(orderId);
  if (result.kind === 'sagaGone') {
    throw new HttpProblem(
      'SAGA_GONE',
      `cannot cancel: the saga of the order was terminated or is lost. An operator can undo what was done: POST /api/ops/orders/${orderId}/compensate`,
    );
  }
  if (result.kind === 'tooLate') {
    const what = result.order.trackingId === null ? result.order.status : 'shipped';
    throw new HttpProblem('CANNOT_CANCEL', `cannot cancel ${what} order`);
  }
  return {
    status: 202,
    headers: { Location: `${base}/orders/${orderId}` },
    jsonBody: await shownOrder(orders, result.order),
  };
}

type Saga = typeof ROUTES.GetOrderSaga;

async function saga(
  { orders, sagas }: AppPorts,
  { params, scope, context, caller }: Call<Saga>,
): Promise<AnswerOf<Saga>> {
  const order = await findOrder(orders, scope, params.id);
  const instance = await findSaga(sagas(context), order);
  const allowed = orderActionsFor(caller, order, instance);
  const { interventions, ...view } = toSagaView(order, instance);
  // What operators write to each other is not for customers.
  const asked = scope.customerId === undefined ? { interventions } : {};
  return { status: 200, jsonBody: { ...view, ...asked, allowedActions: allowed } };
}
