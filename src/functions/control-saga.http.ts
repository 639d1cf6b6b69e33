// SuspendSaga, ResumeSaga, TerminateSaga, CompensateOrder: decode, check who asks, call, encode.
import { app, type HttpRequest } from '@azure/functions';
import { z } from 'zod';
import type { FinishPorts } from '../commands/finish-order';
import { label } from '../fields';
import { invocationLog } from '../telemetry/invocation-log';
import { compensateOrder } from '../operations/compensate-order';
import { controlSaga, SAGA_ACTIONS, type SagaAction } from '../operations/control-saga';
import type { AppPorts } from './app-ports';
import { noSuchOrder, orderIdOf } from './find-order';
import { endpoint, HttpProblem, jsonBody, valid, type Answer, type Exchange } from './http';
import type { OperatorCheck } from './operator';
import { sagaClientInput } from './saga-client.durable';
import { operatorScope } from './scope';

const NAMES: Readonly<Record<SagaAction, string>> = {
  suspend: 'SuspendSaga',
  resume: 'ResumeSaga',
  terminate: 'TerminateSaga',
};

const SAYS: Readonly<Record<SagaAction, string>> = {
  suspend: 'The saga takes no further step until it is resumed; a step under way is finished.',
  resume: 'The saga goes on where it stood.',
  terminate:
    'The saga has ended and nothing was compensated: stock, payment and shipment are as they were. The order is marked for an ' +
    'operator, and what was done can be undone: POST /api/ops/orders/{id}/compensate. An order that was being compensated is ' +
    'compensated to its end all the same. To undo an order whose saga runs, cancel it instead: POST /api/orders/{id}/cancel.',
};

const COMPENSATED =
  'The order goes back and ends without success: what was done is undone, latest first. What a service could not undo (notUndone) ' +
  'is tried again by the reconciler until the order has ended, and after that when this is sent again.';

export type ControlAppPorts = AppPorts & Omit<FinishPorts, 'clock' | 'log'>;

/** Registers the four. The app checks the operator role by itself, so the routes ask for no key. */
export function registerSagaControl(ports: ControlAppPorts, requireOperator: OperatorCheck): void {
  for (const action of SAGA_ACTIONS) {
    app.http(NAMES[action], {
      authLevel: 'anonymous',
      methods: ['POST'],
      route: `ops/orders/{id}/${action}`,
      extraInputs: [sagaClientInput()],
      handler: endpoint((exchange) => control(ports, requireOperator, action, exchange)),
    });
  }
  app.http('CompensateOrder', {
    authLevel: 'anonymous',
    methods: ['POST'],
    route: 'ops/orders/{id}/compensate',
    extraInputs: [sagaClientInput()],
    handler: endpoint((exchange) => compensate(ports, requireOperator, exchange)),
  });
}

async function compensate(
  ports: ControlAppPorts,
  requireOperator: OperatorCheck,
  { request, context }: Exchange,
): Promise<Answer> {
  const operator = requireOperator(request);
  const orderId = orderIdOf(request.params.id);
  const reason = await reasonIn(request);
  const working = { ...ports, sagas: ports.sagas(context), log: invocationLog(context) };
  const result = await compensateOrder(working, { scope: operatorScope(request), orderId, operator, reason });
  if (result.kind === 'notFound') throw noSuchOrder(orderId);
  if (result.kind === 'refused')
    throw new HttpProblem('CANNOT_COMPENSATE', `cannot compensate: ${result.why}`);
  const { order, notUndone } = result;
  return {
    status: 202,
    headers: { Location: `/api/orders/${orderId}/saga` },
    jsonBody: { orderId, action: 'compensate', status: order.status, notUndone, meaning: COMPENSATED },
  };
}

async function control(
  ports: AppPorts,
  requireOperator: OperatorCheck,
  action: SagaAction,
  { request, context }: Exchange,
): Promise<Answer> {
  const operator = requireOperator(request);
  const orderId = orderIdOf(request.params.id);
  const reason = await reasonIn(request);
  const { orders, clock } = ports;
  const working = { orders, clock, sagas: ports.sagas(context), log: invocationLog(context) };
  const result = await controlSaga(working, {
    scope: operatorScope(request),
    orderId,
    action,
    operator,
    reason,
  });
  if (result.kind === 'notFound') throw noSuchOrder(orderId);
  if (result.kind === 'wrongStatus')
    throw new HttpProblem(
      'SAGA_WRONG_STATUS',
      `cannot ${action}: the saga's status is ${result.runtimeStatus}`,
    );
  return {
    status: 202,
    headers: { Location: `/api/orders/${orderId}/saga` },
    jsonBody: { orderId, action, meaning: SAYS[action] },
  };
}

const body = z.strictObject({ reason: label(500) });

async function reasonIn(request: HttpRequest): Promise<string> {
  return valid(body, await jsonBody(request)).reason;
}
