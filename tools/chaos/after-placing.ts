// Clients of a run after an order is placed: who approves or rejects it, and who brings items back. Both go by the answers of
// the API alone, and repeat every request until it is answered.
import { DEMO_OPERATOR_TOKEN, type OrderAnswer, type ReturnAnswer } from '../../local/demo/system-client';
import { pause } from './http-client';
import type { PlannedReturn } from './plan';
import { AGAIN_AFTER_MS, untilAnswered, type Sent, type SentReturn, type Target } from './sent';

const JSON_TYPE = { 'content-type': 'application/json' };
const AS_OPERATOR = { ...JSON_TYPE, authorization: `Bearer ${DEMO_OPERATOR_TOKEN}` };
const ACCEPTED_OR_LATE = [202, 409];

/** Answers the question of approval, once it is asked. */
export async function answerApproval(target: Target, sent: Sent): Promise<void> {
  const { approval } = sent.planned;
  const [id] = sent.orderIds;
  if (id === undefined || approval === undefined || approval === 'nobody') return;
  const order = await lookUntil<OrderAnswer>(
    target,
    sent,
    id,
    (found) => isOver(found) || found.status === 'awaitingApproval',
  );
  if (order?.status !== 'awaitingApproval') return;
  const init = { method: 'POST', headers: AS_OPERATOR, body: JSON.stringify({ reason: 'as planned' }) };
  const answer = await untilAnswered(target, sent, `${id}/${approval}`, init, ACCEPTED_OR_LATE);
  if (answer !== undefined) sent.approvals.push(answer.status);
}

/** Brings items of a completed order back, as planned. */
export async function bringBack(target: Target, sent: Sent): Promise<void> {
  const { returns } = sent.planned;
  const [id] = sent.orderIds;
  if (id === undefined || returns.length === 0) return;
  const order = await lookUntil(target, sent, id, isOver);
  if (order?.status !== 'completed') return;
  for (const [index, planned] of returns.entries()) await bringOneBack(target, sent, { id, index, planned });
}

interface Bringing {
  readonly id: string;
  readonly index: number;
  readonly planned: PlannedReturn;
}

async function bringOneBack(target: Target, sent: Sent, { id, index, planned }: Bringing): Promise<void> {
  const productId = sent.planned.items[0]?.productId ?? '';
  const body = JSON.stringify({ items: [{ productId, quantity: planned.quantity }], reason: 'as planned' });
  const headers = { ...JSON_TYPE, 'idempotency-key': `${sent.planned.key}-return-${index}` };
  const asked = await untilAnswered(target, sent, `${id}/returns`, { method: 'POST', headers, body }, [202]);
  if (asked === undefined) return;
  const { number } = asked.json as ReturnAnswer;
  const one: SentReturn = { number, inspections: [], cancels: [] };
  sent.returns.push(one);
  const path = `${id}/returns/${number}`;
  await lookUntil<ReturnAnswer>(target, sent, path, ({ status }) => status !== 'requested');
  const change = { method: 'POST', headers: AS_OPERATOR };
  await untilAnswered(target, sent, `${path}/received`, change, ACCEPTED_OR_LATE);
  const items = [{ productId, accepted: planned.accepted, damaged: planned.damaged }];
  const inspected = { ...change, body: JSON.stringify({ items }) };
  const [inspection, cancel] = await Promise.all([
    untilAnswered(target, sent, `${path}/inspection`, inspected, ACCEPTED_OR_LATE),
    planned.isCancelled
      ? untilAnswered(target, sent, `${path}/cancel`, { method: 'POST' }, ACCEPTED_OR_LATE)
      : undefined,
  ]);
  if (inspection !== undefined) one.inspections.push(inspection.status);
  if (cancel !== undefined) one.cancels.push(cancel.status);
}

const isOver = ({ status, needsIntervention }: OrderAnswer): boolean =>
  needsIntervention || ['completed', 'failed', 'cancelled'].includes(status);

/** Looks again until what is found is as wanted; undefined when `signal` ends before. */
async function lookUntil<T>(
  target: Target,
  sent: Sent,
  path: string,
  is: (found: T) => boolean,
): Promise<T | undefined> {
  for (;;) {
    const answer = await untilAnswered(target, sent, path, {}, [200]);
    if (answer === undefined) return undefined;
    const found = answer.json as T;
    if (is(found)) return found;
    await pause(AGAIN_AFTER_MS);
  }
}
