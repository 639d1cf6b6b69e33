// Durable engine of the mode `atomic`: takes what clients send, runs orchestrators and activities through the function
// host, and writes each step to the journal in one commit. It knows no HTTP; episode.ts evaluates a replay.
//
// durable-engine.Q1  One episode at a time per instance; it takes everything in the inbox and is one write
//   (durable-store.D1).
// durable-engine.Q2  An activity is dispatched, and a timer set, only after the commit of the episode that scheduled
//   it.
// durable-engine.Q3  A client's message is acknowledged only after it is on disk; an episode may consume it earlier,
//   because a later write is never on disk before an earlier one.
// durable-engine.Q4  A task ends once: its result enters the history only while the task is open. So activities run at
//   least once and stand in the history exactly once.
// durable-engine.Q5  A result lives in memory until its episode is on disk; a crash before that runs the activity
//   again.
// durable-engine.Q6  After close() has returned nothing of this engine writes.
// durable-engine.Q7  An ended instance is not in memory.
import type { Clock } from '../kit/clock';
import type { Journal } from '../storage/journal';
import type { DurableFunctionInvoker } from './contract';
import type { HostLog } from '../kit/host-log';
import { DEFAULT_CONCURRENCY, DEFAULT_DRAIN_MS, type DurableEngineOptions } from './engine-options';
import { Entities, schedulerState, type BatchOutcome } from './entities';
import { requestText, type EntityRequest } from './entity-messages';
import { genericEvent, timestamp, type StartFacts } from './history-events';
import { callHttp } from './http-activity';
import type { DurableHub } from './hub';
import type { Instance, Message } from './instance';
import { Orchestrations } from './orchestrations';
import { batchOutgoing, signalOutgoing, type Others, type Outgoing } from './outgoing';
import { rewindTree, type RewindOutcome } from './rewind';
import { createStore, type DurableStore } from './store';
import type { InstanceRow } from './stored-rows';
import { Outstanding } from './work-queue';

/** Made by `createDurableEngine`; see client.ts for what clients may ask of it. */
export class DurableEngine implements DurableHub {
  readonly hubName: string;
  readonly clock: Clock;
  readonly store: DurableStore;
  /** The version of instances that are started without one. */
  readonly defaultVersion: string | null;
  private readonly journal: Journal;
  private readonly functions: DurableFunctionInvoker;
  private readonly log: HostLog;
  private readonly drainMs: number;
  private readonly outstanding = new Outstanding();
  private readonly orchestrations: Orchestrations;
  private readonly entities: Entities;
  private readonly others: Others;
  private lastKey = 0;
  private lastMessage = 0;
  private state: 'new' | 'running' | 'closing' | 'closed' = 'new';
  private closed: Promise<void> | undefined;

  constructor(options: DurableEngineOptions) {
    const { functions, clock, journal } = options;
    this.hubName = options.hubName;
    this.clock = clock;
    this.journal = journal;
    this.functions = functions;
    this.log = options.log;
    this.drainMs = options.drainMs ?? DEFAULT_DRAIN_MS;
    this.defaultVersion = options.versioning?.defaultVersion ?? null;
    this.store = createStore(journal);
    this.others = {
      find: (id) => this.unfinished(id),
      keyOf: (id) => this.store.find(id)?.key,
      nextKey: () => this.nextKey(),
      nextMessage: () => this.nextMessage(),
    };
    this.orchestrations = new Orchestrations({
      ...{ functions, clock, log: this.log, store: this.store },
      ...{ outstanding: this.outstanding, others: this.others },
      versioning: options.versioning,
      holds: options.holds,
      callHttp: options.callHttp ?? callHttp,
      maxConcurrentActivities: options.maxConcurrentActivities ?? DEFAULT_CONCURRENCY,
      maxConcurrentOrchestrators: options.maxConcurrentOrchestrators ?? DEFAULT_CONCURRENCY,
      arrive: (out) => this.arrive(out),
      fail: (error) => this.fail(error),
      isClosed: () => this.state === 'closed',
    });
    this.entities = new Entities({
      functions,
      log: this.log,
      outstanding: this.outstanding,
      maxConcurrent: DEFAULT_CONCURRENCY,
      find: (id) => this.store.find(id),
      record: (outcome) => this.recordBatch(outcome),
    });
  }

  /** Loads what was unfinished and goes on with it. To be called once, when the app's functions are registered. */
  start(): void {
    this.state = 'running';
    this.lastKey = this.store.lastKey();
    this.lastMessage = this.store.lastMessage();
    const operations = this.store.operations();
    this.orchestrations.resume(this.store.loadUnfinished());
    for (const { id, key, number: inboxId, event } of operations) {
      this.entities.accept(id, key, { inboxId, request: JSON.parse(event) as EntityRequest });
    }
  }

  /**
   * Takes no more work, waits (at most `drainMs`) for what is in flight, so that its results are kept, and lets go.
   * Idempotent. The journal stays open: it is its owner's.
   */
  close(): Promise<void> {
    this.closed ??= this.drain();
    return this.closed;
  }

  /** Resolves when nothing can go on without time passing or a client. */
  idle(): Promise<void> {
    return this.outstanding.none();
  }

