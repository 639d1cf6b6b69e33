// Decisions while the saga goes forward: what the outcome of a step's call leads to, before the pivot and after it. Pure; called
// by progress.ts, whose rules it cites.
import type { StepFailed } from '../../domain/order-events';
import type { Transient } from '../../domain/outcome';
import type { Called, Decision, Plan, Progress } from './decision';
import type { Overtaken, SagaTypes } from './definition';
import { entryAt } from './entries';
import { end, failedCall, goBack, nextStep, pause } from './moves';
import { errorOf, failureOf, interrupted, isFree, stepFailed, type Interruption } from './step-failures';

/** progress.P3. */
export function calledBeforePivot<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  progress: Progress<T>,
  seen: Called,
): Decision<T> {
  const entry = entryAt(plan, state, progress.position);
  const { outcome, interruption } = seen;
  switch (outcome.kind) {
    case 'done':
      return interruption === null
        ? nextStep(plan, state, progress)
        : goBack(plan, state, progress, interrupted(interruption));
    case 'overtaken':
      if (plan.cancelRequested(state)) return goBack(plan, state, progress, interrupted('cancelled'));
      return failedForward(plan, state, progress, outcome, seen);
    case 'waiting':
      return interruption === null
        ? { progress, command: { kind: 'await', signal: outcome.signal, untilMs: outcome.untilMs } }
        : goBack(plan, state, progress, interrupted(interruption));
    case 'refused':
      if (entry.step.onRefusal?.(state) === 'continue')
        return goOnWithout(plan, state, progress, interruption);
      return giveUp(plan, state, progress, stepFailed(entry, progress, outcome), interruption);
    case 'unknown':
      return giveUp(plan, state, progress, stepFailed(entry, progress, outcome), interruption);
    case 'transient':
      return failedForward(plan, state, progress, outcome, seen);
  }
}

/** After a refusal that the activity has recorded, and that the saga does not go back for. */
function goOnWithout<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  progress: Progress<T>,
  interruption: Interruption | null,
): Decision<T> {
  return interruption === null
    ? nextStep(plan, state, progress)
    : goBack(plan, state, progress, interrupted(interruption));
}

/** A step that did not work this time: called again after a pause, or given up. */
function failedForward<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  progress: Progress<T>,
  outcome: Transient | Overtaken,
  { interruption, outagesWait }: Called,
): Decision<T> {
  const entry = entryAt(plan, state, progress.position);
  const { retry } = entry.step;
  const tried = failedCall(progress, errorOf(outcome), isFree(outcome, outagesWait, progress));
  if (interruption === 'cancelled') return goBack(plan, state, tried, interrupted('cancelled'));
  if (interruption === null && tried.attemptsUsed < retry.maxAttempts) return pause(tried, retry);
  return giveUp(plan, state, tried, stepFailed(entry, tried, outcome), interruption);
}

/** progress.P5. */
export function calledAfterPivot<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  progress: Progress<T>,
  { outcome }: Called,
): Decision<T> {
  const entry = entryAt(plan, state, progress.position);
  const { retry } = entry.step;
  if (outcome.kind === 'done') return nextStep(plan, state, progress);
  if (outcome.kind === 'waiting') {
    return { progress, command: { kind: 'await', signal: outcome.signal, untilMs: outcome.untilMs } };
  }
  const tried = failedCall(progress, errorOf(outcome), isFree(outcome, true, progress));
  if (outcome.kind !== 'refused' && tried.attemptsUsed < retry.maxAttempts) return pause(tried, retry);
  const failed = stepFailed(entry, tried, outcome);
  const facts = [...tried.facts, entry.step.failed(failed, true)];
  return end({ ...tried, facts, failure: failureOf(failed) });
}

function giveUp<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  progress: Progress<T>,
  failed: StepFailed,
  interruption: Interruption | null,
): Decision<T> {
  const facts = [...progress.facts, entryAt(plan, state, progress.position).step.failed(failed, false)];
  const failure = interruption === null ? failureOf(failed) : interrupted(interruption);
  return goBack(plan, state, { ...progress, facts }, failure);
}
