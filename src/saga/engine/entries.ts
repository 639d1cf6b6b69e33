// Entries of a saga's table, in the order in which they are taken: a step is one entry or, with `each`, one per entry of its
// list (S14). A position of the saga is an index into them. Pure; used by the decisions and by step-call.ts.
import type { ActivityCall, Entry, SagaDefinition, SagaStep, SagaTypes } from './definition';

export type Table<T extends SagaTypes> = Pick<SagaDefinition<T>, 'steps'>;

/** An entry with the row of the table that it belongs to. */
export interface TableEntry<T extends SagaTypes> extends Entry {
  readonly step: SagaStep<T>;
}

/** One call of an activity for an entry. `name` tells it from the calls for other entries, as in `RefundPayment:2`. */
export interface EntryCall<T extends SagaTypes> {
  readonly activity: ActivityCall<T>;
  readonly name: string;
  /** Null for the activity that ends the saga. */
  readonly entry: TableEntry<T> | null;
}

/** Where a run of the saga stands. */
export interface Place {
  readonly direction: 'forward' | 'backward' | 'ending';
  /** Index of the entry that is done or, backward, undone. */
  readonly position: number;
}

/** The name of what is done for the entry with `number`: `ProcessPayment:2`, or `ProcessPayment` without a list. */
export function entryName(activity: string, number: number | null): string {
  return number === null ? activity : `${activity}:${number}`;
}

/** The step that an entry belongs to, by name. */
export function stepOfEntry(entry: string): string {
  return entry.split(':', 1)[0] ?? entry;
}

/** The key under which an entry acts: `<sagaId>:<step>`, and `:<n>` for an entry of a list (S2, S14). */
export function keyOfEntry(sagaId: string, name: string): string {
  return `${sagaId}:${name}`;
}

/** The entries of tables in which no step is taken for a list: the same in every state. */
const withoutLists = new WeakMap<object, readonly TableEntry<never>[]>();

/**
 * All entries of the table, also those of steps that do not apply, so that a position stays what it is. Asked for a hundred times in
 * the life of an order, so they are made once where no step has a list.
 */
export function entriesOf<T extends SagaTypes>(table: Table<T>, state: T['state']): readonly TableEntry<T>[] {
  const { steps } = table;
  if (steps.some(({ each }) => (each?.(state) ?? null) !== null)) return entriesIn(table, state);
  const known = withoutLists.get(steps) as readonly TableEntry<T>[] | undefined;
  if (known !== undefined) return known;
  const entries = entriesIn(table, state);
  withoutLists.set(steps, entries as unknown as readonly TableEntry<never>[]);
  return entries;
}

function entriesIn<T extends SagaTypes>({ steps }: Table<T>, state: T['state']): readonly TableEntry<T>[] {
  const entries: TableEntry<T>[] = [];
  for (const step of steps) {
    const { name } = step.invoke;
    const list = step.each?.(state) ?? null;
    if (list === null) entries.push({ name, number: null, step });
    else
      list.forEach((_, index) => entries.push({ name: entryName(name, index + 1), number: index + 1, step }));
  }
  return entries;
}

/** The entry at a position that came from this table. */
export function entryAt<T extends SagaTypes>(
  plan: Table<T>,
  state: T['state'],
  position: number,
): TableEntry<T> {
  const entry = entriesOf(plan, state)[position];
  if (entry === undefined) throw new RangeError(`the saga has no entry ${position}`);
  return entry;
}

/** The call that `progress` has come to. */
export function callAt<T extends SagaTypes>(
  plan: Table<T> & Pick<SagaDefinition<T>, 'end'>,
  state: T['state'],
  { direction, position }: Place,
): EntryCall<T> {
  const { end } = plan;
  if (direction === 'ending') return { activity: end, name: end.name, entry: null };
  const entry = entryAt(plan, state, position);
  const activity = direction === 'backward' ? undoingOf(entry) : entry.step.invoke;
  return { activity, name: entryName(activity.name, entry.number), entry };
}

function undoingOf<T extends SagaTypes>({ name, step }: TableEntry<T>): ActivityCall<T> {
  if (step.compensate === undefined) throw new RangeError(`${name} has nothing to take back`);
  return step.compensate;
}
