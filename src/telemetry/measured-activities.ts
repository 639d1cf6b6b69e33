// Activities that are counted: how long each attempt took and how it came out, and the attempts after the first.
import type { Meter } from '../ports/meter';
import { stepLabel } from './step-label';

/** What is read of an activity's input and output. */
interface Attempted {
  readonly step: string;
  readonly attempt: number;
}
interface Answered {
  readonly outcome: { readonly kind: string };
  readonly spentMs: number;
}

/** `activities` under the same names, each attempt counted by `meter`. */
export function measuredActivities<A extends object>(activities: A, meter: Meter): A {
  const measured = Object.entries(activities).map(([name, activity]) => {
    const run = activity as (input: Attempted, log: unknown) => Promise<Answered>;
    return [
      name,
      async (input: Attempted, log: unknown): Promise<Answered> => {
        const answer = await run(input, log);
        const step = stepLabel(input.step);
        const labels = { step, outcome: answer.outcome.kind };
        meter.record('order_saga_step_duration_seconds', labels, answer.spentMs / 1_000);
        if (input.attempt > 1) meter.add('order_saga_step_retries_total', { step });
        return answer;
      },
    ];
  });
  return Object.fromEntries(measured) as A;
}
