// Durable engine of the mode `azure`: a task hub that behaves as the Azure Storage backend of the Durable Task
// Framework does (github.com/Azure/durabletask, src/DurableTask.AzureStorage), with queues, tables and leases, each
// operation a commit of its own, in one file that several hosts have open. Episodes are evaluated by the same code as
// in the mode `atomic`; see docs/storage-modes.md.
//
// azure-engine.F1  A host that ends at once (`crash`, a SIGKILL) leaves what it had taken hidden until its visibility
//   ends.
// azure-engine.F2  A host that stops (`close`) gives activities back, and control messages that it has not
//   begun with stay hidden.
import type { Clock } from '../../kit/clock';
import type { DurableFunctionInvoker } from '../contract';
import type { HostLog } from '../../kit/host-log';
import { DEFAULT_CONCURRENCY, DEFAULT_DRAIN_MS } from '../engine-options';
import { requestText, type EntityRequest } from '../entity-messages';
import type { StartFacts } from '../history-events';
import { callHttp, HTTP_ACTIVITY } from '../http-activity';
import type { DurableHub, HubStore, UnfinishedRun } from '../hub';
import type { Message } from '../instance';
import type { RewindOutcome } from '../rewind';
import type { InstanceRow } from '../stored-rows';
import { Outstanding } from '../work-queue';
import { ActivityWorker } from './activity-worker';
import { DEFAULT_PARTITIONS, DEFAULT_VISIBILITY_MS, type AzureEngineOptions } from './azure-options';
import { HubStorage, openHub } from './hub-storage';
import { createHubStore } from './hub-store';
import { controlQueue } from './messages';
import { OrchestrationWorker } from './orchestration-worker';
import { operation, startMessage } from './outgoing-messages';
import { PartitionLeases } from './partition-leases';
import { partitionOf } from './partitions';
import { QueueReader } from './queue-reader';
import { rewindOnHub } from './rewind-on-hub';
import { screenStarts } from './start-messages';

/** Made by `createAzureEngine`. */
export class AzureEngine implements DurableHub {
  readonly hubName: string;
  readonly clock: Clock;
  readonly defaultVersion: string | null;
  readonly store: HubStore;
  readonly storage: HubStorage;
  private readonly functions: DurableFunctionInvoker;
  private readonly log: HostLog;
  private readonly drainMs: number;
  private readonly outstanding = new Outstanding();
  private readonly orchestrations: OrchestrationWorker;
  private readonly activities: ActivityWorker;
  private readonly reader: QueueReader;
  private readonly leases: PartitionLeases;
  private readonly partitionCount: number;
  private readonly waiters = new Map<string, (() => void)[]>();
  private readonly unlisten: () => void;
  private tellEnded: () => void = () => undefined;
  private readonly hasEnded = new Promise<void>((resolve) => (this.tellEnded = resolve));
  private state: 'new' | 'running' | 'closing' | 'closed' = 'new';
  private closed: Promise<void> | undefined;

  constructor(options: AzureEngineOptions) {
    const { clock, functions, log, provider = {}, hostId } = options;
    this.hubName = options.hubName;
    this.clock = clock;
    this.functions = functions;
    this.log = log;
    this.drainMs = options.drainMs ?? DEFAULT_DRAIN_MS;
    this.defaultVersion = options.versioning?.defaultVersion ?? null;
    const hub = openHub(options.file);
    hub.leases.ensure(provider.partitionCount ?? DEFAULT_PARTITIONS);
    this.partitionCount = hub.leases.all().length;
    this.storage = new HubStorage(hub, options.endsAt, () => this.lose());
    this.store = createHubStore(this.storage);
    const fail = (error: unknown): void => this.fail(error);
    const queueOf = (id: string): string => controlQueue(partitionOf(id, this.partitionCount));
    const shared = { storage: this.storage, clock, functions, log, outstanding: this.outstanding, fail };
    this.leases = new PartitionLeases({
      ...{ ...shared, hostId },
      isBusyWith: (queue) => this.orchestrations.isBusyWith(queue),
      onChange: () => this.reader.wake(),
    });
    this.activities = new ActivityWorker({
      ...{ ...shared, queueOf },
      callHttp: options.callHttp ?? callHttp,
      limit: options.maxConcurrentActivities ?? DEFAULT_CONCURRENCY,
      visibilityMs: provider.workItemQueueVisibilityTimeoutMs ?? DEFAULT_VISIBILITY_MS,
      onRoom: () => this.reader.wake(),
    });
    this.orchestrations = new OrchestrationWorker({
      ...shared,
      versioning: options.versioning,
      holds: options.holds,
      app: {
        isActivity: (name) => name === HTTP_ACTIVITY || functions.kindOf(name) === 'activity',
        isOrchestrator: (name) => functions.kindOf(name) === 'orchestrator',
        isEntity: (name) => functions.entities().some((known) => known.toLowerCase() === name),
        defaultVersion: this.defaultVersion,
      },
      addresses: { queueOf, find: (id) => hub.instances.find(id) },
      limit: options.maxConcurrentOrchestrators ?? DEFAULT_CONCURRENCY,
      visibilityMs: provider.controlQueueVisibilityTimeoutMs ?? DEFAULT_VISIBILITY_MS,
      isOwned: (queue) => this.leases.queues().includes(queue),
    });
    this.reader = new QueueReader({
      ...shared,
      pollMs: hostId === undefined ? undefined : (provider.maxQueuePollingIntervalMs ?? 1_000),
      queues: () => this.leases.queues(),
      controlVisibilityMs: provider.controlQueueVisibilityTimeoutMs ?? DEFAULT_VISIBILITY_MS,
      workItemVisibilityMs: provider.workItemQueueVisibilityTimeoutMs ?? DEFAULT_VISIBILITY_MS,
      activities: this.activities,
      orchestrations: this.orchestrations,
      onPoll: () => this.look(),
      screen: (messages) => screenStarts(messages, this.storage, clock),
    });
    this.unlisten = options.file.onCommit(() => this.look());
  }

