// Reducer for the interventions of an order: what a person has to settle, who has taken it on, and how it ended. Pure;
// saga-state.ts folds with it, events/order-stream.ts adds the resolutions that follow from other facts.
//
// interventions.I1  A compensation that fails again stays the same intervention, with whoever claimed it.
// interventions.I2  What other facts settle (the refund was made after all, the order or return has ended) is resolved in
//   the same append, by an event of its own, so that a read model needs no other event to know it.
import type { OrderEvent, OrderFact } from './order-events';
import type { ResolutionKind } from './intervention-events';

/** `step`: one past the point of no return. `saga`: nothing carries the order on. */
export const INTERVENTION_KINDS = ['compensation', 'step', 'saga', 'return'] as const;
export type InterventionKind = (typeof INTERVENTION_KINDS)[number];

export interface Intervention {
  /** From 1 on, within the order. */
  readonly number: number;
  readonly kind: InterventionKind;
  /** The step or compensation that failed, by entry. */
  readonly step: string;
  /** What a compensation was to take back, by entry; null for any other kind. */
  readonly undoes: string | null;
  readonly returnNumber: number | null;
  readonly code: string;
  readonly detailCode: string;
  readonly reason: string;
  readonly attempts: number;
  readonly openedAt: string;
  readonly claim: { readonly by: string; readonly at: string } | null;
  readonly resolution: {
    readonly how: ResolutionKind;
    readonly by: string;
    readonly at: string;
    readonly note: string | null;
  } | null;
}

/** What an order holds of them: left out as long as there was none. */
export interface Interventions {
  readonly interventions?: readonly Intervention[] | undefined;
}

/** Found in force after the order has ended: to be taken back like a compensation that failed. */
const STANDS: readonly string[] = ['STANDS_AFTER_END', 'DONE_TOO_LATE'];

/** What is settled when the order has come to its end; of a store that loses or refuses writes a person has to know all the same. */
const ENDS_WITH_ORDER: readonly string[] = ['TERMINATED', 'LOST', 'FAILED', 'COMPLETED', 'NOT_FINISHED'];

export function interventionsOf({ interventions }: Interventions): readonly Intervention[] {
  return interventions ?? [];
}

export function openInterventions(state: Interventions): readonly Intervention[] {
  return interventionsOf(state).filter(({ resolution }) => resolution === null);
}

/** The interventions after `event`; the very same list when it is about none of them. */
export function evolveInterventions(state: Interventions, event: OrderEvent): readonly Intervention[] {
  const before = interventionsOf(state);
  switch (event.type) {
    case 'CompensationFailed':
    case 'InterventionOpened':
      return opened(before, event);
    case 'OperatorActed': {
      const { intervention, action, by } = event.data;
      if (action !== 'claim' && action !== 'release' && action !== 'retry') return before;
      const claim = action === 'release' ? null : { by, at: event.occurredAt };
      return changed(before, intervention, (one) => ({
        ...one,
        claim: action === 'retry' ? (one.claim ?? claim) : claim,
      }));
    }
    case 'InterventionResolved': {
      const { intervention, how, by, note } = event.data;
      const resolution = { how, by, note, at: event.occurredAt };
      return changed(before, intervention, (one) => ({ ...one, resolution }));
    }
    default:
      return before;
  }
}

function changed(
  before: readonly Intervention[],
  number: number | null,
  change: (one: Intervention) => Intervention,
): readonly Intervention[] {
  return before.map((one) => (one.number === number ? change(one) : one));
}

/** interventions.I1. */
function opened(
  before: readonly Intervention[],
  event: OrderEvent & { readonly type: 'CompensationFailed' | 'InterventionOpened' },
): readonly Intervention[] {
  const { openedAt, claim, number, ...told } = toldBy(event, before.length + 1);
  const same = before.find(
    ({ resolution, undoes, kind }) =>
      resolution === null && kind === 'compensation' && undoes !== null && undoes === told.undoes,
  );
  return same === undefined
    ? [...before, { number, openedAt, claim, ...told }]
    : changed(before, same.number, (one) => ({ ...one, ...told }));
}

function toldBy(
  { type, data, occurredAt }: OrderEvent & { readonly type: 'CompensationFailed' | 'InterventionOpened' },
  number: number,
): Intervention {
  const { step, attempts, reason } = data;
  const plain = { number, step, attempts, reason, openedAt: occurredAt, claim: null, resolution: null };
  if (type === 'CompensationFailed') {
    const { undoes, lastError } = data;
    const codes = { code: 'COMPENSATION_FAILED', detailCode: lastError?.code ?? 'COMPENSATION_FAILED' };
    return { ...plain, ...codes, kind: 'compensation', undoes, returnNumber: null };
  }
  const { code, detailCode, returnNumber = null } = data;
  const stands = STANDS.includes(detailCode);
  const kind =
    returnNumber !== null ? 'return' : stands ? 'compensation' : code === 'SAGA_LOST' ? 'saga' : 'step';
  return { ...plain, code, detailCode, kind, undoes: stands ? step : null, returnNumber };
}

/** interventions.I2. The resolutions that follow from `fact`, which is folded into `after` already. */
export function resolutionsAfter(
  after: Interventions,
  fact: OrderFact,
): readonly (OrderFact & { readonly type: 'InterventionResolved' })[] {
  const how = settles(fact);
  if (how === undefined) return [];
  const open = openInterventions(after);
  const settled = open.filter(how.includes);
  return settled.map(({ number, returnNumber }, index) => ({
    type: 'InterventionResolved',
    data: {
      ...{ intervention: number, how: how.kind, by: 'saga', note: null },
      stillOpen: open.length - index - 1,
      ...returnSettled(
        open.filter((one) => !settled.slice(0, index + 1).includes(one)),
        returnNumber,
      ),
    },
  }));
}

/** The number of a return that no other open intervention is about. */
export function returnSettled(
  others: readonly Intervention[],
  returnNumber: number | null,
): { readonly returnNumber?: number } {
  if (returnNumber === null || others.some((one) => one.returnNumber === returnNumber)) return {};
  return { returnNumber };
}

/** Which open interventions a fact settles. */
function settles(
  fact: OrderFact,
): { readonly kind: ResolutionKind; readonly includes: (one: Intervention) => boolean } | undefined {
  switch (fact.type) {
    case 'PaymentRefunded':
    case 'CouponCancelled':
    case 'ShipmentCancelled':
    case 'StockReleased':
      return {
        kind: 'undone',
        includes: ({ kind, undoes }) => kind === 'compensation' && undoes === fact.data.undoes,
      };
    case 'OrderFailed':
    case 'OrderCancelled':
    case 'OrderCompleted':
      return {
        kind: 'ended',
        includes: ({ kind, detailCode }) =>
          kind === 'step' || (kind === 'saga' && ENDS_WITH_ORDER.includes(detailCode)),
      };
    case 'ReturnClosed':
      return { kind: 'ended', includes: ({ returnNumber }) => returnNumber === fact.data.returnNumber };
    default:
      return undefined;
  }
}
