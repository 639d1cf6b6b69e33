// Table of what can be done to an order now, and why not: pure functions over the order and its instance. The commands refuse by
// the same functions by which the API tells what is allowed (S18).
import { answerFacts } from './approval-facts';
import { isPastPivot, type OrderHead } from '../domain/order';
import { takenWhole } from '../domain/order-rules';
import { openInterventions } from '../domain/interventions';
import { isGoingBack } from '../domain/order-status';
import type { SagaInstance } from '../ports/saga-control';
import { hasVersion } from '../saga/order/order-saga-versions';
import { CURRENT_VERSION } from '../saga/order/step-tables';
import { isCarriedOn, isChoreographed, isDecided, isLive } from './saga-status';

export const ORDER_ACTIONS = [
  'cancel',
  'approve',
  'reject',
  'suspend',
  'resume',
  'terminate',
  'compensate',
  'repair',
] as const;
export type OrderAction = (typeof ORDER_ACTIONS)[number];

/** What can be done to something, and why not; `why` is null where it is allowed. */
export interface AllowedAction<A extends string = string> {
  readonly action: A;
  readonly allowed: boolean;
  readonly why: string | null;
}

/** Why an action is refused: the code of the answer, and the words. */
export interface Refusal {
  readonly code:
    | 'CANNOT_CANCEL'
    | 'SAGA_GONE'
    | 'APPROVAL_ANSWERED'
    | 'NOT_AWAITING_APPROVAL'
    | 'SAGA_CHOREOGRAPHED'
    | 'SAGA_WRONG_STATUS'
    | 'CANNOT_COMPENSATE'
    | 'CANNOT_REPAIR';
  readonly why: string;
}

/** The instance of an order; undefined when there is none, `unasked` where the task hub was not asked or is away. */
export type SeenSaga = SagaInstance | undefined | 'unasked';

/** The actions by their names, each with what `refusals` says of it. */
export function allowedActions<A extends string>(
  actions: readonly A[],
  refusalOf: (action: A) => Pick<Refusal, 'why'> | undefined,
): readonly AllowedAction<A>[] {
  return actions.map((action) => {
    const why = refusalOf(action)?.why ?? null;
    return { action, allowed: why === null, why };
  });
}

/** What can be done to the order. Without its instance only what its stream decides is told. */
export function orderActions(order: OrderHead, saga: SeenSaga): readonly AllowedAction<OrderAction>[] {
  const told = saga === 'unasked' ? (['cancel', 'approve', 'reject'] as const) : ORDER_ACTIONS;
  return allowedActions<OrderAction>(told, (action) => orderRefusal(action, order, saga));
}

/** Why the action is refused for the order as it is; undefined when it is not. */
export function orderRefusal(action: OrderAction, order: OrderHead, saga: SeenSaga): Refusal | undefined {
  switch (action) {
    case 'cancel':
      return cancelRefusal(order, saga);
    case 'approve':
    case 'reject':
      return answerRefusal(action, order, saga);
    case 'suspend':
    case 'resume':
    case 'terminate':
      return controlRefusal(action, order, saga);
    case 'compensate':
      return compensateRefusal(order, saga);
    case 'repair':
      return repairRefusal(order);
  }
}

/** A cancel that was accepted is accepted again. */
function cancelRefusal(order: OrderHead, saga: SeenSaga): Refusal | undefined {
  if (order.cancelRequestedAt !== null) return undefined;
  if (order.ended || isPastPivot(order)) {
    const what = order.trackingId === null ? order.status : 'shipped';
    return { code: 'CANNOT_CANCEL', why: `cannot cancel ${what} order` };
  }
  return isGone(order, saga) && !isDecided(order)
    ? {
        code: 'SAGA_GONE',
        why: 'the saga of the order was terminated or is lost: an operator can undo what was done',
      }
    : undefined;
}

function answerRefusal(action: 'approve' | 'reject', order: OrderHead, saga: SeenSaga): Refusal | undefined {
  const kind = action;
  if (takenWhole(order, answerFacts(order, 'somebody', { kind, reason: '' })).length === 0) {
    const first = order.saga.approval?.answer ?? null;
    if (first !== null)
      return {
        code: 'APPROVAL_ANSWERED',
        why: `the order was ${first.kind} by ${first.by} at ${first.at}`,
      };
    const how = order.cancelRequestedAt === null ? order.status : `being cancelled (${order.status})`;
    return {
      code: 'NOT_AWAITING_APPROVAL',
      why: `nobody is asked to approve the order: it is ${how}`,
    };
  }
  // A rejected order is undone without its saga, by the reconciler; an approved one is not sent without it.
  return kind === 'approve' && isGone(order, saga)
    ? {
        code: 'SAGA_GONE',
        why: 'the saga of the order was terminated or is lost: reject it, or have it undone',
      }
    : undefined;
}

/** Where the hub was not asked, an operator who was asked to look says so. */
function isGone(order: OrderHead, saga: SeenSaga): boolean {
  return saga === 'unasked'
    ? openInterventions(order.saga).some(({ kind }) => kind === 'saga')
    : !isCarriedOn(order, saga);
}

const CONTROLLED: Readonly<Record<'suspend' | 'resume' | 'terminate', readonly string[]>> = {
  suspend: ['running', 'pending'],
  resume: ['suspended'],
  terminate: ['running', 'pending', 'suspended'],
};

function controlRefusal(
  action: keyof typeof CONTROLLED,
  order: OrderHead,
  saga: SeenSaga,
): Refusal | undefined {
  if (isChoreographed(order))
    return {
      code: 'SAGA_CHOREOGRAPHED',
      why: 'the order is in the saga mode choreography, in which there is no instance of its saga',
    };
  const status = saga === 'unasked' ? 'unknown' : (saga?.runtimeStatus ?? 'none');
  return order.ended || !CONTROLLED[action].includes(status)
    ? { code: 'SAGA_WRONG_STATUS', why: `the saga's status is ${status}` }
    : undefined;
}

/** Asked again, what could not be undone is tried once more. */
function compensateRefusal(order: OrderHead, saga: SeenSaga): Refusal | undefined {
  const why = notToUndo(order) ?? livesOn(saga);
  return why === undefined ? undefined : { code: 'CANNOT_COMPENSATE', why };
}

/** Why the order as it is cannot be sent back, or undefined when it can. */
export function notToUndo(order: OrderHead): string | undefined {
  const { status, ended, saga } = order;
  if (!isGoingBack(status) && (ended || isPastPivot(order)))
    return `the order is ${status}: what is shipped is not undone`;
  const version = saga.definitionVersion ?? CURRENT_VERSION;
  return hasVersion(version)
    ? undefined
    : `the order began on version ${version} of the saga, which this build does not have`;
}

function livesOn(saga: SeenSaga): string | undefined {
  return saga !== undefined && saga !== 'unasked' && isLive(saga)
    ? `the saga of the order is ${saga.runtimeStatus}: cancel the order, or terminate the saga first`
    : undefined;
}

function repairRefusal({ ended, status, saga }: OrderHead): Refusal | undefined {
  if (ended) return { code: 'CANNOT_REPAIR', why: `the order is ${status}: nothing is left to be done` };
  return saga.needsIntervention && status !== 'compensating'
    ? { code: 'CANNOT_REPAIR', why: 'a person has to decide about it: see its interventions' }
    : undefined;
}
