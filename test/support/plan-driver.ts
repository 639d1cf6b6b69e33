// Drives the pure saga decisions through scripted outcomes, without Durable Functions: what would be called, in order.
import type { StepOutcome } from '../../src/saga/definition';
import { begin, decide, type Decision, type Plan } from '../../src/saga/progress';
import type { Interruption } from '../../src/saga/verdicts';

/** What one call comes to: its outcome, and what interrupted the saga meanwhile. */
export interface Scripted {
  readonly outcome: StepOutcome;
  readonly interruption?: Interruption;
  /** Whether the stream took the facts that the call took along; it did unless this says otherwise. */
  readonly recorded?: boolean;
}

export interface Driven<Fact> {
  /** Every call made, in order. */
  readonly calls: readonly string[];
  readonly facts: readonly Fact[];
  readonly pausesMs: readonly number[];
  readonly last: Decision<Fact>;
}

/** Runs a plan to its end. `script` says what each call comes to; `state` never changes. */
export function drivePlan<State, Fact>(
  plan: Plan<State, Fact>,
  state: State,
  script: (activity: string, attempt: number) => Scripted,
  options: { readonly interruptPause?: Interruption; readonly interruptedFirst?: Interruption } = {},
): Driven<Fact> {
  const calls: string[] = [];
  const facts: Fact[] = [];
  const pausesMs: number[] = [];
  let last = begin(plan, state, [], options.interruptedFirst ?? null);
  for (let guard = 0; last.command.kind !== 'finish'; guard++) {
    if (guard > 200) throw new Error(`no end in sight: ${calls.join(', ')}`);
    const { progress, command } = last;
    switch (command.kind) {
      case 'call': {
        const step = progress.direction === 'ending' ? undefined : plan.steps[progress.position];
        const name =
          (progress.direction === 'backward' ? step?.compensate : step?.invoke)?.name ?? plan.end.name;
        calls.push(name);
        facts.push(...progress.facts);
        const { outcome, interruption, recorded } = script(name, progress.calls + 1);
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
