// Types of a saga definition: an ordered table of steps, and how the saga's facts and its end are written. Knows no order:
// another saga is another table.
import type { Failure, StepFailed } from '../../domain/order-events';
import type { Outcome, StepError } from '../../domain/outcome';

export interface RetryPolicy {
  /** Calls that end *transient* before the step is given up; an outage does not count. */
  readonly maxAttempts: number;
  readonly firstDelayMs: number;
  readonly factor: number;
  readonly maxDelayMs: number;
}

/** The types of one saga, in one parameter: what it folds, what it decides, what it reads, how it ends. */
export interface SagaTypes {
  readonly state: unknown;
  /** A fact that the saga decides and its stream does not hold yet. */
  readonly fact: unknown;
  /** A fact in the stream. */
  readonly event: { readonly sequence: number };
  readonly result: unknown;
}

/** What a step is taken for: once or, with `each`, for one entry of its list (S14). */
export interface Entry {
  /** The step's name and, in a list, its number: `ProcessPayment:2`. By it the stream tells what is done and undone. */
  readonly name: string;
  /** From 1 on; null for a step without a list. */
  readonly number: number | null;
}

/**
 * One call of an activity. `name` is the registered function; `payload` is what it gets besides the state. A compensation gets
 * the entry that it takes back.
 */
export interface ActivityCall<T extends SagaTypes> {
  readonly name: string;
  readonly payload: (state: T['state'], entry: Entry) => unknown;
}

/** One row of the table. */
export interface SagaStep<T extends SagaTypes> {
  readonly invoke: ActivityCall<T>;
  /** The domain's inverse; a step without one has nothing to take back. */
  readonly compensate?: ActivityCall<T>;
  readonly retry: RetryPolicy;
  /** How long one call may take. */
  readonly timeoutMs: number;
  /**
   * The point of no return: what follows is retried forward and never undone (S9). Where several steps have it, the first of
   * them that is done: a step that does not apply passes it on to the next.
   */
  readonly pivot?: true;
  /** Whether an entry of the step is taken, from what is fixed before the step; left out, every one is. */
  readonly when?: (state: T['state'], entry: Entry) => boolean;
  /**
   * The list that the step is taken for, entry by entry (S14); null or left out, it is taken once. It must stay the same from
   * the saga's beginning to its end: positions and keys count by it.
   */
  readonly each?: (state: T['state']) => readonly unknown[] | null;
  /**
   * What a refusal of the step means: left out, the saga goes back. To go on, the activity records the refusal itself, so that
   * the state has it before the next step is taken (`passedEntries`).
   */
  readonly onRefusal?: (state: T['state']) => 'continue' | 'fail';
  /** The error code family of this step's failures, and the fact that tells of one (after the pivot: an intervention). */
  readonly failureCode: string;
  readonly failed: (failure: StepFailed, pivotPassed: boolean) => T['fact'];
}

/** A compensation that was given up, as it is told to the stream: both by entry. */
export interface CompensationGivenUp {
  readonly step: string;
  readonly undoes: string;
  readonly attempts: number;
  readonly lastError: StepError | null;
  readonly reason: string;
}

