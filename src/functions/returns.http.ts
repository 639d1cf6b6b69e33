// Routes for returns of orders: request, look at, cancel; and for operators: received, inspected, tried again.
import { cancelReturn, inspectReturn, receiveReturn, type Changed } from '../commands/change-return';
import type { FinishReturnPorts } from '../commands/finish-return';
import { requestReturn, type ReturnPorts } from '../commands/request-return';
import { retryReturn } from '../commands/retry-return';
import { returnOf, type ReturnState } from '../domain/return-state';
import { toReturnView } from '../queries/return-view';
import { invocationLog } from '../telemetry/invocation-log';
import type { AppPorts } from './app-ports';
import { findOrder, noSuchOrder, orderIdOf } from './find-order';
import { HttpProblem, invalid } from './http';
import type { RegisterRoute } from './register-routes';
import { requesterOf } from '../identity/caller';
import { ROUTES } from './routes/routes';
import type { AnswerOf, Call } from './routes/route';

export type ReturnAppPorts = AppPorts &
  Omit<FinishReturnPorts, 'orders' | 'clock' | 'log'> & { readonly returnWindowDays: number };

/** Registers the routes of return-routes.ts. */
export function registerReturnRoutes(ports: ReturnAppPorts, register: RegisterRoute): void {
  register(ROUTES.RequestReturn, (call) => request(ports, call));
  register(ROUTES.GetReturn, (call) => look(ports, call));
  register(ROUTES.CancelReturn, async (call) => {
    const change = { ...placeOf(call), scope: call.scope, by: requesterOf(call.caller) };
    return changedAnswer(await cancelReturn(portsOf(ports, call), change), call);
  });
  register(ROUTES.ReceiveReturn, async (call) => {
    const change = { ...placeOf(call), scope: call.scope, by: call.operator };
    return changedAnswer(await receiveReturn(portsOf(ports, call), change), call);
  });
  register(ROUTES.RecordInspection, async (call) => {
    const change = { ...placeOf(call), scope: call.scope, by: call.operator };
    return changedAnswer(await inspectReturn(portsOf(ports, call), { ...change, ...call.body }), call);
  });
  register(ROUTES.RetryReturn, async (call) => {
    const change = { ...placeOf(call), scope: call.scope, by: call.operator };
    const working = { ...ports, ...portsOf(ports, call) };
    return changedAnswer(await retryReturn(working, { ...change, reason: call.body.reason }), call);
  });
}

type Request = typeof ROUTES.RequestReturn;

async function request(ports: ReturnAppPorts, call: Call<Request>): Promise<AnswerOf<Request>> {
  const orderId = orderIdOf(call.params.id);
  const result = await requestReturn(portsOf(ports, call), {
    scope: call.scope,
    orderId,
    ...call.body,
    requestedBy: requesterOf(call.caller),
    idempotencyKey: call.headers['Idempotency-Key'],
    windowDays: ports.returnWindowDays,
  });
  switch (result.kind) {
    case 'notFound':
      throw noSuchOrder(orderId);
    case 'refused':
      throw new HttpProblem('CANNOT_RETURN', `cannot return: ${result.why}`);
    case 'exceeds':
      throw new HttpProblem(
        'RETURN_EXCEEDS_ORDER',
        'More is returned than can be: see errors[]',
        result.errors,
      );
    case 'keyReused':
      throw new HttpProblem(
        'IDEMPOTENCY_KEY_REUSED',
        `The key belongs to return ${result.returnNumber} with another body`,
      );
    case 'requested':
    case 'existing':
      return answer(result.order, result.found, call.base);
  }
}

type Look = typeof ROUTES.GetReturn;

async function look({ orders }: AppPorts, { params, scope }: Call<Look>): Promise<AnswerOf<Look>> {
  const order = await findOrder(orders, scope, params.id);
  const found = returnOf(order, params.number);
  if (found === undefined) throw noSuchReturn(params);
  return { status: 200, jsonBody: toReturnView(order, found) };
}

/** The routes of the changes say the same of their calls and answers. */
type Change = Pick<Call<typeof ROUTES.CancelReturn>, 'params' | 'base' | 'context'>;

function placeOf({ params }: Pick<Change, 'params'>): { orderId: string; returnNumber: number } {
  return { orderId: orderIdOf(params.id), returnNumber: params.number };
}

function portsOf(
  { orders, clock, cipher, returnSagas }: ReturnAppPorts,
  { context }: Pick<Change, 'context'>,
): ReturnPorts {
  return { orders, clock, cipher, returnSagas: returnSagas(context), log: invocationLog(context) };
}

function changedAnswer(changed: Changed, { params, base }: Change): ReturnType<typeof answer> {
  switch (changed.kind) {
    case 'notFound':
      throw noSuchReturn(params);
    case 'invalid':
      throw invalid(changed.errors);
    case 'wrongStatus':
      throw new HttpProblem('RETURN_WRONG_STATUS', `The return is ${changed.found.status}`);
    case 'accepted':
      return answer(changed.order, changed.found, base);
  }
}

function answer(order: Parameters<typeof toReturnView>[0], found: ReturnState, base: string) {
  return {
    status: 202 as const,
    headers: { Location: `${base}/orders/${order.orderId}/returns/${found.number}` },
    jsonBody: toReturnView(order, found),
  };
}

function noSuchReturn({ id, number }: { readonly id: string; readonly number: number }): HttpProblem {
  return new HttpProblem('NOT_FOUND', `There is no return ${number} of an order ${id.slice(0, 100)}`);
}
