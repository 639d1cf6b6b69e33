// Driver of the pure saga decisions through scripted outcomes, without Durable Functions: what would be called, in
// order.
import type { SagaTypes, StepOutcome } from '../../src/saga/engine/definition';
import type { Decision, Plan } from '../../src/saga/engine/decision';
import { callAt } from '../../src/saga/engine/entries';
import { begin, decide } from '../../src/saga/engine/progress';
import type { Interruption } from '../../src/saga/engine/step-failures';

/** What one call comes to: its outcome, and what interrupted the saga meanwhile. */
export interface Scripted {
  readonly outcome: StepOutcome;
  readonly interruption?: Interruption;
  /** Whether the stream took the facts that the call took along; it did unless this says otherwise. */
  readonly recorded?: boolean;
}

export interface Driven<T extends SagaTypes> {
  /** Every call made, in order. */
  readonly calls: readonly string[];
  readonly facts: readonly T['fact'][];
  readonly pausesMs: readonly number[];
  readonly last: Decision<T>;
}

/** What happens around a driven plan. */
export interface Around<T extends SagaTypes> {
  readonly interruptPause?: Interruption;
  readonly interruptedFirst?: Interruption;
  /** The state after a call of `activity` that took `facts` into the stream; as before, if left out. */
  readonly after?: (
    state: T['state'],
    activity: string,
    came: Scripted,
    facts: readonly T['fact'][],
  ) => T['state'];
}

/** Runs a plan to its end. `script` says what each call comes to. */
export function drivePlan<T extends SagaTypes>(
  plan: Plan<T>,
  first: T['state'],
  script: (activity: string, attempt: number) => Scripted,
  options: Around<T> = {},
): Driven<T> {
  let state = first;
  const calls: string[] = [];
  const facts: T['fact'][] = [];
  const pausesMs: number[] = [];
  let last = begin(plan, state, [], options.interruptedFirst ?? null);
  for (let guard = 0; last.command.kind !== 'finish'; guard++) {
    if (guard > 200) throw new Error(`no end in sight: ${calls.join(', ')}`);
    const { progress, command } = last;
    switch (command.kind) {
      case 'call': {
        const { name } = callAt(plan, state, progress);
        calls.push(name);
        facts.push(...progress.facts);
        const came = script(name, progress.calls + 1);
        const { outcome, interruption, recorded } = came;
        state = options.after?.(state, name, came, recorded === false ? [] : progress.facts) ?? state;
        last = decide(plan, state, progress, {
          kind: 'called',
          outcome,
          recorded: recorded ?? true,
          interruption: interruption ?? null,
          outagesWait: true,
        });
        break;
      }
      case 'pause':
        pausesMs.push(command.delayMs);
        last = decide(plan, state, progress, {
          kind: 'paused',
          interruption: options.interruptPause ?? null,
        });
        break;
      case 'await':
        last = decide(plan, state, progress, {
          kind: 'answered',
          answer: { kind: 'signal', payload: 'yes' },
          interruption: null,
        });
        break;
    }
  }
  return { calls, facts, pausesMs, last };
}
