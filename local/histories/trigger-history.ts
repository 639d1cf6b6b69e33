// Replay of a history as the engine gave it to the orchestrator at its last replay: at every prefix, compared with
// what the history scheduled, times included. The SDK itself does not notice a difference.
import type { DurableFunctionInvoker } from 'azure-local/durable/contract';
import { EventType } from 'azure-local/durable/history-events';
import type { Action } from 'azure-local/durable/orchestrator-answer';
import { departure, failure, nameOf, replayOnce } from './replayer';
import { firesAtMs } from './timer-stretches';

export interface RecordedTrigger {
  readonly trigger: Trigger;
  readonly output: unknown;
}

interface Trigger {
  readonly history: readonly HistoryEvent[];
  readonly [key: string]: unknown;
}

interface HistoryEvent {
  readonly EventType: number;
  readonly EventId?: number;
  readonly TimerId?: number;
  readonly Timestamp?: string;
  readonly Name?: string;
  readonly FireAt?: string;
  readonly [key: string]: unknown;
}

/** Why this build would not run the saga on as it began, naming the step and its index; undefined when it would. */
export async function differenceFromTrigger(
  functions: DurableFunctionInvoker,
  { trigger, output }: RecordedTrigger,
): Promise<string | undefined> {
  const { history } = trigger;
  const orchestrator = history.find(({ EventType: type }) => type === EventType.executionStarted)?.Name ?? '';
  const starts = history.flatMap(({ EventType: type }, index) =>
    type === EventType.orchestratorStarted ? [index] : [],
  );
  for (const [index] of starts.entries()) {
    const end = starts[index + 1] ?? history.length;
    const past = { ...trigger, history: history.slice(0, end) };
    const answer = await replayOnce(functions, orchestrator, JSON.stringify(past));
    const failed = failure(index + 1, answer);
    if (failed !== undefined) return failed;
    const isLast = end === history.length;
    const mayAsk = isLast || isSuspended(past.history);
    const different = compare(index + 1, past.history, answer.actions, mayAsk);
    if (different !== undefined) return different;
    const now = answer.output ?? 'null';
    if (isLast && now !== JSON.stringify(output)) return `the output is now ${now}`;
  }
  return undefined;
}

/**
 * `mayAsk`: for more than is recorded. The last episode's own actions are not in the trigger, and what a suspended
 * instance asks for is scheduled when it is resumed.
 */
function compare(
  episode: number,
  history: readonly HistoryEvent[],
  actions: readonly Action[],
  mayAsk: boolean,
): string | undefined {
  const recorded = withoutStretches(history, actions);
  const now = actions.map((action) =>
    action.kind === 'timer' ? timer(new Date(action.fireAtMs)) : nameOf(action),
  );
  const at = recorded.findIndex((step, index) => now[index] !== step);
  if (at >= 0) return departure(episode, at, recorded[at], now[at]);
  if (mayAsk || now.length === recorded.length) return undefined;
  return departure(episode, recorded.length, undefined, now[recorded.length]);
}

/** What the history scheduled for `actions`: a long timer as one, with the time at which its last stretch would end. */
function withoutStretches(history: readonly HistoryEvent[], actions: readonly Action[]): string[] {
  const steps: string[] = [];
  /** By the id of a timer that is a stretch: when the whole ends. */
  const ends = new Map<number, number>();
  const goingOn: number[] = [];
  for (const event of history) {
    const { EventType: type, EventId = -1, TimerId = -1, Name = '', FireAt = '', Timestamp = '' } = event;
    if (type === EventType.taskScheduled) steps.push(`activity ${Name}`);
    if (type === EventType.timerFired && ends.has(TimerId)) goingOn.push(ends.get(TimerId) ?? 0);
    if (type !== EventType.timerCreated) continue;
    const isStretchTo = (endMs: number): boolean =>
      firesAtMs(Date.parse(Timestamp), endMs) === Date.parse(FireAt);
    const [continued] = goingOn;
    const asked = actions[steps.length];
    const endMs =
      continued !== undefined && isStretchTo(continued)
        ? goingOn.shift()
        : asked?.kind === 'timer' && isStretchTo(asked.fireAtMs)
          ? asked.fireAtMs
          : undefined;
    if (endMs === undefined || endMs !== continued) steps.push(timer(new Date(endMs ?? FireAt)));
    if (endMs !== undefined && Date.parse(FireAt) < endMs) ends.set(EventId, endMs);
  }
  return steps;
}

function isSuspended(history: readonly HistoryEvent[]): boolean {
  const types: readonly number[] = [EventType.executionSuspended, EventType.executionResumed];
  return (
    history.findLast(({ EventType: type }) => types.includes(type))?.EventType ===
    EventType.executionSuspended
  );
}

const timer = (fireAt: Date): string => `timer ${fireAt.toISOString()}`;