  start(): void {
    this.state = 'running';
    this.leases.start();
    this.reader.start();
  }

  /** azure-engine.F2. The file stays open: it is its owner's. */
  close(): Promise<void> {
    this.closed ??= this.drain();
    return this.closed;
  }

  /** azure-engine.F1. Ends at once, as a process that is killed: nothing of this engine reaches the storage any more. */
  crash(): void {
    this.storage.end();
  }

  idle(): Promise<void> {
    return Promise.race([this.outstanding.none(), this.hasEnded]);
  }

  get isRunning(): boolean {
    return this.state === 'running';
  }

  unfinished(id: string): UnfinishedRun | undefined {
    const row = this.store.find(id);
    return row?.ended === 0 ? { status: row.status, busy: this.orchestrations.isBusy(id) } : undefined;
  }

  async ended(id: string): Promise<void> {
    if (this.unfinished(id) === undefined) return;
    await new Promise<void>((resolve) => {
      this.waiters.set(id, [...(this.waiters.get(id) ?? []), resolve]);
    });
  }

  /**
   * The message goes first and the row second, as in CreateTaskOrchestrationAsync: a host that dies in between leaves a
   * start that waits for its row, and is given up after some deliveries.
   */
  async begin(facts: StartFacts): Promise<void> {
    const nowMs = this.clock.now();
    const message = startMessage(facts, nowMs, this.addresses);
    const { id: instanceId } = facts;
    await this.storage.commit({ name: 'startSent', instanceId }, (hub) => hub.messages.add(message, nowMs));
    const row = {
      facts,
      createdMs: nowMs,
      status: 'Pending' as const,
      ended: 0,
      customStatus: null,
      output: null,
    };
    await this.storage.commit({ name: 'instanceCreated', instanceId }, (hub) => {
      // The first episode may have been quicker than this row.
      if (hub.instances.find(instanceId)?.executionId !== facts.executionId) hub.instances.put(row, nowMs);
    });
  }

  async send(id: string, message: Message): Promise<void> {
    const { queueOf } = this.addresses;
    const body = { queue: queueOf(id), instanceId: id, executionId: null, body: message };
    await this.storage.commit({ name: 'eventSent', instanceId: id, what: message.kind }, (hub) =>
      hub.messages.add(body, this.clock.now()),
    );
  }

  entityNames(): readonly string[] {
    return this.functions.entities();
  }

  async signal(id: string, request: Omit<EntityRequest, 'id'>): Promise<void> {
    const nowMs = this.clock.now();
    const message = operation(id, requestText(request, nowMs, undefined), this.addresses);
    await this.storage.commit({ name: 'eventSent', instanceId: id, what: 'operation' }, (hub) =>
      hub.messages.add(message, nowMs),
    );
  }

  rewind(row: InstanceRow, reason: string | null): Promise<RewindOutcome> {
    return rewindOnHub(row, reason, this.storage, this.clock.now(), this.addresses.queueOf);
  }

  private get addresses() {
    const queueOf = (id: string): string => controlQueue(partitionOf(id, this.partitionCount));
    return { queueOf, find: (id: string) => this.store.find(id) };
  }

  /** What a commit of any host in this process may have brought about. */
  private look(): void {
    if (this.state === 'closed') return;
    for (const [id, waiting] of this.waiters) {
      if (this.unfinished(id) !== undefined) continue;
      this.waiters.delete(id);
      for (const resolve of waiting) resolve();
    }
    this.reader.wake();
  }

  private async drain(): Promise<void> {
    if (this.state === 'closed') return;
    this.state = 'closing';
    this.reader.close();
    this.orchestrations.close();
    let timeout: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => (timeout = setTimeout(resolve, this.drainMs)));
    await Promise.race([this.outstanding.none(), tooLong, this.hasEnded]);
    clearTimeout(timeout);
    if (this.storage.isOver()) return;
    await this.activities.release();
    await this.leases.release();
    this.storage.end();
  }

  private lose(): void {
    this.state = 'closed';
    this.reader.close();
    this.orchestrations.close();
    this.activities.abandon();
    this.leases.close();
    this.unlisten();
    this.tellEnded();
  }

  private fail(error: unknown): void {
    if (this.state === 'closed') return;
    this.log.error(
      'The durable engine could not write its task hub and has stopped. What was written before is intact, and a new ' +
        'start goes on from there.',
      error,
    );
    this.storage.end();
  }
}

/** Makes an engine on the hub it finds in `file`, or creates. It does nothing until `start`. */
export const createAzureEngine = (options: AzureEngineOptions): AzureEngine => new AzureEngine(options);
