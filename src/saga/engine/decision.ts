// Types of the saga's decisions: how far a run is (Progress), what the interpreter saw (Observation), and what it does next
// (Command). Used by progress.ts, which decides, and interpreter.ts, which carries out.
import type { Failure } from '../../domain/order-events';
import type { StepError } from '../../domain/outcome';
import type { Answer, SagaDefinition, SagaTypes, StepOutcome } from './definition';
import type { Place } from './entries';
import type { Attempts } from './positions';
import type { Interruption } from './step-failures';

/** The part of a definition that deciding needs. */
export type Plan<T extends SagaTypes> = Pick<
  SagaDefinition<T>,
  | 'steps'
  | 'end'
  | 'compensationRetry'
  | 'compensationStarted'
  | 'compensationFailed'
  | 'isEnded'
  | 'cancelRequested'
  | 'doneEntries'
  | 'passedEntries'
  | 'undoneEntries'
  | 'failedEntry'
  | 'lastErrorOf'
  | 'goesBack'
>;

export interface Progress<T extends SagaTypes> extends Attempts, Place {
  readonly pivotPassed: boolean;
  /** Calls made of the current activity, and how many of them used up an attempt. */
  readonly calls: number;
  readonly attemptsUsed: number;
  readonly lastError: StepError | null;
  /** How long the store has refused the writes of the current activity, as working time, and whether it just did. */
  readonly refusedForMs: number;
  readonly isRefused: boolean;
  readonly answer: Answer | null;
  readonly failure: Failure | null;
  /** Facts decided and not yet recorded; the next call takes them along. */
  readonly facts: readonly T['fact'][];
}

/** What the interpreter saw. */
export type Observation =
  | {
      readonly kind: 'called';
      readonly outcome: StepOutcome;
      /** Whether the facts that the call took along are in the stream; if not, the next call takes them. */
      readonly recorded: boolean;
      readonly interruption: Interruption | null;
      /** Whether a service that is away is waited for now: by policy, and until the saga's deadline (S11). */
      readonly outagesWait: boolean;
    }
  | { readonly kind: 'paused'; readonly interruption: Interruption | null }
  | { readonly kind: 'answered'; readonly answer: Answer; readonly interruption: Interruption | null };

export type Called = Observation & { readonly kind: 'called' };

/** What the interpreter does next. */
export type Command =
  | { readonly kind: 'call' }
  | { readonly kind: 'pause'; readonly delayMs: number }
  | { readonly kind: 'await'; readonly signal: string; readonly untilMs: number }
  | { readonly kind: 'finish' };

export interface Decision<T extends SagaTypes> {
  readonly progress: Progress<T>;
  readonly command: Command;
}

/** An activity that was not called yet. */
export const FRESH = {
  ...{ calls: 0, attemptsUsed: 0, lastError: null },
  ...{ refusedForMs: 0, isRefused: false, answer: null },
} as const;
