// What one episode has others do: sub-orchestrations that begin, and messages to other instances. It goes to disk in
// the same write as the episode (D1), so that neither is there without the other.
import { randomUUID } from 'node:crypto';
import type { Decision } from './episode';
import { subCompleted, subFailed, timestamp, type StartFacts } from './history-events';
import type { Instance, Message } from './instance';
import { childRuns } from './refusals';
import type { Delivery, NewRun } from './store-writers';
import type { SubTask } from './tasks';

export interface Outgoing {
  readonly starts: readonly NewRun[];
  readonly deliveries: readonly (Delivery & { readonly target: Instance })[];
}

/** What the engine knows of the other instances. */
export interface Others {
  /** The unfinished instance with this id. */
  find(id: string): Instance | undefined;
  /** The row of the ended one. */
  endedKey(id: string): number | undefined;
  nextKey(): number;
  nextMessage(): number;
}

/** `instance` is as it was before the episode. */
export function outgoing(instance: Instance, decision: Decision, nowMs: number, others: Others): Outgoing {
  const starts: NewRun[] = [];
  const deliveries: (Delivery & { target: Instance })[] = [];
  const send = (target: Instance, message: Message): void => {
    deliveries.push({ target, key: target.key, message: { ...message, inboxId: others.nextMessage() } });
  };
  const at = timestamp(nowMs);
  for (const task of decision.subs ?? []) {
    const begun = starts.some(({ facts }) => facts.id === task.child) ? 'Pending' : undefined;
    const status = begun ?? others.find(task.child)?.status;
    if (status === undefined) {
      const replacedKey = others.endedKey(task.child);
      starts.push({ key: others.nextKey(), facts: childFacts(instance, task), nowMs, replacedKey });
    } else {
      const event = subFailed(task.id, childRuns(task.child, status), '', at);
      send(instance, { kind: 'task', event, taskId: task.id, hasFailed: true });
    }
  }
  const parent = decision.end === undefined ? undefined : waitingParent(instance, others);
  if (parent !== undefined && decision.end !== undefined) {
    const { failure, output } = decision.end;
    const event =
      failure === undefined
        ? subCompleted(parent.taskId, output, at)
        : subFailed(parent.taskId, failure.reason, failure.details, at);
    send(parent.instance, {
      kind: 'task',
      event,
      taskId: parent.taskId,
      hasFailed: failure !== undefined,
    });
  }
  return { starts, deliveries };
}

/** Recorded: the execution id of a sub-orchestration has no dashes, that of a started instance has. */
function childFacts({ facts }: Instance, task: SubTask): StartFacts {
  const { id, name, executionId, version } = facts;
  return {
    id: task.child,
    executionId: randomUUID().replaceAll('-', ''),
    name: task.name,
    version: task.version,
    input: task.input,
    generation: null,
    parent: { name, id, executionId, taskId: task.id, version },
  };
}

/** A parent that has ended, or goes on as another execution, waits for nothing. */
function waitingParent({ facts }: Instance, others: Others) {
  const { parent } = facts;
  if (parent === undefined) return undefined;
  const instance = others.find(parent.id);
  return instance?.facts.executionId === parent.executionId ? { instance, taskId: parent.taskId } : undefined;
}
