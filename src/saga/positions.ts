// Places in the table of a saga, as indexes: the next one, and those that are to be undone.
import type { SagaDefinition, SagaStep } from './definition';

type Table<State, Fact> = Pick<SagaDefinition<State, Fact, never, never>, 'steps'>;

/** The index of the step after `position` that applies in `state`, or null after the last. */
export function nextPosition<State, Fact>(
  plan: Table<State, Fact>,
  state: State,
  position: number,
): number | null {
  const next = plan.steps.findIndex((step, index) => index > position && (step.when?.(state) ?? true));
  return next < 0 ? null : next;
}

/**
 * The steps that may have acted, when the saga turns round: those that this run attempted, or, when it is not the first
 * run, every step that applies (P5).
 */
export function stepsToUndo<State, Fact>(
  plan: Table<State, Fact> & Pick<SagaDefinition<State, Fact, never, never>, 'beganAgain'>,
  state: State,
  attempted: readonly number[],
): readonly number[] {
  const names = attempted.map((index) => stepAt(plan, index).invoke.name);
  if (!plan.beganAgain(state, names)) return attempted;
  return plan.steps.flatMap((step, index) => ((step.when?.(state) ?? true) ? [index] : []));
}

/** The step at an index that came from this table. */
export function stepAt<State, Fact>({ steps }: Table<State, Fact>, index: number): SagaStep<State, Fact> {
  const step = steps[index];
  if (step === undefined) throw new RangeError(`the saga has no step ${index}`);
  return step;
}
