// SuspendSaga, ResumeSaga, TerminateSaga: decode, check who asks, call, encode.
import { app, type HttpRequest } from '@azure/functions';
import * as df from 'durable-functions';
import { z } from 'zod';
import { fieldErrors, label } from '../commands/order-request';
import { invocationLog } from '../observability/invocation-log';
import { controlSaga, SAGA_ACTIONS, type SagaAction } from '../ops/control-saga';
import type { AppPorts } from './app-ports';
import { noSuchOrder, orderIdOf } from './find-order';
import { endpoint, HttpProblem, invalid, jsonBody, type Answer, type Exchange } from './http';
import type { OperatorCheck } from './operator';

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
    'operator. To undo an order, cancel it instead: POST /api/orders/{id}/cancel.',
};

/** Registers the three. The app checks the operator role by itself, so the routes ask for no key. */
export function registerSagaControl(ports: AppPorts, requireOperator: OperatorCheck): void {
  for (const action of SAGA_ACTIONS) {
    app.http(NAMES[action], {
      authLevel: 'anonymous',
      methods: ['POST'],
      route: `ops/orders/{id}/${action}`,
      extraInputs: [df.input.durableClient()],
      handler: endpoint((exchange) => control(ports, requireOperator, action, exchange)),
    });
  }
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
  const result = await controlSaga(working, { orderId, action, operator, reason });
  if (result.kind === 'notFound') throw noSuchOrder(orderId);
  if (result.kind === 'wrongStatus')
    throw new HttpProblem('SAGA_NOT_THERE', `cannot ${action}: the saga's status is ${result.runtimeStatus}`);
  return {
    status: 202,
    headers: { Location: `/api/orders/${orderId}/saga` },
    jsonBody: { orderId, action, meaning: SAYS[action] },
  };
}

const body = z.strictObject({ reason: label(500) });

async function reasonIn(request: HttpRequest): Promise<string> {
  const parsed = body.safeParse(await jsonBody(request));
  if (!parsed.success) throw invalid(parsed.error.issues.flatMap(fieldErrors));
  return parsed.data.reason;
}
