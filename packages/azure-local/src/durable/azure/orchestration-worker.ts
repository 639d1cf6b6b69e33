// Worker that runs the episodes of the instances in this host's partitions and writes their results in the order of
// DurableTask.AzureStorage (AzureStorageOrchestrationService.cs: LockNextTaskOrchestrationWorkItemAsync,
// CompleteTaskOrchestrationWorkItemAsync), each operation a commit of its own:
//
// orchestration-worker.E1  messages out, then the history by its etag, then the instances table, then the messages that
//   were consumed are deleted. A host that dies, or has lost the instance, in between leaves what was done: an activity
//   can run that no history has scheduled.
// orchestration-worker.E2  The end of a task is matched by its number only (OrchestrationSession.IsOutOfOrderMessage,
//   DurableTask.Core's TaskOrchestrationContext): as long as the history has scheduled nothing under it the message is
//   abandoned and comes again; then it ends whatever has the number. One for a task that has ended is recorded and
//   means nothing.
// orchestration-worker.E3  Messages of another execution are dropped; all for an instance that has ended, or never was,
//   are deleted.
import type { HostLog } from '../../kit/host-log';
import { isEntityId } from '../entity-messages';
import type { EpisodeGate, EpisodeHolds } from '../episode-holds';
import type { Message } from '../instance';
import { wrongVersion } from '../refusals';
import { takeInbox } from '../replay';
import { isMismatch } from '../versioning';
import type { Outstanding } from '../work-queue';
import { runEpisode, type EpisodeParts, type EpisodeResult } from './episode-run';
import { runEntity } from './entity-run';
import { HeldMessages } from './held-messages';
import { ROWS_PER_PART, type History } from './history-table';
import type { HubStorage } from './hub-storage';
import type { ControlMessage } from './messages';
import { PendingBatches, type Batch } from './pending-batches';
import { freshInstance, rebuild, type Rebuilt } from './rebuilt-instance';

export interface OrchestrationWorkerOptions extends EpisodeParts {
  readonly storage: HubStorage;
  readonly log: HostLog;
  readonly outstanding: Outstanding;
  readonly limit: number;
  readonly visibilityMs: number;
  readonly holds: EpisodeHolds | undefined;
  /** Whether this host still reads the queue. */
  readonly isOwned: (queue: string) => boolean;
  /** Called with the error of a storage operation that failed. */
  readonly fail: (error: unknown) => void;
}

type Held = HeldMessages<ControlMessage>;

/** So many deliveries a message for an instance that does not exist is kept for: a start may be on its way. */
const DELIVERIES_WITHOUT_INSTANCE = 5;

/** Made by the engine. */
export class OrchestrationWorker {
  readonly pending = new PendingBatches();
  private readonly active = new Map<string, string>();
  private readonly parked = new Map<string, readonly ControlMessage[]>();
  private isOpen = true;

  constructor(private readonly options: OrchestrationWorkerOptions) {}

  /** Takes messages that were taken from a control queue. */
  accept(messages: readonly ControlMessage[]): void {
    for (const message of messages) this.pending.add(message);
    this.beginMore();
  }

  /** Lets no further episode begin; what waits here stays hidden until its visibility ends. */
  close(): void {
    this.isOpen = false;
    this.pending.clear();
  }

  /** Whether an episode of this instance is going on, or about to. */
  isBusy = (instanceId: string): boolean => this.active.has(instanceId) || this.pending.has(instanceId);

  /** Whether an episode of this partition is going on. */
  isBusyWith = (queue: string): boolean => [...this.active.values()].includes(queue);

  private beginMore(): void {
    const { limit, outstanding, fail } = this.options;
    while (this.isOpen && this.active.size < limit) {
      const batch = this.pending.takeNext((id) => this.active.has(id));
      if (batch === undefined) return;
      this.active.set(batch.instanceId, batch.messages[0]?.queue ?? '');
      outstanding.begin();
      this.run(batch)
        .catch(fail)
        .finally(() => {
          this.active.delete(batch.instanceId);
          this.beginMore();
          outstanding.end();
        });
    }
  }

