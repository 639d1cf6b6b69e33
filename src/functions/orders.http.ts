// The order endpoints: decode, call, encode.
import { app } from '@azure/functions';
import { z } from 'zod';
import { cancelOrder } from '../commands/cancel-order';
import { MAX_LINES, parseOrderRequest } from '../commands/order-request';
import { placeOrder, type Placed } from '../commands/place-order';
import { invocationLog } from '../telemetry/invocation-log';
import { traceparentFrom } from '../telemetry/trace-context';
import type { OrderStore } from '../ports/order-store';
import { toOrderView, toSagaView } from '../queries/order-view';
import { shownOrder } from '../queries/shown-order';
import { untilEnded } from '../queries/until-ended';
import { numberText } from '../validation';
import type { AppPorts } from './app-ports';
import { findOrder, noSuchOrder, orderIdOf } from './find-order';
import {
  HttpProblem,
  endpoint,
  idempotencyKey,
  invalid,
  jsonBody,
  parametersOf,
  type Answer,
  type Exchange,
} from './http';
import { registerOrderHistory } from './order-history.http';
import { sagaClientInput } from './saga-client.durable';
import { scopeOf } from './scope';

const MAX_WAIT_SECONDS = 60;

/** Registers CreateOrder, CancelOrder, GetOrderSaga and what order-history.http.ts registers. */
export function registerOrderEndpoints(ports: AppPorts): void {
  const { orders } = ports;
  const durable = [sagaClientInput()];
  const common = { authLevel: 'function' as const };

  registerOrderHistory(orders);
  app.http('CreateOrder', {
    ...common,
    methods: ['POST'],
    route: 'orders',
    extraInputs: durable,
    handler: endpoint((exchange) => createOrder(ports, exchange)),
  });
  app.http('CancelOrder', {
    ...common,
    methods: ['POST'],
    route: 'orders/{id}/cancel',
    extraInputs: durable,
    handler: endpoint((exchange) => cancel(ports, exchange)),
  });
  app.http('GetOrderSaga', {
    ...common,
    methods: ['GET'],
    route: 'orders/{id}/saga',
    extraInputs: durable,
    handler: endpoint(async ({ request, context }) => {
      const order = await findOrder(orders, scopeOf(request), request.params.id);
      return { jsonBody: toSagaView(order, await ports.sagas(context).find(order.orderId)) };
    }),
  });
}

const createParameters = z.object({ wait: numberText({ min: 1, max: MAX_WAIT_SECONDS }).default(0) });

async function createOrder(ports: AppPorts, { request, context, correlationId }: Exchange): Promise<Answer> {
  const { wait: waitSeconds } = parametersOf(request.url, createParameters);
  const key = idempotencyKey(request);
  const parsed = parseOrderRequest(await jsonBody(request));
  if (parsed.kind === 'invalid') throw invalid(parsed.errors);
  if (parsed.kind === 'tooManyLines') {
    throw new HttpProblem(
      'ORDER_TOO_LARGE',
      `items has ${parsed.count} lines; an order has at most ${MAX_LINES}`,
    );
  }
  const placed = await placeOrder(
    { ...ports, sagas: ports.sagas(context), log: invocationLog(context) },
    {
      scope: scopeOf(request),
      request: parsed.request,
      idempotencyKey: key,
      correlationId,
      traceparent: traceparentFrom(request.headers.get('traceparent')),
    },
  );
  return orderAnswer(ports.orders, placed, waitSeconds);
}

async function orderAnswer(orders: OrderStore, placed: Placed, waitSeconds: number): Promise<Answer> {
  if (placed.kind === 'keyReused') {
    throw new HttpProblem(
      'IDEMPOTENCY_KEY_REUSED',
      `The key belongs to order ${placed.orderId} with another body`,
    );
  }
  if (placed.kind === 'priceChanged') {
    throw new HttpProblem('PRICE_CHANGED', 'A price has changed: see errors[]', placed.errors);
  }
  const order = waitSeconds > 0 ? await untilEnded(orders, placed.order, waitSeconds) : placed.order;
  const showEnd = order.ended && (placed.kind === 'existing' || waitSeconds > 0);
  return {
    status: showEnd ? 200 : 202,
    headers: { Location: `/api/orders/${order.orderId}` },
    jsonBody: toOrderView(order),
  };
}

async function cancel({ orders, clock, sagas }: AppPorts, { request, context }: Exchange): Promise<Answer> {
  const orderId = orderIdOf(request.params.id);
  const ports = { orders, clock, log: invocationLog(context), sagas: sagas(context) };
  const result = await cancelOrder(ports, {
    scope: scopeOf(request),
    orderId,
    requestedBy: 'customer',
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
    headers: { Location: `/api/orders/${orderId}` },
    jsonBody: await shownOrder(orders, result.order),
  };
}