export interface SagaDefinition<T extends SagaTypes> {
  readonly steps: readonly SagaStep<T>[];
  /** Ends what did not end by itself: writes the failed or cancelled ending. */
  readonly end: ActivityCall<T>;
  readonly compensationRetry: RetryPolicy;
  readonly evolve: (state: T['state'], event: T['event']) => T['state'];
  /** Whether `evolve` knows the event's type; one of a newer release changes nothing. */
  readonly knows: (event: T['event']) => boolean;
  /** The sequence of the last event that `state` holds. */
  readonly versionOf: (state: T['state']) => number;
  /** The moment before which no step is taken, in epoch milliseconds. */
  readonly notBeforeMs: (state: T['state']) => number | null;
  readonly started: (firstEntry: string) => T['fact'];
  readonly isStarted: (state: T['state']) => boolean;
  readonly isEnded: (state: T['state']) => boolean;
  /** Entries that the stream has as done, by name. */
  readonly doneEntries: (state: T['state']) => readonly string[];
  /** Entries that the stream has as refused and that the saga has gone on without, by name: final for their keys (S26). */
  readonly passedEntries: (state: T['state']) => readonly string[];
  /** Entries that the stream has as undone, by name. */
  readonly undoneEntries: (state: T['state']) => readonly string[];
  /** Entries whose undoing was given up, by name: an operator was asked. */
  readonly givenUpEntries: (state: T['state']) => readonly string[];
  /** The entry that the stream has as failed, by name. */
  readonly failedEntry: (state: T['state']) => string | null;
  /** What the stream has as the last error of an entry. */
  readonly lastErrorOf: (state: T['state'], entry: string) => StepError | null;
  /** Why the stream says that the saga goes back (S23), or null while it does not. */
  readonly goesBack: (state: T['state']) => Failure | null;
  readonly cancelRequested: (state: T['state']) => boolean;
  readonly compensationStarted: (failure: Failure) => T['fact'];
  readonly compensationFailed: (state: T['state'], given: CompensationGivenUp) => T['fact'];
  readonly result: (state: T['state'], failure: Failure | null) => T['result'];
}

/**
 * Whom a step waits for (a person, a callback), and until when; such waiting is not working time (S8). A moment and not a
 * while, so that an answer that the platform hands over late prolongs no wait.
 */
export interface Waiting {
  readonly kind: 'waiting';
  readonly signal: string;
  /** In epoch milliseconds. */
  readonly untilMs: number;
}

/** The stream takes what the activity has to say no more: it ended, went back, was shipped or cancelled (S23). */
export interface Overtaken {
  readonly kind: 'overtaken';
}

export type StepOutcome = Outcome<null> | Waiting | Overtaken;

/** What came of a wait: the payload of the signal, or null when nobody answered in time. */
export type Answer = { readonly kind: 'signal'; readonly payload: unknown } | { readonly kind: 'nobody' };

/** What every activity of a saga gets. `state` and `etag` say where the stream stood when the step was scheduled (S5). */
export interface StepInput<T extends SagaTypes, Payload = unknown> {
  readonly state: T['state'];
  readonly etag: string;
  /** The activity that is called and, in a list, the number of its entry: what the stream is told of it. */
  readonly step: string;
  /** The entry that is taken back, for a compensation. */
  readonly undoes: string | null;
  /** Does once whatever is done under it (S2); the answer repeats it (S22). */
  readonly key: string;
  /** The entry that comes next; null after the last, and going back. */
  readonly nextStep: string | null;
  readonly attempt: number;
  readonly lastError: StepError | null;
  /** How long the call may take: the step's own time or what is left of the working time, counted from when it starts. */
  readonly timeoutMs: number;
  /** Since when the store has refused this call's writes, as working time in milliseconds; 0 when it has not. */
  readonly refusedForMs: number;
  /** Facts that were decided but are not yet in the stream: recorded before the step acts. */
  readonly facts: readonly T['fact'][];
  readonly failure: Failure | null;
  readonly answer: Answer | null;
  readonly payload: Payload;
  /** Trace context of this run of the activity. Put in by the tracing where the activity runs, never by the saga. */
  readonly traceparent?: string;
}

/** What every activity of a saga returns: how it went, and what was appended to the stream since its input. */
export interface StepOutput<T extends SagaTypes> {
  /** The key of the input. An answer with another key belongs to another call and says nothing (S22). */
  readonly key: string;
  readonly outcome: StepOutcome;
  /**
   * The facts of the input, once they are in the stream as far as it takes them; until then none. A forgotten run may have
   * called under the same key with other facts, so that a mere yes would not do (S22).
   */
  readonly recorded: readonly unknown[];
  readonly events: readonly T['event'][];
  readonly etag: string;
  /** The sequence of the stream's last event at `etag`. */
  readonly version: number;
  /** How long the activity worked. Time in which the platform delivered nothing is not in it (S28). */
  readonly spentMs: number;
}