  /** Whether client calls are taken: started and not closing. */
  get isRunning(): boolean {
    return this.state === 'running';
  }

  /** The unfinished instance with this id. */
  unfinished(id: string): Instance | undefined {
    return this.orchestrations.instances.get(id);
  }

  /** Resolves when no unfinished instance has this id and what it ended with is on disk. */
  async ended(id: string): Promise<void> {
    const instance = this.unfinished(id);
    return instance === undefined ? this.journal.settled() : this.orchestrations.instances.ended(instance);
  }

  /** Begins a run; `replacedKey` is the ended run under the same id. Resolves when it is on disk. */
  async begin(facts: StartFacts, replacedKey: number | undefined): Promise<void> {
    const run = { key: this.nextKey(), facts, nowMs: this.clock.now(), replacedKey };
    const committed = this.store.start(run);
    this.orchestrations.enter(run);
    await this.onDisk(committed);
  }

  /** durable-engine.Q3. Hands a client's message to an unfinished instance; resolves when it is on disk. */
  async send(id: string, message: Message): Promise<void> {
    const instance = this.unfinished(id);
    if (instance === undefined) throw new Error(`Instance ${id} has ended.`);
    const numbered = { ...message, inboxId: this.nextMessage() };
    const committed = this.store.send({ key: instance.key, message: numbered });
    this.orchestrations.deliver(instance, numbered);
    await this.onDisk(committed);
  }

  /** The names of the app's entities. */
  entityNames(): readonly string[] {
    return this.functions.entities();
  }

  /** durable-engine.Q3. Sends an operation to the entity with this id; resolves when it is on disk. */
  async signal(id: string, request: Omit<EntityRequest, 'id'>): Promise<void> {
    const nowMs = this.clock.now();
    const out = signalOutgoing(id, requestText(request, nowMs, undefined), nowMs, this.others);
    const committed = this.store.saveSent(out);
    this.arrive(out);
    await this.onDisk(committed);
  }

  /** Takes back the failures of a failed run and lets it go on; resolves when that is on disk. */
  async rewind(row: InstanceRow, reason: string | null): Promise<RewindOutcome> {
    const runs = rewindTree(row, this.store);
    if (typeof runs === 'string') return { kind: 'refused', why: runs };
    const nowMs = this.clock.now();
    const event = genericEvent(reason, timestamp(nowMs));
    const deliveries = runs
      .filter(({ isLeaf }) => isLeaf)
      .map(({ key }) => ({ key, message: { kind: 'rewind', event, inboxId: this.nextMessage() } as const }));
    const committed = this.store.rewind(runs, deliveries, nowMs);
    this.orchestrations.resume(runs.map(({ id }) => this.store.restore(id)));
    await this.onDisk(committed);
    return { kind: 'rewound' };
  }

  private nextKey(): number {
    this.lastKey += 1;
    return this.lastKey;
  }

  private nextMessage(): number {
    this.lastMessage += 1;
    return this.lastMessage;
  }

  private async onDisk(committed: Promise<void>): Promise<void> {
    try {
      await committed;
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  /** Lets what is being written reach others in memory; a later write is never on disk before an earlier one. */
  private arrive({ starts, messages, operations }: Outgoing): void {
    for (const run of starts) this.orchestrations.enter(run);
    for (const { target, message } of messages) this.orchestrations.deliver(target, message);
    for (const { id, key, operation } of operations) this.entities.accept(id, key, operation);
  }

  /** durable-entities.N1. */
  private recordBatch(outcome: BatchOutcome): void {
    if (this.state === 'closed') return;
    const { key, exists, batch } = outcome;
    const nowMs = this.clock.now();
    const out = batchOutgoing(outcome, nowMs, this.others);
    const record = {
      key,
      state: schedulerState(outcome),
      customStatus: exists ? '{"entityExists":true}' : '{}',
      consumed: batch.map(({ inboxId }) => inboxId),
    };
    this.onDisk(this.store.saveBatch(record, out, nowMs)).catch(() => undefined);
    this.arrive(out);
  }

  private async drain(): Promise<void> {
    this.state = 'closing';
    this.orchestrations.closeTasks();
    let timeout: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => (timeout = setTimeout(resolve, this.drainMs)));
    await Promise.race([this.outstanding.none(), tooLong]);
    clearTimeout(timeout);
    this.state = 'closed';
    this.orchestrations.close();
    this.entities.close();
    await this.journal.settled();
  }

  /** A commit that failed: memory is ahead of the disk, so nothing may follow from it. */
  private fail(error: unknown): void {
    if (this.state === 'closed') return;
    this.log.error(
      'The durable engine could not write its journal and has stopped. What was on disk before is intact, and a new ' +
        'start goes on from there; orders are taken all the same, and their sagas begin then.',
      error,
    );
    this.state = 'closed';
    this.orchestrations.close();
    this.entities.close();
  }
}

/** Makes an engine on the tables it finds in `journal`, or creates. It does nothing until `start`. */
export const createDurableEngine = (options: DurableEngineOptions): DurableEngine =>
  new DurableEngine(options);
