// Runs one replay: takes the messages of the inbox, calls the orchestrator with the history, and makes the history
// events of the episode.
import type { DurableFunctionInvoker } from './contract';
import type { Consumed, Decision } from './episode';
import {
  executionCompleted,
  orchestratorCompleted,
  orchestratorStarted,
  orchestratorTrigger,
  replayed,
  type EventText,
} from './history-events';
import { joinEvents, type Instance, type Message } from './instance';
import { failedAnswer, readAnswer, readThrown, type OrchestratorAnswer } from './orchestrator-answer';
import { unknownOrchestrator } from './refusals';
import { followUp, type FollowUp } from './tasks';

/** Runs the orchestrator over its history and the news; never rejects. `at` is when the episode began. */
export async function replay(
  functions: DurableFunctionInvoker,
  instance: Instance,
  consumed: Consumed,
  at: string,
): Promise<OrchestratorAnswer> {
  const { id, name, input, parent, source } = instance.facts;
  if (functions.kindOf(name) !== 'orchestrator') return failedAnswer(unknownOrchestrator(name));
  const news = [
    orchestratorStarted(at),
    ...consumed.messages.map((message) => message.event),
    ...(beginsAnew(instance) ? [orchestratorCompleted(at)] : []),
  ].join(',');
  const isReplaying = instance.history !== '';
  const history = joinEvents(instance.history, news);
  const trigger = orchestratorTrigger(id, history, input, isReplaying, parent?.id ?? null, source ?? null);
  try {
    return readAnswer(await functions.invoke(name, trigger, { instanceId: id }));
  } catch (error) {
    return readThrown(error);
  }
}

/** Recorded: the history of an execution that continues another begins with a closed episode of its own. */
const beginsAnew = (instance: Instance): boolean => instance.isContinued && instance.history === '';

/** What becomes of the end of a task that is not open: dropped, or written into the history, where it means nothing. */
export type Unmatched = 'dropped' | 'recorded';

/**
 * durable-engine.Q1, durable-engine.Q4, durable-tasks.T2: takes the inbox, without the ends of tasks that are no longer
 * open, up to the
 * first message that must stand at the head of an episode. While the instance is suspended, what leads to something
 * stays where it is.
 */
export function takeInbox(instance: Instance, nowMs: number, unmatched: Unmatched = 'dropped'): Consumed {
  const messages: Message[] = [];
  const followUps: FollowUp[] = [];
  const held: Message[] = [];
  const waiting = instance.inbox.splice(0);
  let isAtHead = true;
  for (const [index, message] of waiting.entries()) {
    const task = message.taskId === undefined ? undefined : instance.open.get(message.taskId);
    if (message.taskId !== undefined && task === undefined && unmatched === 'dropped') continue;
    const next = task === undefined ? undefined : followUp(task, message, nowMs);
    if (next !== undefined && instance.suspended) {
      held.push(message);
      continue;
    }
    if (next !== undefined && !isAtHead) {
      held.push(...waiting.slice(index));
      break;
    }
    if (next === undefined) isAtHead = false;
    else followUps.push(next);
    if (task !== undefined) instance.open.delete(task.id);
    if (message.kind === 'suspend') instance.suspended = true;
    if (message.kind === 'resume') instance.suspended = false;
    messages.push(message);
    if (message.kind === 'start' && instance.isContinued) {
      held.push(...waiting.slice(index + 1));
      break;
    }
  }
  instance.inbox.unshift(...held);
  return { messages, followUps };
}

/** From here on a replay costs so much that results about to come should share it. */
const LARGE = 100;
const SHARE = 8;

export const isLarge = ({ scheduled }: Instance): boolean => scheduled.length >= LARGE;

/**
 * Waits, for a large instance, while every turn of the event loop brings more results, until a fair share of
 * those outstanding is there: so that a fan-out of n tasks costs some replays of its history instead of n.
 */
export async function gatherMessages({ inbox, open }: Instance): Promise<void> {
  for (let seen = 0; inbox.length > seen && inbox.length * SHARE < open.size;) {
    seen = inbox.length;
    await new Promise(setImmediate);
  }
}

/** Whether `takeInbox` would take anything. */
export function hasMessages({ inbox, open, suspended }: Instance, nowMs: number): boolean {
  if (!suspended) return inbox.length > 0;
  return inbox.some((message) => {
    const task = message.taskId === undefined ? undefined : open.get(message.taskId);
    return task === undefined || followUp(task, message, nowMs) === undefined;
  });
}

/** The text an episode adds to the history, as later replays see it. */
export const episodeHistory = (...episode: Parameters<typeof episodeEvents>): string =>
  episodeEvents(...episode).join(',');

/** The events an episode adds to the history, as later replays see them. */
export function episodeEvents(
  instance: Instance,
  consumed: Consumed,
  { events, end }: Pick<Decision, 'events' | 'end'>,
  startedAt: string,
  endedAt: string,
): EventText[] {
  const isAnew = beginsAnew(instance);
  return [
    orchestratorStarted(startedAt),
    ...consumed.messages.map((message) => replayed(message.event)),
    ...(isAnew ? [replayed(orchestratorCompleted(startedAt))] : []),
    ...events,
    ...(end === undefined ? [] : [executionCompleted(end.status, end.output, endedAt)]),
    ...(isAnew && events.length === 0 && end === undefined ? [] : [orchestratorCompleted(endedAt)]),
  ];
}