  private async run(batch: Batch): Promise<void> {
    const { storage, clock, visibilityMs, isOwned } = this.options;
    this.unpark(batch);
    const held = new HeldMessages(storage, clock, visibilityMs, batch.messages);
    try {
      const isLost = batch.messages.some(({ queue }) => !isOwned(queue));
      if (isLost) await held.abandon(batch.messages, 'controlMessageAbandoned');
      else if (isEntityId(batch.instanceId)) await runEntity(batch, held, this.options);
      else await this.process(batch, held);
    } finally {
      held.letGo();
    }
  }

  private async process(batch: Batch, held: Held): Promise<void> {
    const { storage, versioning, log } = this.options;
    const history = storage.hub.history.load(batch.instanceId, batch.executionId);
    const rebuilt = rebuild(history.rows);
    const early = batch.messages.filter((message) => isOutOfOrder(message, rebuilt));
    if (early.length > 0) await held.abandon(early, 'controlMessageAbandoned');
    const messages = batch.messages.filter((message) => !early.includes(message));
    if (messages.length === 0) return;
    const start = messages.find(({ body }) => body.kind === 'start');
    if (rebuilt === undefined ? start === undefined : rebuilt.ended !== undefined) {
      await this.discard(messages, rebuilt, batch, held);
      return;
    }
    const found = rebuilt ?? freshInstance(start?.body.facts, this.options.clock.now());
    const { facts } = found.instance;
    if (versioning?.failureStrategy === 'Reject' && isMismatch(facts, versioning)) {
      const why = wrongVersion(facts.name, facts.version, versioning.defaultVersion);
      log.warn(`Instance ${facts.id} stays as it is. ${why}`);
      await held.abandon(messages, 'controlMessageAbandoned');
      return;
    }
    await this.runEpisode(found, history, messages, held);
  }

  private async runEpisode(
    { instance }: Rebuilt,
    history: History,
    messages: readonly ControlMessage[],
    held: Held,
  ): Promise<void> {
    const { clock, holds } = this.options;
    const isFresh = history.rows.length === 0;
    const usable = messages.filter(({ body, executionId }) =>
      body.kind === 'start' ? isFresh : executionId === null || executionId === instance.facts.executionId,
    );
    const byBody = new Map<Message, ControlMessage>(usable.map((message) => [message.body, message]));
    instance.inbox.splice(0, Infinity, ...byBody.keys());
    const consumed = takeInbox(instance, clock.now(), 'recorded');
    const left = instance.inbox.flatMap((body) => byBody.get(body) ?? []);
    const done = messages.filter((message) => !left.includes(message));
    if (consumed.messages.length === 0) {
      await held.delete(done, 'controlMessageDeleted');
      this.park(left, held);
      return;
    }
    const result = await runEpisode(instance, consumed, this.options);
    const gate = holds?.gateFor(instance.facts.input, consumed.messages.length);
    await gate?.('before');
    const isCommitted = await this.commit(result, history, gate);
    if (!isCommitted) {
      await held.abandon(messages, 'controlMessageAbandoned');
      return;
    }
    await gate?.('after');
    // An execution that continued as new has taken along what was left.
    const isCarried = result.isOtherExecution;
    await held.delete(isCarried ? messages : done, 'controlMessageDeleted');
    if (isCarried) return;
    if (result.instance.suspended) this.park(left, held);
    else for (const message of left) this.pending.add(held.current(message));
  }

  /** What leads to something waits here, hidden, until more comes for the suspended instance: it may be resumed then. */
  private park(messages: readonly ControlMessage[], held: Held): void {
    for (const message of messages) {
      const { instanceId } = message;
      this.parked.set(instanceId, [...(this.parked.get(instanceId) ?? []), held.current(message)]);
    }
  }

  /** What was parked stands before what has come since. */
  private unpark({ instanceId, messages }: Batch): void {
    const parked = this.parked.get(instanceId) ?? [];
    this.parked.delete(instanceId);
    messages.unshift(...parked.filter(({ id }) => messages.every((message) => message.id !== id)));
  }

