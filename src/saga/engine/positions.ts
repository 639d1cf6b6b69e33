// Positions in a saga's table, as indexes of entries: the next entry, and the next one to compensate. Used by the decisions.
import type { SagaDefinition, SagaTypes } from './definition';
import { entriesOf, entryAt, type Table, type TableEntry } from './entries';

/** What a run of the saga knows of its entries beyond the stream. */
export interface Attempts {
  /** Positions of the entries that were called and not refused for good. */
  readonly attempted: readonly number[];
  /** Positions of the entries that were refused for good: nothing happens under their keys any more (S26). */
  readonly refused: readonly number[];
  /** Positions of the entries that this run has undone, found untouched, or given up. */
  readonly settled: readonly number[];
}

/** The position after `position` that applies in `state`, or null after the last. */
export function nextPosition<T extends SagaTypes>(
  plan: Table<T>,
  state: T['state'],
  position: number,
): number | null {
  const next = entriesOf(plan, state).findIndex((entry, index) => index > position && applies(entry, state));
  return next < 0 ? null : next;
}

/** Whether an entry is taken in `state`. */
export function applies<T extends SagaTypes>(entry: TableEntry<T>, state: T['state']): boolean {
  return entry.step.when?.(state, entry) ?? true;
}

/** The name of the entry that the saga begins with; undefined for a table without steps. */
export function firstEntry<T extends SagaTypes>(plan: Table<T>, state: T['state']): string | undefined {
  return entriesOf(plan, state)[nextPosition(plan, state, -1) ?? 0]?.name;
}

/** The positions of the entries that the stream has as done. */
export function donePositions<T extends SagaTypes>(
  plan: Table<T> & Pick<SagaDefinition<T>, 'doneEntries'>,
  state: T['state'],
): readonly number[] {
  return positionsOf(plan, state, plan.doneEntries(state));
}

/** The positions of the entries that the stream has as refused, and that the saga has gone on without. */
export function passedPositions<T extends SagaTypes>(
  plan: Table<T> & Pick<SagaDefinition<T>, 'passedEntries'>,
  state: T['state'],
): readonly number[] {
  return positionsOf(plan, state, plan.passedEntries(state));
}

function positionsOf<T extends SagaTypes>(
  plan: Table<T>,
  state: T['state'],
  names: readonly string[],
): readonly number[] {
  if (names.length === 0) return [];
  return entriesOf(plan, state).flatMap(({ name }, index) => (names.includes(name) ? [index] : []));
}

/** Whether the stream says that the point of no return is behind (S7, S23). */
export function isPastPivot<T extends SagaTypes>(
  plan: Table<T> & Pick<SagaDefinition<T>, 'doneEntries'>,
  state: T['state'],
): boolean {
  return donePositions(plan, state).some((index) => entryAt(plan, state, index).step.pivot === true);
}

/**
 * The entry to be undone next (S1): the latest of those that may have happened and are not settled. These are the ones that
 * were attempted, those that the stream has as done, and the one that would have come next: the platform may have run its
 * activity and forgotten that it scheduled it. Null when nothing is left.
 */
export function nextToUndo<T extends SagaTypes>(
  plan: Table<T> & Pick<SagaDefinition<T>, 'doneEntries' | 'passedEntries' | 'undoneEntries'>,
  state: T['state'],
  { attempted, refused, settled }: Attempts,
): number | null {
  const done = donePositions(plan, state);
  const passed = passedPositions(plan, state);
  const reached = [...attempted, ...done];
  const next = nextPosition(plan, state, Math.max(-1, ...reached, ...passed));
  const undone = plan.undoneEntries(state);
  const left = [...reached, ...(next === null ? [] : [next])].filter((index) => {
    const { name, step } = entryAt(plan, state, index);
    if (step.compensate === undefined || settled.includes(index) || undone.includes(name)) return false;
    return done.includes(index) || !(refused.includes(index) || passed.includes(index));
  });
  return left.length === 0 ? null : Math.max(...left);
}
