// People of the unkind tests: who answers about an approval, and who brings items back and inspects them. They act on what the
// order's stream shows, by the commands behind the routes, and act again where a host died under them.
import type { OrderHead } from '../../src/domain/order';
import { isReturnEnded, returnsOf } from '../../src/domain/return-state';
import { answerAs, APPROVE, REJECT } from './approvals';
import { returnFlow } from './return-flow';
import type { SagaParts } from './saga-harness';
import type { People } from './unkind-points';

/** What somebody can do now; undefined while there is nothing to do. */
export function nextAct(
  { ports }: Pick<SagaParts, 'ports'>,
  order: OrderHead,
  { approval, brings, accepts }: People,
): (() => Promise<unknown>) | undefined {
  const { orderId, saga } = order;
  if (approval !== undefined && approval !== 'nobody' && saga.approval?.answer === null)
    return () => answerAs(ports, orderId, 'operator', approval === 'approve' ? APPROVE : REJECT);
  if (brings === undefined || order.status !== 'completed') return undefined;
  const flow = returnFlow(ports, orderId);
  const [one] = returnsOf(order);
  if (one === undefined) return () => flow.request(brings);
  if (one.status === 'authorised') return () => flow.receive();
  return one.status === 'received' ? () => flow.inspect(accepts) : undefined;
}

/** Whether people and sagas are through with the order. */
export function isThrough(order: OrderHead, { brings }: People): boolean {
  if (!order.ended) return false;
  const returns = returnsOf(order);
  const isToCome = brings !== undefined && order.status === 'completed' && returns.length === 0;
  return !isToCome && returns.every(isReturnEnded);
}