  /** orchestration-worker.E1, up to the instances table. False when another host has written the history meanwhile. */
  private async commit(
    result: EpisodeResult,
    history: History,
    gate: EpisodeGate | undefined,
  ): Promise<boolean> {
    const { storage, clock, log } = this.options;
    const { instance, outgoing, rows, decision, isOtherExecution } = result;
    const { id: instanceId, executionId, name } = instance.facts;
    for (const [at, message] of outgoing.entries()) {
      const { body } = message;
      const what = body.kind === 'activity' ? body.task.name : body.kind;
      const moment = { name: 'messageSent', instanceId, what, left: outgoing.length - 1 - at } as const;
      await storage.commit(moment, (hub) => hub.messages.add(message, clock.now()));
    }
    await gate?.('sent');
    let { etag } = history;
    const before = isOtherExecution ? 0 : history.rows.length;
    for (let at = 0; at < rows.length; at += ROWS_PER_PART) {
      const isLast = at + ROWS_PER_PART >= rows.length;
      const part = { instanceId, executionId, from: before + at, rows: rows.slice(at, at + ROWS_PER_PART) };
      const moment = { name: isLast ? 'historyWritten' : 'historyPartWritten', instanceId } as const;
      etag = await storage.commit(moment, (hub) => hub.history.write({ ...part, etag, isLast }));
      if (etag === undefined) {
        log.warn(
          `Instance ${instanceId} was taken by another host during an episode here, whose result is discarded.`,
        );
        return false;
      }
    }
    const { end, customStatus } = decision;
    const update = {
      facts: instance.facts,
      createdMs: instance.createdMs,
      status: end?.status ?? (instance.suspended ? ('Suspended' as const) : ('Running' as const)),
      ended: end === undefined ? 0 : 1,
      customStatus,
      output: end?.output ?? null,
    };
    await storage.commit({ name: 'instanceUpdated', instanceId }, (hub) =>
      hub.instances.put(update, clock.now()),
    );
    if (end?.status === 'Failed')
      log.warn(`Orchestration '${name}' (${instanceId}) failed: ${end.output ?? ''}`);
    return true;
  }

  /** orchestration-worker.E3. Puts the instances table right first, where a crash has left it behind the history. */
  private async discard(
    messages: readonly ControlMessage[],
    rebuilt: Rebuilt | undefined,
    batch: Batch,
    held: Held,
  ): Promise<void> {
    const { storage, clock } = this.options;
    const row = storage.hub.instances.find(batch.instanceId);
    if (rebuilt?.ended !== undefined && (row === undefined || isBehind(row, rebuilt))) {
      const { instance, ended } = rebuilt;
      const { facts, createdMs } = instance;
      const customStatus = row?.customStatus ?? null;
      const update = { facts, createdMs, ...ended, ended: 1, customStatus };
      await storage.commit({ name: 'instanceUpdated', instanceId: batch.instanceId }, (hub) =>
        hub.instances.put(update, clock.now()),
      );
    }
    // AzureStorageOrchestrationService.IsExecutableInstanceAsync: the start, if it comes later, runs all the same.
    const terminate =
      rebuilt === undefined ? messages.find(({ body }) => body.kind === 'terminate') : undefined;
    if (terminate !== undefined) {
      const { reason } = terminate.body;
      const output = JSON.stringify(reason ?? null);
      await storage.commit({ name: 'instanceUpdated', instanceId: batch.instanceId }, (hub) =>
        hub.instances.terminate(batch.instanceId, output, clock.now()),
      );
    }
    // Messages for any execution may be for one that is about to begin: they are tried once more.
    const ours = rebuilt?.instance.facts.executionId ?? batch.executionId;
    const matching = messages.filter(({ executionId }) => executionId === ours);
    const gone = matching.length === 0 ? messages : matching;
    await held.delete(gone, 'controlMessageDeleted');
    for (const message of messages) if (!gone.includes(message)) this.pending.add(held.current(message));
  }
}

/** orchestration-worker.E2. */
function isOutOfOrder({ body, dequeueCount }: ControlMessage, rebuilt: Rebuilt | undefined): boolean {
  if (body.taskId === undefined && body.answers === undefined) return false;
  if (rebuilt === undefined) return dequeueCount <= DELIVERIES_WITHOUT_INSTANCE;
  if (body.taskId === undefined) return !rebuilt.requestIds.has(body.answers ?? '');
  return !rebuilt.eventIds.has(body.taskId);
}

const isBehind = (
  row: { readonly executionId: string; readonly status: string },
  { instance, ended }: Rebuilt,
): boolean => row.executionId === instance.facts.executionId && row.status !== ended?.status;
