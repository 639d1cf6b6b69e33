// Outgoing messages of one episode or one batch of an entity in the mode `atomic`: starts of sub-orchestrations,
// events to instances, operations of entities. They are committed with their cause in one write (durable-store.D1).
import { randomUUID } from 'node:crypto';
import type { BatchOutcome, Operation } from './entities';
import { entityId, requestText, responseText, type EntityRequest } from './entity-messages';
import type { Decision, End } from './episode';
import { eventRaised, subCompleted, subFailed, timestamp, type StartFacts } from './history-events';
import type { Instance, Message } from './instance';
import { childRuns } from './refusals';
import type { Delivery, NewEntity, NewRun } from './store-writers';
import type { SubTask } from './tasks';

export interface Outgoing {
  readonly starts: readonly NewRun[];
  readonly entities: readonly NewEntity[];
  readonly deliveries: readonly Delivery[];
  /** The messages again, with whom they reach in memory. */
  readonly messages: readonly { readonly target: Instance; readonly message: Message }[];
  readonly operations: readonly {
    readonly id: string;
    readonly key: number;
    readonly operation: Operation;
  }[];
}

/** What the engine knows of the other instances. */
export interface Others {
  /** The unfinished instance with this id. */
  find(id: string): Instance | undefined;
  /** The row of an ended instance, or of an entity. */
  keyOf(id: string): number | undefined;
  nextKey(): number;
  nextMessage(): number;
}

/** `instance` is as it was before the episode. */
export function outgoing(instance: Instance, decision: Decision, nowMs: number, others: Others): Outgoing {
  const box = emptyBox(others, nowMs);
  for (const task of decision.subs ?? []) startChild(box, instance, task, others, nowMs);
  for (const { to, request } of decision.sent ?? []) if (request !== undefined) box.operate(to, request);
  if (decision.end !== undefined) tellParent(box, instance, decision.end, others, nowMs);
  return box.contents;
}

/** Answers to the orchestrations that wait for them, and the signals that the entity sent. */
export function batchOutgoing(outcome: BatchOutcome, nowMs: number, others: Others): Outgoing {
  const box = emptyBox(others, nowMs);
  for (const [index, { request }] of outcome.batch.entries()) {
    const { parent, parentExecution, signal, id } = request;
    const caller = signal === true || parent === undefined ? undefined : others.find(parent);
    if (caller === undefined || caller.facts.executionId !== parentExecution) continue;
    const { isError, result } = outcome.results[index] ?? { isError: true, result: '"no result"' };
    const event = eventRaised(id, responseText(result, isError), timestamp(nowMs));
    box.send(caller, { kind: 'raise', event });
  }
  for (const { to, name: op, input } of outcome.signals) {
    const given = input === '' ? undefined : { input };
    const request = { op, signal: true, ...given, parent: outcome.id } as const;
    box.operate(entityId(to.name, to.key), requestText(request, nowMs, undefined));
  }
  return box.contents;
}

/** A client's signal. */
export function signalOutgoing(id: string, request: string, nowMs: number, others: Others): Outgoing {
  const box = emptyBox(others, nowMs);
  box.operate(id, request);
  return box.contents;
}

function emptyBox(others: Others, nowMs: number) {
  const contents = {
    starts: [] as NewRun[],
    entities: [] as NewEntity[],
    deliveries: [] as Delivery[],
    messages: [] as { target: Instance; message: Message }[],
    operations: [] as { id: string; key: number; operation: Operation }[],
  };
  const { entities, deliveries, messages, operations } = contents;
  const keyOfEntity = (id: string): number => {
    const known = others.keyOf(id) ?? entities.find((entity) => entity.id === id)?.key;
    if (known !== undefined) return known;
    const key = others.nextKey();
    entities.push({ key, id, nowMs });
    return key;
  };
  return {
    contents,
    send(target: Instance, message: Message): void {
      const numbered = { ...message, inboxId: others.nextMessage() };
      deliveries.push({ key: target.key, message: numbered });
      messages.push({ target, message: numbered });
    },
    operate(id: string, event: string): void {
      const key = keyOfEntity(id);
      const inboxId = others.nextMessage();
      deliveries.push({ key, message: { kind: 'operation', event, inboxId } });
      operations.push({ id, key, operation: { inboxId, request: JSON.parse(event) as EntityRequest } });
    },
  };
}

type Box = ReturnType<typeof emptyBox>;

function startChild(box: Box, parent: Instance, task: SubTask, others: Others, nowMs: number): void {
  const { starts } = box.contents;
  const begun = starts.some(({ facts }) => facts.id === task.child) ? 'Pending' : undefined;
  const status = begun ?? others.find(task.child)?.status;
  if (status === undefined) {
    const replacedKey = others.keyOf(task.child);
    starts.push({ key: others.nextKey(), facts: childFacts(parent, task), nowMs, replacedKey });
    return;
  }
  const event = subFailed(task.id, childRuns(task.child, status), '', timestamp(nowMs));
  box.send(parent, { kind: 'task', event, taskId: task.id, hasFailed: true });
}

/** Recorded: the execution id of a sub-orchestration has no dashes, that of a started instance has. */
export function childFacts({ facts }: Instance, task: SubTask): StartFacts {
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
function tellParent(box: Box, { facts }: Instance, end: End, others: Others, nowMs: number): void {
  const { parent } = facts;
  const instance = parent === undefined ? undefined : others.find(parent.id);
  if (parent === undefined || instance?.facts.executionId !== parent.executionId) return;
  const { taskId } = parent;
  const { failure, output } = end;
  const at = timestamp(nowMs);
  const event =
    failure === undefined
      ? subCompleted(taskId, output, at)
      : subFailed(taskId, failure.reason, failure.details, at);
  box.send(instance, { kind: 'task', event, taskId, hasFailed: failure !== undefined });
}
