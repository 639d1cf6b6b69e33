// Routes for operators who look after orders that make no progress.
import { listStuckOrders, repairNow, type StuckOrder } from '../operations/stuck-orders';
import type { OrderQueues } from '../ports/order-queues';
import { invocationLog } from '../telemetry/invocation-log';
import { orderActionsFor } from './allowed-for';
import type { ControlAppPorts } from './control-saga.http';
import { noSuchOrder, orderIdOf } from './find-order';
import { HttpProblem, nextPage } from './http';
import { pageById } from './inbox.http';
import type { RegisterRoute } from './register-routes';
import type { AnswerOf, Call } from './routes/route';
import { ROUTES } from './routes/routes';

export interface StuckAppPorts extends ControlAppPorts {
  readonly queues: OrderQueues;
  readonly stuckMs: number;
}

export function registerStuckOrders(ports: StuckAppPorts, register: RegisterRoute): void {
  register(ROUTES.ListStuckOrders, (call) => list(ports, call));
  register(ROUTES.RepairOrder, (call) => repair(ports, call));
}

type List = typeof ROUTES.ListStuckOrders;

async function list(ports: StuckAppPorts, call: Call<List>): Promise<AnswerOf<List>> {
  const { query, scope, context, caller, request, base } = call;
  const asking = { ...ports, sagas: ports.sagas(context), log: invocationLog(context) };
  const nowMs = ports.clock.nowMs();
  const idOf = ({ order }: StuckOrder): string => order.orderId;
  const { items, next } = await pageById('stuck', { ...query, scope }, idOf, (page) =>
    listStuckOrders(asking, scope, page),
  );
  const jsonBody = items.map(({ order, saga, reason, detail }) => ({
    ...{ orderId: order.orderId, customerId: order.customerId, status: order.status },
    ...{ step: order.saga.currentStep, since: order.updatedAt, reason, detail },
    minutes: Math.max(0, Math.floor((nowMs - Date.parse(order.updatedAt)) / 60_000)),
    allowedActions: orderActionsFor(caller, order, saga),
  }));
  if (next === undefined) return { status: 200, jsonBody };
  return { status: 200, jsonBody, headers: nextPage(`${base}/ops/stuck`, request.url, next) };
}

type Repair = typeof ROUTES.RepairOrder;

async function repair(
  ports: StuckAppPorts,
  { params, body, scope, operator, context }: Call<Repair>,
): Promise<AnswerOf<Repair>> {
  const orderId = orderIdOf(params.id);
  const working = { ...ports, sagas: ports.sagas(context), log: invocationLog(context) };
  const result = await repairNow(working, { scope, orderId, operator, reason: body.reason });
  if (result.kind === 'notFound') throw noSuchOrder(orderId);
  if (result.kind === 'refused') throw new HttpProblem('CANNOT_REPAIR', `cannot repair: ${result.why}`);
  return { status: 200, jsonBody: { orderId, result: result.result, status: result.order.status } };
}
