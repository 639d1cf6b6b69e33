// Table of what an operator can do with an intervention now, and why not: pure. The commands of interventions.ts refuse by it, and
// the routes tell it as `allowedActions` (S18).
import { allowedActions, orderRefusal, type AllowedAction, type SeenSaga } from '../commands/order-actions';
import { isDecided, isLive } from '../commands/saga-status';
import { undoableEntry } from '../commands/undo-entry';
import type { Intervention } from '../domain/interventions';
import { isPastPivot, type OrderHead } from '../domain/order';
import { isGoingBack } from '../domain/order-status';
import { isPromised } from '../domain/return-rules';
import { returnOf } from '../domain/return-state';

export const INTERVENTION_ACTIONS = ['claim', 'release', 'retry', 'resolve', 'compensate'] as const;
export type InterventionAction = (typeof INTERVENTION_ACTIONS)[number];

export interface InterventionRefusal {
  readonly code:
    'INTERVENTION_CLAIMED' | 'INTERVENTION_CLOSED' | 'INTERVENTION_WRONG_KIND' | 'CANNOT_COMPENSATE';
  readonly why: string;
}

/** An intervention of an order, and who asks about it. */
export interface Asked {
  readonly order: OrderHead;
  readonly intervention: Intervention;
  readonly operator: string;
  readonly saga: SeenSaga;
}

export function interventionActions(asked: Asked): readonly AllowedAction<InterventionAction>[] {
  return allowedActions(INTERVENTION_ACTIONS, (action) => interventionRefusal(action, asked));
}

/** Why the action is refused; undefined when it is not. Claiming what one holds is allowed, and changes nothing. */
export function interventionRefusal(
  action: InterventionAction,
  asked: Asked,
): InterventionRefusal | undefined {
  const { intervention, operator } = asked;
  const { resolution, claim } = intervention;
  if (resolution !== null) {
    const { how, by, at } = resolution;
    return { code: 'INTERVENTION_CLOSED', why: `it was resolved by ${by} at ${at} (${how})` };
  }
  if (action === 'release') return claim === null ? wrongKind('nobody has claimed it') : undefined;
  if (claim !== null && claim.by !== operator)
    return { code: 'INTERVENTION_CLAIMED', why: `${claim.by} has claimed it at ${claim.at}` };
  switch (action) {
    case 'claim':
      return undefined;
    case 'retry':
      return retryRefusal(asked);
    case 'resolve':
      return resolveRefusal(asked);
    case 'compensate':
      return compensateRefusal(asked);
  }
}

function wrongKind(why: string): InterventionRefusal {
  return { code: 'INTERVENTION_WRONG_KIND', why };
}

function retryRefusal({ order, intervention, saga }: Asked): InterventionRefusal | undefined {
  const { kind, undoes, returnNumber } = intervention;
  if (kind === 'compensation') return undoRefusal(order, undoes ?? '');
  if (kind === 'return') {
    const found = returnNumber === null ? undefined : returnOf(order, returnNumber);
    return found !== undefined && isPromised(found)
      ? undefined
      : wrongKind('nothing of the return is left to be done: resolve it with a note');
  }
  if (order.ended) return wrongKind(`the order is ${order.status}: resolve it with a note`);
  if (!isDecided(order)) return wrongKind('the order neither goes on nor back: compensate it instead');
  return saga !== undefined && saga !== 'unasked' && isLive(saga)
    ? wrongKind(`the saga of the order is ${saga.runtimeStatus}, and does it by itself`)
    : undefined;
}

function undoRefusal(order: OrderHead, undoes: string): InterventionRefusal | undefined {
  if (!isGoingBack(order.status)) return wrongKind(`nothing is undone while the order is ${order.status}`);
  if (order.saga.compensatedSteps.includes(undoes))
    return wrongKind(`the order says that ${undoes} was undone, and its service that it stands: look there`);
  return undoableEntry(order, undoes) === undefined
    ? wrongKind(`this build has no step ${undoes} that can be undone`)
    : undefined;
}

/** An order that goes nowhere would be asked about again: it is compensated first. */
function resolveRefusal({ order, intervention: { kind } }: Asked): InterventionRefusal | undefined {
  return kind === 'saga' && !order.ended && !isDecided(order)
    ? wrongKind('the order has not ended: compensate it, or let its saga go on')
    : undefined;
}

function compensateRefusal({ order, intervention: { kind }, saga }: Asked): InterventionRefusal | undefined {
  if (kind !== 'saga') return wrongKind('only an order that nothing carries on is compensated: try again');
  if (order.ended || isPastPivot(order)) return wrongKind(`the order is ${order.status}`);
  const refusal = orderRefusal('compensate', order, saga);
  return refusal && { code: 'CANNOT_COMPENSATE', why: refusal.why };
}
