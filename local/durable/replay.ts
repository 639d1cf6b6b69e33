// One replay: what goes into the orchestrator, and what the episode leaves in the history.
import type { DurableFunctionInvoker } from './contract';
import type { Consumed, Decision } from './episode';
import {
  executionCompleted,
  orchestratorCompleted,
  orchestratorStarted,
  orchestratorTrigger,
  replayed,
} from './history-events';
import { joinEvents, type ActivityTask, type Instance, type Message, type TimerTask } from './instance';
import { failedAnswer, readAnswer, readThrown, type OrchestratorAnswer } from './orchestrator-answer';
import { unknownOrchestrator } from './refusals';

/** Runs the orchestrator over its history and the news; never rejects. `at` is when the episode began. */
export async function replay(
  functions: DurableFunctionInvoker,
  instance: Instance,
  consumed: Consumed,
  at: string,
): Promise<OrchestratorAnswer> {
  const { id, name, input } = instance.facts;
  if (functions.kindOf(name) !== 'orchestrator') return failedAnswer(unknownOrchestrator(name));
  const news = [orchestratorStarted(at), ...consumed.messages.map((message) => message.event)].join(',');
  const isReplaying = instance.history !== '';
  const trigger = orchestratorTrigger(id, joinEvents(instance.history, news), input, isReplaying);
  try {
    return readAnswer(await functions.invoke(name, trigger, { instanceId: id }));
  } catch (error) {
    return readThrown(error);
  }
}

/** Q1, Q4 of engine.ts: takes the whole inbox, without the ends of tasks that are no longer open. */
export function takeInbox(instance: Instance): Consumed {
  const messages: Message[] = [];
  const finished: (ActivityTask | TimerTask)[] = [];
  for (const message of instance.inbox.splice(0)) {
    if (message.taskId !== undefined) {
      const task = instance.open.get(message.taskId);
      if (task === undefined) continue;
      instance.open.delete(task.id);
      finished.push(task);
    }
    if (message.kind === 'suspend') instance.suspended = true;
    if (message.kind === 'resume') instance.suspended = false;
    messages.push(message);
  }
  return { messages, finished };
}

/** The text an episode adds to the history, as later replays see it. */
export function episodeHistory(
  consumed: Consumed,
  { events, end }: Decision,
  startedAt: string,
  endedAt: string,
): string {
  return [
    orchestratorStarted(startedAt),
    ...consumed.messages.map((message) => replayed(message.event)),
    ...events,
    ...(end === undefined ? [] : [executionCompleted(end.status, end.output, endedAt)]),
    orchestratorCompleted(endedAt),
  ].join(',');
}
