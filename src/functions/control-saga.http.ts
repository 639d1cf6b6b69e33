// Routes for operators who suspend, resume or terminate a saga, or undo an order.
import type { FinishPorts } from '../commands/finish-order';
import { invocationLog } from '../telemetry/invocation-log';
import { compensateOrder } from '../operations/compensate-order';
import { controlSaga, type SagaAction } from '../operations/control-saga';
import type { AppPorts } from './app-ports';
import { noSuchOrder, orderIdOf } from './find-order';
import { HttpProblem } from './http';
import type { RegisterRoute } from './register-routes';
import { ROUTES } from './routes/routes';
import type { AnswerOf, Call } from './routes/route';

const MEANING: Readonly<Record<SagaAction, string>> = {
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

export function registerSagaControl(ports: ControlAppPorts, register: RegisterRoute): void {
  register(ROUTES.SuspendSaga, (call) => control(ports, 'suspend', call));
  register(ROUTES.ResumeSaga, (call) => control(ports, 'resume', call));
  register(ROUTES.TerminateSaga, (call) => control(ports, 'terminate', call));
  register(ROUTES.CompensateOrder, (call) => compensate(ports, call));
}

type Compensate = typeof ROUTES.CompensateOrder;

async function compensate(
  ports: ControlAppPorts,
  { params, body, scope, context, operator, base }: Call<Compensate>,
): Promise<AnswerOf<Compensate>> {
  const orderId = orderIdOf(params.id);
  const working = { ...ports, sagas: ports.sagas(context), log: invocationLog(context) };
  const result = await compensateOrder(working, {
    scope,
    orderId,
    operator,
    reason: body.reason,
  });
  if (result.kind === 'notFound') throw noSuchOrder(orderId);
  if (result.kind === 'refused')
    throw new HttpProblem('CANNOT_COMPENSATE', `cannot compensate: ${result.why}`);
  const { order, notUndone } = result;
  return {
    status: 202,
    headers: { Location: `${base}/orders/${orderId}/saga` },
    jsonBody: { orderId, action: 'compensate', status: order.status, notUndone, meaning: COMPENSATED },
  };
}

/** The routes of the actions say the same of their calls. */
type Control = typeof ROUTES.SuspendSaga;

async function control(
  ports: AppPorts,
  action: SagaAction,
  {
    params,
    body,
    scope,
    context,
    operator,
    base,
  }: Pick<Call<Control>, 'params' | 'body' | 'scope' | 'context' | 'operator' | 'base'>,
): Promise<AnswerOf<Control>> {
  const orderId = orderIdOf(params.id);
  const { orders, clock } = ports;
  const working = { orders, clock, sagas: ports.sagas(context), log: invocationLog(context) };
  const result = await controlSaga(working, {
    scope,
    orderId,
    action,
    operator,
    reason: body.reason,
  });
  if (result.kind === 'notFound') throw noSuchOrder(orderId);
  if (result.kind === 'refused') {
    const { code, why } = result.refusal;
    throw new HttpProblem(code, `cannot ${action}: ${why}`);
  }
  return {
    status: 202,
    headers: { Location: `${base}/orders/${orderId}/saga` },
    jsonBody: { orderId, action, meaning: MEANING[action] },
  };
}
