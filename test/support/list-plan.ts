// A small saga with a step that is taken once per entry of a list, over a stream that obeys its own rules; driven by
// plan-driver.ts.
import type { Failure } from '../../src/domain/order-events';
import type { Plan } from '../../src/saga/engine/decision';
import type { Entry, StepOutcome } from '../../src/saga/engine/definition';
import { drivePlan, type Around, type Driven, type Scripted } from './plan-driver';

/** What the stream is told besides what is done: a step or an undoing that was given up, by entry, and going back. */
export interface ListFact {
  readonly kind: 'failed' | 'back' | 'givenUp';
  readonly entry: string | null;
  readonly attempts: number;
  readonly lastError: string | null;
}

/** The stream, folded. */
export interface ListState {
  readonly list: readonly string[] | null;
  readonly done: readonly string[];
  readonly undone: readonly string[];
  readonly back: Failure | null;
  readonly ended: boolean;
}

export interface ListTypes {
  readonly state: ListState;
  readonly fact: ListFact;
  readonly event: { readonly sequence: number };
  readonly result: null;
}

const activity = (name: string) => ({ name, payload: (_: ListState, entry: Entry) => ({ entry }) });
const row = {
  retry: { maxAttempts: 2, firstDelayMs: 1, factor: 1, maxDelayMs: 1 },
  timeoutMs: 1,
  failureCode: 'X',
  failed: ({
    step,
    attempts,
    lastError,
  }: {
    step: string;
    attempts: number;
    lastError: unknown;
  }): ListFact => ({
    ...{ kind: 'failed', entry: step, attempts },
    lastError: lastError === null ? null : JSON.stringify(lastError),
  }),
};
const BACK: Failure = { kind: 'failed', code: 'X', detailCode: 'X', reason: 'x' };
const UNDOES: Readonly<Record<string, string>> = { Release: 'Reserve', Refund: 'Pay', Recall: 'Ship' };

export const listPlan: Plan<ListTypes> = {
  steps: [
    { ...row, invoke: activity('Reserve'), compensate: activity('Release') },
    { ...row, invoke: activity('Pay'), compensate: activity('Refund'), each: ({ list }) => list },
    { ...row, invoke: activity('Ship'), compensate: activity('Recall'), pivot: true },
    { ...row, invoke: activity('Confirm') },
  ],
  end: activity('End'),
  compensationRetry: { ...row.retry, maxAttempts: 1 },
  compensationStarted: () => ({ kind: 'back', entry: null, attempts: 0, lastError: null }),
  compensationFailed: (_, { undoes, attempts, lastError }) => ({
    ...{ kind: 'givenUp', entry: undoes, attempts, lastError: lastError?.code ?? null },
  }),
  isEnded: ({ ended }) => ended,
  doneEntries: ({ done }) => done,
  passedEntries: () => [],
  failedEntry: () => null,
  lastErrorOf: () => null,
  undoneEntries: ({ undone }) => undone,
  goesBack: ({ back }) => back,
  cancelRequested: () => false,
};

export const listState = (list: ListState['list'], more: Partial<ListState> = {}): ListState => ({
  ...{ list, done: [], undone: [], back: null, ended: false },
  ...more,
});

/** The entry that an undoing takes back: `Pay:2` for `Refund:2`. */
export function undoneBy(call: string): string | undefined {
  const [name = '', ...number] = call.split(':');
  const step = UNDOES[name];
  return step === undefined ? undefined : [step, ...number].join(':');
}

/** The stream after a call: facts first, then what was done or undone, by entry. */
export function afterListCall(
  state: ListState,
  call: string,
  { outcome }: { readonly outcome: StepOutcome },
  facts: readonly ListFact[],
): ListState {
  const back = facts.some(({ kind }) => kind === 'back') ? BACK : state.back;
  if (outcome.kind !== 'done') return { ...state, back };
  if (call === 'End') return { ...state, back, ended: true };
  const entry = undoneBy(call);
  return entry === undefined
    ? { ...state, back, done: [...state.done, call] }
    : { ...state, back, undone: [...state.undone, entry] };
}

export function driveList(
  state: ListState,
  script: (call: string, attempt: number) => Scripted,
  { plan = listPlan, ...around }: Around<ListTypes> & { readonly plan?: Plan<ListTypes> } = {},
): Driven<ListTypes> {
  return drivePlan(plan, state, script, { after: afterListCall, ...around });
}
