// Routes for approvers, who approve or reject an order above the limit.
import { answerApproval, type AnswerApproval } from '../commands/answer-approval';
import { shownOrder } from '../queries/shown-order';
import { invocationLog } from '../telemetry/invocation-log';
import type { AppPorts } from './app-ports';
import { noSuchOrder, orderIdOf } from './find-order';
import { HttpProblem } from './http';
import type { RegisterRoute } from './register-routes';
import type { AnswerOf, Call } from './routes/route';
import { ROUTES } from './routes/routes';

export function registerApprovals(ports: AppPorts, register: RegisterRoute): void {
  register(ROUTES.GiveApproval, (call) =>
    answer(ports, call, { kind: 'approve', reason: call.body.reason ?? null }),
  );
  register(ROUTES.RefuseApproval, (call) =>
    answer(ports, call, { kind: 'reject', reason: call.body.reason }),
  );
}

/** Both routes say the same of their calls but for the body. */
type Answering = typeof ROUTES.GiveApproval;

async function answer(
  { orders, clock, sagas }: AppPorts,
  {
    params,
    scope,
    context,
    operator,
    base,
  }: Pick<Call<Answering>, 'params' | 'scope' | 'context' | 'operator' | 'base'>,
  given: AnswerApproval['answer'],
): Promise<AnswerOf<Answering>> {
  const orderId = orderIdOf(params.id);
  const ports = { orders, clock, log: invocationLog(context), sagas: sagas(context) };
  const result = await answerApproval(ports, { scope, orderId, answeredBy: operator, answer: given });
  switch (result.kind) {
    case 'notFound':
      throw noSuchOrder(orderId);
    case 'answered': {
      const { kind, by, at } = result.answer;
      throw new HttpProblem('APPROVAL_ANSWERED', `the order was ${kind} by ${by} at ${at}`);
    }
    case 'notAwaiting':
      throw new HttpProblem(
        'NOT_AWAITING_APPROVAL',
        `nobody is asked to approve the order: ${whyNot(result.order)}`,
      );
    case 'sagaGone':
      throw new HttpProblem(
        'SAGA_GONE',
        `cannot approve: the saga of the order was terminated or is lost. Reject it, or have it undone: POST /api/ops/orders/${orderId}/compensate`,
      );
    case 'accepted':
      return {
        status: 202,
        headers: { Location: `${base}/orders/${orderId}` },
        jsonBody: await shownOrder(orders, result.order),
      };
  }
}

function whyNot({
  status,
  cancelRequestedAt,
}: {
  readonly status: string;
  readonly cancelRequestedAt: string | null;
}): string {
  return cancelRequestedAt === null ? `it is ${status}` : `it is being cancelled (${status})`;
}
