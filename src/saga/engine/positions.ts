// Positions in a saga's step table, as indexes: the next step, and the next step to compensate. Used by progress.ts.
import type { SagaDefinition, SagaStep, SagaTypes } from './definition';

type Table<T extends SagaTypes> = Pick<SagaDefinition<T>, 'steps'>;

/** What a run of the saga knows of its steps beyond the stream. */
export interface Attempts {
  /** Indexes of the steps that were called and not refused for good. */
  readonly attempted: readonly number[];
  /** Indexes of the steps that were refused for good: nothing happens under their keys any more (S26). */
  readonly refused: readonly number[];
  /** Indexes of the steps that this run has undone, found untouched, or given up. */
  readonly settled: readonly number[];
}

/** The index of the step after `position` that applies in `state`, or null after the last. */
export function nextPosition<T extends SagaTypes>(
  plan: Table<T>,
  state: T['state'],
  position: number,
): number | null {
  const next = plan.steps.findIndex((step, index) => index > position && (step.when?.(state) ?? true));
  return next < 0 ? null : next;
}

/** The indexes of the steps that the stream has as done. */
export function donePositions<T extends SagaTypes>(
  plan: Table<T> & Pick<SagaDefinition<T>, 'doneSteps'>,
  state: T['state'],
): readonly number[] {
  const done = plan.doneSteps(state);
  return plan.steps.flatMap((step, index) => (done.includes(step.invoke.name) ? [index] : []));
}

/** Whether the stream says that the point of no return is behind (S7, S23). */
export function isPastPivot<T extends SagaTypes>(
  plan: Table<T> & Pick<SagaDefinition<T>, 'doneSteps'>,
  state: T['state'],
): boolean {
  return donePositions(plan, state).some((index) => plan.steps[index]?.pivot === true);
}

/**
 * The step to be undone next (S1): the latest of those that may have happened and are not settled. These are the ones that
 * were attempted, those that the stream has as done, and the one that would have come next: the platform may have run its
 * activity and forgotten that it scheduled it. Null when nothing is left.
 */
export function nextToUndo<T extends SagaTypes>(
  plan: Table<T> & Pick<SagaDefinition<T>, 'doneSteps' | 'undoneSteps'>,
  state: T['state'],
  { attempted, refused, settled }: Attempts,
): number | null {
  const done = donePositions(plan, state);
  const reached = [...attempted, ...done];
  const next = nextPosition(plan, state, Math.max(-1, ...reached));
  const undone = plan.undoneSteps(state);
  const left = [...reached, ...(next === null ? [] : [next])].filter((index) => {
    const { invoke, compensate } = stepAt(plan, index);
    if (compensate === undefined || settled.includes(index) || undone.includes(invoke.name)) return false;
    return done.includes(index) || !refused.includes(index);
  });
  return left.length === 0 ? null : Math.max(...left);
}

/** The step at an index that came from this table. */
export function stepAt<T extends SagaTypes>({ steps }: Table<T>, index: number): SagaStep<T> {
  const step = steps[index];
  if (step === undefined) throw new RangeError(`the saga has no step ${index}`);
  return step;
}
