// Command that answers the question of approval of an order: appends the answer to the order's stream, then signals the order's
// saga (S15). Called by POST /api/orders/{id}/approve and /reject. A rejection turns the order back in the same append.
import { aboutOrder } from '../ports/log';
import { APPROVAL_STEP, type ApprovalAnswer } from '../domain/approval';
import { type OrderHead } from '../domain/order';
import { takenWhole } from '../domain/order-rules';
import type { OrderFact } from '../domain/order-events';
import type { Scope } from '../domain/scope';
import { TransientError } from '../errors';
import { openStream } from '../events/order-stream';
import { keyOfEntry } from '../saga/engine/entries';
import { answerFacts, type GivenAnswer } from './approval-facts';
import type { CancelOrderPorts } from './cancel-order';
import { orderRefusal } from './order-actions';
import { seenSaga } from './saga-status';

export type AnswerApprovalPorts = CancelOrderPorts;

export interface AnswerApproval {
  readonly scope: Scope;
  readonly orderId: string;
  readonly answeredBy: string;
  readonly answer: GivenAnswer;
}

/**
 * `answered`: somebody, or the time-out, was first. `notAwaiting`: no answer is asked for, or a cancel came before it.
 * `sagaGone`: nothing would go on with an approved order, so that an operator decides about it.
 */
export type ApprovalAnswered =
  | { readonly kind: 'accepted' | 'notAwaiting' | 'sagaGone'; readonly order: OrderHead }
  | { readonly kind: 'answered'; readonly order: OrderHead; readonly answer: ApprovalAnswer }
  | { readonly kind: 'notFound' };

/** Appends the answer if it is the first, then tells the saga. A lost signal is raised again by the reconciler. */
export async function answerApproval(
  ports: AnswerApprovalPorts,
  { scope, orderId, answeredBy, answer }: AnswerApproval,
): Promise<ApprovalAnswered> {
  let stored = await ports.orders.read(scope, orderId);
  const takes = (order: OrderHead): readonly OrderFact[] =>
    takenWhole(order, answerFacts(order, answeredBy, answer));
  // A rejected order is undone without its saga, by the reconciler; an approved one is not sent without it.
  if (stored !== undefined && answer.kind === 'approve' && takes(stored.order).length > 0) {
    const { version } = stored.order;
    const saga = await seenSaga(ports, stored.order);
    if (orderRefusal('approve', stored.order, saga)?.code === 'SAGA_GONE') {
      // What went on or ended meanwhile had a saga a moment ago.
      stored = await ports.orders.read(scope, orderId);
      if (stored?.order.version === version) return { kind: 'sagaGone', order: stored.order };
    }
  }
  if (stored === undefined) return { kind: 'notFound' };
  const stream = openStream(ports, stored);
  const result = await stream.append({
    actor: answeredBy,
    key: keyOfEntry(orderId, APPROVAL_STEP),
    facts: takes,
  });
  const order = stream.order();
  if (result === 'appended') {
    await signal(ports, order);
    return { kind: 'accepted', order };
  }
  const first = order.saga.approval?.answer ?? null;
  return first === null ? { kind: 'notAwaiting', order } : { kind: 'answered', order, answer: first };
}

async function signal({ sagas, log }: AnswerApprovalPorts, order: OrderHead): Promise<void> {
  try {
    await sagas.signalApproval(order.orderId, order.version);
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    log.warn('approval not signalled', { ...aboutOrder(order), error: error.message });
  }
}
