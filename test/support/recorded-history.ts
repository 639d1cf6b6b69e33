// Recorded saga histories: the trigger that the orchestrator got at its last replay, replayed again at every prefix and
// compared with what the history scheduled. The SDK itself does not notice a difference.
import { registeredFunctions } from './durable-core';

export interface RecordedHistory {
  readonly what: string;
  /** As the engine gave it to the orchestrator when it ran for the last time. */
  readonly trigger: Trigger;
  readonly output: unknown;
}

interface Trigger {
  readonly history: readonly HistoryEvent[];
  readonly [key: string]: unknown;
}

interface HistoryEvent {
  readonly EventType: number;
  readonly EventId: number;
  readonly Name?: string;
  readonly FireAt?: string;
  readonly [key: string]: unknown;
}

interface Action {
  readonly actionType: number;
  readonly functionName?: string;
  readonly fireAt?: string | Date;
  readonly compoundActions?: readonly Action[];
}

const TASK_SCHEDULED = 4;
const TIMER_CREATED = 10;
const ORCHESTRATOR_STARTED = 12;
const CALL_ACTIVITY = 0;
const CREATE_TIMER = 5;

/** Why today's code would not run this saga on as it began, naming the step and its index; undefined when it would. */
export async function firstDifference(
  orchestrator: string,
  { trigger, output }: RecordedHistory,
): Promise<string | undefined> {
  const { history } = trigger;
  const starts = history.flatMap(({ EventType }, index) =>
    EventType === ORCHESTRATOR_STARTED ? [index] : [],
  );
  for (const [episode] of starts.entries()) {
    const end = starts[episode + 1] ?? history.length;
    const answer = await replay(orchestrator, { ...trigger, history: history.slice(0, end) });
    const last = end === history.length;
    const emitted = answer.actions.flatMap(scheduledBy);
    const recorded = history.slice(0, end).flatMap(scheduledAs);
    // The last episode's own actions are not in the trigger: only the end it came to is recorded.
    const wanted = last ? emitted.slice(0, recorded.length) : emitted;
    const index = recorded.findIndex((step, at) => wanted[at] !== step);
    if (index >= 0 || wanted.length > recorded.length) {
      const at = index >= 0 ? index : recorded.length;
      return `episode ${episode + 1}, action ${at}: recorded ${recorded[at] ?? 'nothing'}, now ${wanted[at] ?? 'nothing'}`;
    }
    if (last && JSON.stringify(answer.output) !== JSON.stringify(output)) {
      return `the output is now ${JSON.stringify(answer.output)}`;
    }
  }
  return undefined;
}

async function replay(
  orchestrator: string,
  trigger: Trigger,
): Promise<{ actions: Action[]; output: unknown }> {
  const returned = await registeredFunctions.invoke(orchestrator, JSON.stringify(trigger), {});
  const { actions, output } = JSON.parse(JSON.stringify(returned)) as {
    actions: Action[][];
    output?: unknown;
  };
  return { actions: actions[0] ?? [], output };
}

function scheduledBy({ actionType, functionName = '', fireAt = '', compoundActions = [] }: Action): string[] {
  if (actionType === CALL_ACTIVITY) return [`activity ${functionName}`];
  if (actionType === CREATE_TIMER) return [`timer ${new Date(fireAt).toISOString()}`];
  return compoundActions.flatMap(scheduledBy);
}

function scheduledAs({ EventType, Name = '', FireAt = '' }: HistoryEvent): string[] {
  if (EventType === TASK_SCHEDULED) return [`activity ${Name}`];
  return EventType === TIMER_CREATED ? [`timer ${new Date(FireAt).toISOString()}`] : [];
}
