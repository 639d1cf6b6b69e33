// The order endpoints: decode, call, encode.
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { z } from 'zod';
import { cancelOrder } from '../commands/cancel-order';
import { MAX_LINES, identifier, parseOrderRequest } from '../commands/order-request';
import { TENANT, placeOrder, type Placed } from '../commands/place-order';
import { customerKey, type Order } from '../domain/order';
import { ORDER_STATUSES } from '../domain/order-status';
import { invocationLog } from '../observability/invocation-log';
import { traceparentFrom } from '../observability/trace-context';
import type { OrderStore } from '../ports/order-store';
import { toOrderView, toSagaView } from '../queries/order-view';
import type { AppPorts } from './app-ports';
import { HttpProblem, endpoint, idempotencyKey, invalid, jsonBody, type Answer, type Exchange } from './http';

const MAX_WAIT_SECONDS = 60;
const WAIT_POLL_MS = 100;
const MAX_LIMIT = 100;

/** Registers CreateOrder, GetOrderById, GetOrdersByCustomer, CancelOrder, GetOrderSaga and GetOrderEvents. */
export function registerOrderEndpoints(ports: AppPorts): void {
  const { orders } = ports;
  const durable = [df.input.durableClient()];
  const common = { authLevel: 'function' as const };

  app.http('CreateOrder', {
    ...common,
    methods: ['POST'],
    route: 'orders',
    extraInputs: durable,
    handler: endpoint((exchange) => createOrder(ports, exchange)),
  });
  app.http('GetOrdersByCustomer', {
    ...common,
    methods: ['GET'],
    route: 'orders/customer/{customerId}',
    handler: endpoint(({ request }) => listOrders(orders, request.params.customerId ?? '', request.url)),
  });
  app.http('GetOrderById', {
    ...common,
    methods: ['GET'],
    route: 'orders/{id}',
    handler: endpoint(async ({ request }) => ({
      jsonBody: toOrderView(await find(orders, request.params.id)),
    })),
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
      const order = await find(orders, request.params.id);
      return { jsonBody: toSagaView(order, await ports.sagas(context).find(order.orderId)) };
    }),
  });
  app.http('GetOrderEvents', {
    ...common,
    methods: ['GET'],
    route: 'orders/{id}/events',
    handler: endpoint(async ({ request }) => {
      const { orderId } = await find(orders, request.params.id);
      return { jsonBody: await orders.eventsAfter(orderId, 0) };
    }),
  });
}

async function createOrder(ports: AppPorts, { request, context, correlationId }: Exchange): Promise<Answer> {
  const waitSeconds = waitOf(request.query.get('wait'));
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
      request: parsed.request,
      tenantId: TENANT,
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
  const order = waitSeconds > 0 ? await untilEnded(orders, placed.order, waitSeconds) : placed.order;
  const showEnd = order.ended && (placed.kind === 'existing' || waitSeconds > 0);
  return {
    status: showEnd ? 200 : 202,
    headers: { Location: `/api/orders/${order.orderId}` },
    jsonBody: toOrderView(order),
  };
}

/** The order as it is when it has ended, or when the time is up. The saga goes on either way. */
async function untilEnded(orders: OrderStore, placed: Order, waitSeconds: number): Promise<Order> {
  const untilMs = Date.now() + waitSeconds * 1_000;
  let order = placed;
  while (!order.ended && Date.now() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, WAIT_POLL_MS));
    order = (await orders.read(order.orderId))?.order ?? order;
  }
  return order;
}

async function cancel({ orders, clock, sagas }: AppPorts, { request, context }: Exchange): Promise<Answer> {
  const orderId = orderIdOf(request.params.id);
  const ports = { orders, clock, log: invocationLog(context), sagas: sagas(context) };
  const result = await cancelOrder(ports, { orderId, requestedBy: 'customer', reason: null });
  if (result.kind === 'notFound') throw notFound(orderId);
  if (result.kind === 'tooLate') {
    const what = result.order.trackingId === null ? result.order.status : 'shipped';
    throw new HttpProblem('CANNOT_CANCEL', `cannot cancel ${what} order`);
  }
  return {
    status: 202,
    headers: { Location: `/api/orders/${orderId}` },
    jsonBody: toOrderView(result.order),
  };
}

const listParameters = z.object({
  page: z.coerce.number('must be a number').int('must be a whole number').min(1).max(10_000).default(1),
  limit: z.coerce.number('must be a number').int('must be a whole number').min(1).max(MAX_LIMIT).default(20),
  status: z.enum(ORDER_STATUSES as [(typeof ORDER_STATUSES)[number]]).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
});

async function listOrders(orders: OrderStore, customerId: string, url: string): Promise<Answer> {
  if (!identifier.safeParse(customerId).success) return { jsonBody: [] };
  const query = new URL(url).searchParams;
  const parsed = listParameters.safeParse(Object.fromEntries(query));
  if (!parsed.success) {
    throw invalid(parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })));
  }
  const { page, limit, status, from, to } = parsed.data;
  const found = await orders.list({
    customerKey: customerKey(TENANT, customerId),
    status,
    fromIso: from === undefined ? undefined : new Date(from).toISOString(),
    toIso: to === undefined ? undefined : new Date(to).toISOString(),
    offset: (page - 1) * limit,
    // One more than asked for tells whether there is a next page.
    limit: limit + 1,
  });
  query.set('page', String(page + 1));
  const next = `/api/orders/customer/${encodeURIComponent(customerId)}?${query.toString()}`;
  return {
    jsonBody: found.slice(0, limit).map(toOrderView),
    ...(found.length > limit ? { headers: { Link: `<${next}>; rel="next"` } } : {}),
  };
}

async function find(orders: OrderStore, id: string | undefined): Promise<Order> {
  const orderId = orderIdOf(id);
  const stored = await orders.read(orderId);
  if (stored === undefined) throw notFound(orderId);
  return stored.order;
}

/** Every order id is a UUID: anything else is no order, and never reaches the store. */
function orderIdOf(id = ''): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw notFound(id);
  return id;
}

function notFound(id: string): HttpProblem {
  return new HttpProblem('NOT_FOUND', `There is no order ${id.slice(0, 100)}`);
}

function waitOf(text: string | null): number {
  if (text === null) return 0;
  const seconds = Number(text);
  if (/^\d{1,2}$/.test(text) && seconds >= 1 && seconds <= MAX_WAIT_SECONDS) return seconds;
  throw invalid([
    { path: 'wait', message: `must be a whole number of seconds from 1 to ${MAX_WAIT_SECONDS}` },
  ]);
}
