// Outgoing messages of one episode, in the order in which DurableTask.AzureStorage sends them
// (AzureStorageOrchestrationService.cs, CommitOutboundQueueMessages): to other instances, timers, activities.
import type { Decision, End } from '../episode';
import {
  executionStarted,
  subCompleted,
  subFailed,
  timerFired,
  timestamp,
  type StartFacts,
} from '../history-events';
import type { Instance } from '../instance';
import { childFacts } from '../outgoing';
import { childRuns } from '../refusals';
import type { InstanceRow } from '../stored-rows';
import type { SubTask } from '../tasks';
import { WORK_ITEMS, type ControlBody, type NewMessage } from './messages';

/** What must be known of the hub. */
export interface Addresses {
  queueOf(instanceId: string): string;
  find(instanceId: string): InstanceRow | undefined;
}

/** `instance` is as it was before the episode. */
export function outgoingMessages(
  instance: Instance,
  decision: Decision,
  nowMs: number,
  hub: Addresses,
): NewMessage[] {
  const { id: instanceId, executionId } = instance.facts;
  const toItself = { queue: hub.queueOf(instanceId), instanceId, executionId };
  const at = timestamp(nowMs);
  return [
    ...(decision.subs ?? []).flatMap((task, index, all) => {
      const isTwin = all.slice(0, index).some(({ child }) => child === task.child);
      return isTwin
        ? [twinFails(instance, task, 'Pending', at, hub)]
        : startChild(instance, task, nowMs, hub);
    }),
    ...(decision.sent ?? []).flatMap(({ to, request }) =>
      request === undefined ? [] : [operation(to, request, hub)],
    ),
    ...(decision.end === undefined ? [] : tellParent(instance.facts, decision.end, at, hub)),
    ...decision.timers.map((timer) => ({
      ...toItself,
      body: {
        kind: 'task' as const,
        event: timerFired(timer.id, timestamp(timer.fireAtMs), timer.createdAt),
        taskId: timer.id,
      },
      visibleMs: timer.fireAtMs,
    })),
    ...decision.activities.map((task) => ({
      ...toItself,
      queue: WORK_ITEMS,
      body: { kind: 'activity' as const, task },
    })),
  ];
}

/** A start. */
export const startMessage = (facts: StartFacts, nowMs: number, hub: Addresses): NewMessage<ControlBody> => ({
  queue: hub.queueOf(facts.id),
  instanceId: facts.id,
  executionId: facts.executionId,
  body: { kind: 'start', event: executionStarted(facts, timestamp(nowMs)), facts },
});

/** An operation of an entity; `request` is JSON text of `EntityRequest`. */
export const operation = (to: string, request: string, hub: Addresses): NewMessage<ControlBody> => ({
  queue: hub.queueOf(to),
  instanceId: to,
  executionId: null,
  body: { kind: 'operation', event: request },
});

/** A child that a forgotten run of this episode has started already is not started anew: its answer has the same number. */
function startChild(parent: Instance, task: SubTask, nowMs: number, hub: Addresses): NewMessage[] {
  const { executionId } = parent.facts;
  const there = hub.find(task.child);
  const caller = JSON.parse(there?.parent ?? 'null') as StartFacts['parent'] | null;
  if (caller?.executionId === executionId && caller.taskId === task.id) return [];
  if (there === undefined || there.ended === 1) return [startMessage(childFacts(parent, task), nowMs, hub)];
  return [twinFails(parent, task, there.status, timestamp(nowMs), hub)];
}

/** The answer of a child whose id another run has. */
function twinFails(
  { facts: { id: instanceId, executionId } }: Instance,
  task: SubTask,
  status: string,
  at: string,
  hub: Addresses,
): NewMessage {
  const event = subFailed(task.id, childRuns(task.child, status), '', at);
  const body = { kind: 'task', event, taskId: task.id, hasFailed: true } as const;
  return { queue: hub.queueOf(instanceId), instanceId, executionId, body };
}

function tellParent({ parent }: StartFacts, end: End, at: string, hub: Addresses): NewMessage[] {
  if (parent === undefined) return [];
  const { id: instanceId, executionId, taskId } = parent;
  const { failure, output } = end;
  const event =
    failure === undefined
      ? subCompleted(taskId, output, at)
      : subFailed(taskId, failure.reason, failure.details, at);
  const body = { kind: 'task', event, taskId, hasFailed: failure !== undefined } as const;
  return [{ queue: hub.queueOf(instanceId), instanceId, executionId, body }];
}
