// Decision of a run of the saga that remembers nothing of the runs before it: where the stream says that the saga stands and,
// for a call that is made again, how the calls before it went. Pure; used in choreography (S17), where each step is a run.
//
// resuming.C1  A retry of another call than the one that the stream has come to is out of date.
// resuming.C2  Entries are undone latest first (progress.P4), so what comes behind an entry that the stream has as undone
//   or given up, or whose undoing is tried again, is settled. What was done is not, until the stream says so.
import type { StepError } from '../../domain/outcome';
import type { Decision, Plan, Progress } from './decision';
import type { SagaDefinition, SagaTypes } from './definition';
import { callAt, entriesOf, entryName } from './entries';
import { donePositions, type Attempts } from './positions';
import { begin, decide } from './progress';
import type { Interruption } from './step-failures';

/** A call that is to be made again. */
export interface Retry {
  /** The call, as in `RefundPayment:2`. */
  readonly step: string;
  /** The number of the call that is to be made, from 1 on, and how many before it used up an attempt (S11). */
  readonly attempt: number;
  readonly attemptsUsed: number;
  readonly lastError: StepError | null;
  readonly refusedForMs: number;
  /** Whether the entry was called and not refused (progress.P2). */
  readonly attempted: boolean;
}

type ResumablePlan<T extends SagaTypes> = Plan<T> & Pick<SagaDefinition<T>, 'givenUpEntries'>;

/** Where the saga goes on; null for a retry that is out of date (resuming.C1). */
export function resume<T extends SagaTypes>(
  plan: ResumablePlan<T>,
  state: T['state'],
  facts: readonly T['fact'][],
  { retry, interruption }: { readonly retry: Retry | null; readonly interruption: Interruption | null },
): Decision<T> | null {
  const earlier = attemptsBefore(plan, state, retry);
  if (retry === null) return begin(plan, state, facts, interruption, earlier);
  const { progress, command } = begin(plan, state, facts, null, earlier);
  if (command.kind !== 'call' || callAt(plan, state, progress).name !== retry.step) return null;
  const { attempt, attemptsUsed, lastError, refusedForMs, attempted } = retry;
  const tried: Progress<T> = {
    ...progress,
    ...{ calls: attempt - 1, attemptsUsed, lastError, refusedForMs },
    attempted: attempted ? [...progress.attempted, progress.position] : progress.attempted,
  };
  return decide(plan, state, tried, { kind: 'paused', interruption });
}

/** The call that `progress` has come to, to be made again later. */
export function retryOf<T extends SagaTypes>(plan: Plan<T>, state: T['state'], progress: Progress<T>): Retry {
  const { calls, attemptsUsed, lastError, refusedForMs, attempted, position } = progress;
  return {
    step: callAt(plan, state, progress).name,
    attempt: calls + 1,
    ...{ attemptsUsed, lastError, refusedForMs },
    attempted: attempted.includes(position),
  };
}

/** resuming.C2. */
function attemptsBefore<T extends SagaTypes>(
  plan: ResumablePlan<T>,
  state: T['state'],
  retry: Retry | null,
): Attempts {
  const entries = entriesOf(plan, state);
  const told = [...plan.undoneEntries(state), ...plan.givenUpEntries(state)];
  const done = donePositions(plan, state);
  const isBehind = (index: number): boolean =>
    entries.some(({ name, step, number }, before) => {
      if (told.includes(name)) return before <= index;
      const undoing = step.compensate && entryName(step.compensate.name, number);
      return undoing !== undefined && undoing === retry?.step && before < index;
    });
  const isOpen = (index: number, name: string): boolean => done.includes(index) && !told.includes(name);
  const atTheEnd = retry?.step === plan.end.name;
  return {
    attempted: entries.flatMap(({ name }, index) => (name === plan.failedEntry(state) ? [index] : [])),
    refused: [],
    settled: entries.flatMap(({ name }, index) =>
      (atTheEnd || isBehind(index)) && !isOpen(index, name) ? [index] : [],
    ),
  };
}
