// People of the crash matrix: an approver, and who sends a return, takes the parcel in and inspects it. Each acts when the
// order as it is stored asks for it, repeats an act until it is answered, over a crash as well, and never does it again then.
// They know no crash point.
import type { OrderHead } from '../../src/domain/order';
import { returnsOf } from '../../src/domain/return-state';
import type { Act, MatrixOrder } from './orders';
import type { Scenario } from './scenarios';
import { QUANTITY, returnInstanceOf, type CrashSystem, type InstanceStatus, type Sent } from './system';

/** What somebody has to do about an order by what is stored of it; undefined while there is nothing to do. */
export function nextAct({ approval, returns }: Scenario, order: OrderHead): Act | undefined {
  if (order.status === 'awaitingApproval') return approval === 'nobody' ? undefined : approval;
  if (returns === undefined || order.status !== 'completed') return undefined;
  const [one] = returnsOf(order);
  if (one === undefined) return 'request';
  if (one.status === 'authorised') return 'receive';
  if (one.status !== 'received') return undefined;
  return returns.isCancelled === true ? 'cancel' : 'inspect';
}

const hasPeople = ({ scenario: { approval, returns } }: MatrixOrder): boolean =>
  returns !== undefined || (approval !== undefined && approval !== 'nobody');

/** Whether somebody waits for an answer. */
export const isUnanswered = ({ acts }: MatrixOrder): boolean =>
  [...acts.values()].some(({ answer }) => answer === null);

const EVERY_MS = 100;

export interface Acting {
  readonly system: CrashSystem;
  /** Whether each waits until the saga of the order waits for him: so it goes the same way each time. */
  readonly isPatient: boolean;
}

/** Acts for each order when the moment has come, until `signal` ends it. */
export async function actInTime(
  acting: Acting,
  orders: readonly MatrixOrder[],
  signal: AbortSignal,
): Promise<void> {
  const people = orders.filter(hasPeople);
  const busy = new Set<MatrixOrder>();
  while (!signal.aborted && people.length > 0) {
    const free = people.filter((order) => !busy.has(order));
    for (const { order, orderId, act } of await dueActs(acting, free).catch(() => [])) {
      // Each by itself: one that is held gets no answer, and is repeated with the next process.
      busy.add(order);
      void actOnce(acting.system, order, orderId, act).finally(() => busy.delete(order));
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

interface DueAct {
  readonly order: MatrixOrder;
  readonly orderId: string;
  readonly act: Act;
}

async function dueActs(
  { system, isPatient }: Acting,
  orders: readonly MatrixOrder[],
): Promise<readonly DueAct[]> {
  const stored = await system.storedOrders(orders.map(({ customerId }) => customerId));
  const due = orders.flatMap((order) => {
    const found = stored.find(({ customerId }) => customerId === order.customerId);
    const act = found && actOf(order, found);
    return act === undefined ? [] : [{ order, orderId: found?.orderId ?? '', act }];
  });
  if (!isPatient) return due;
  const ready = await Promise.all(due.map((one) => isWaitedFor(system, one)));
  return due.filter((_, index) => ready[index]);
}

/** What was begun and not answered, else what the order asks for and was not done. */
function actOf({ scenario, acts, holdsBack }: MatrixOrder, stored: OrderHead): Act | undefined {
  const [again] = [...acts].find(([, { answer }]) => answer === null) ?? [];
  const next = again ?? nextAct(scenario, stored);
  const isDone = next !== undefined && typeof acts.get(next)?.answer === 'number';
  return isDone || next === holdsBack ? undefined : next;
}

async function isWaitedFor(system: CrashSystem, { order, orderId, act }: DueAct): Promise<boolean> {
  if (act === 'request' || order.acts.has(act)) return true;
  const isReturns = act !== 'approve' && act !== 'reject';
  const instance = await system.instance(isReturns ? returnInstanceOf(orderId) : orderId);
  // The saga of a choreographed order has none, and rests between its messages.
  return (instance === undefined && !isReturns) || isAtRest(instance);
}

/** Whether a saga waits, and has armed the timer for it. */
export function isAtRest(instance: InstanceStatus | undefined): boolean {
  const steps = instance?.historyEvents?.filter(({ EventType }) => !EventType.startsWith('Orchestrator'));
  return steps?.at(-1)?.EventType === 'TimerCreated';
}

/** A server that does not serve is asked again. */
const isAnswer = (status: number): boolean => status < 500 && status !== 429;

async function actOnce(system: CrashSystem, order: MatrixOrder, orderId: string, act: Act): Promise<void> {
  const acted = order.acts.get(act) ?? { sinceMs: Date.now(), answer: null };
  order.acts.set(act, acted);
  const [path, sent] = requestOf(order, act);
  const status = await system.send(`${orderId}/${path}`, sent).catch(() => undefined);
  if (status !== undefined && isAnswer(status)) acted.answer ??= status;
}

function requestOf({ scenario, key }: MatrixOrder, act: Act): readonly [path: string, sent: Sent] {
  const { quantity = QUANTITY, accepted = quantity, damaged = 0 } = scenario.returns ?? {};
  const { productId } = scenario;
  const reason = 'as the matrix has it';
  switch (act) {
    case 'approve':
    case 'reject':
      return [act, { isOperators: true, body: { reason } }];
    case 'request':
      return [
        'returns',
        { isOperators: false, key: `${key}-return`, body: { items: [{ productId, quantity }], reason } },
      ];
    case 'receive':
      return ['returns/1/received', { isOperators: true }];
    case 'inspect':
      return [
        'returns/1/inspection',
        { isOperators: true, body: { items: [{ productId, accepted, damaged }] } },
      ];
    case 'cancel':
      return ['returns/1/cancel', { isOperators: false }];
  }
}

/** Whoever repeats an answer that was stored reads 409 and who was first; all else is said again with the same answer. */
const ANSWERS: Readonly<Record<Act, readonly number[]>> = {
  ...{ approve: [202, 409], reject: [202, 409] },
  ...{ request: [202], receive: [202], inspect: [202], cancel: [202] },
};

/** What is wrong with the answers that people got. */
export function actProblems({ acts }: MatrixOrder): readonly string[] {
  return [...acts].flatMap(([act, { answer }]) =>
    answer !== null && ANSWERS[act].includes(answer)
      ? []
      : [`${act} was answered with ${answer ?? 'nothing'}`],
  );
}
