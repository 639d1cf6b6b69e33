// The durable engine: takes what clients send, runs orchestrators and activities through the function host, and keeps
// every step in the journal. Knows no HTTP; what a replay means is decided in episode.ts.
//
// Q1  One episode at a time per instance; it takes everything in the inbox and is one write (D1).
// Q2  An activity is dispatched, and a timer set, only after the commit of the episode that scheduled it.
// Q3  A client's message is acknowledged only after it is on disk; an episode may consume it earlier, because a later
//     write is never on disk before an earlier one.
// Q4  A task ends once: its result enters the history only while the task is open. So activities run at least once and
//     stand in the history exactly once.
// Q5  A result lives in memory until its episode is on disk; a crash before that runs the activity again.
// Q6  After close() has returned nothing of this engine writes.
// Q7  An ended instance is not in memory.
import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock';
import type { Journal } from '../storage/journal';
import { continuation } from './continuation';
import type { DurableFunctionInvoker, HostLog } from './contract';
import { Dispatcher } from './dispatcher';
import { DEFAULT_CONCURRENCY, DEFAULT_DRAIN_MS, type DurableEngineOptions } from './engine-options';
import { decide, type AppFacts, type Consumed, type Decision } from './episode';
import { genericEvent, timestamp, type StartFacts } from './history-events';
import { callHttp, HTTP_ACTIVITY } from './http-activity';
import { joinEvents, pendingInstance, remember, type Instance, type Message, type Work } from './instance';
import { Instances } from './instances';
import { failedAnswer, type OrchestratorAnswer } from './orchestrator-answer';
import { outgoing, type Outgoing } from './outgoing';
import { wrongVersion } from './refusals';
import { episodeHistory, gatherNews, hasNews, isLarge, replay, takeInbox } from './replay';
import { rewindTree, type RewindOutcome } from './rewind';
import { createStore, type DurableStore, type InstanceRow } from './store';
import type { NewRun } from './store-writers';
import { isMismatch, type Versioning } from './versioning';
import { Outstanding, WorkQueue } from './work-queue';

/** Made by `createDurableEngine`; see client.ts for what clients may ask of it. */
export class DurableEngine {
  readonly hubName: string;
  readonly clock: Clock;
  readonly store: DurableStore;
  /** The version of instances that are started without one. */
  readonly defaultVersion: string | null;
  private readonly journal: Journal;
  private readonly functions: DurableFunctionInvoker;
  private readonly log: HostLog;
  private readonly drainMs: number;
  private readonly versioning: Versioning | undefined;
  private readonly app: AppFacts;
  private readonly instances = new Instances();
  private readonly outstanding = new Outstanding();
  private readonly dispatcher: Dispatcher;
  private readonly orchestrators: WorkQueue<Instance>;
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
    this.versioning = options.versioning;
    this.defaultVersion = options.versioning?.defaultVersion ?? null;
    this.app = {
      isActivity: (name) => name === HTTP_ACTIVITY || functions.kindOf(name) === 'activity',
      isOrchestrator: (name) => functions.kindOf(name) === 'orchestrator',
      defaultVersion: this.defaultVersion,
    };
    this.store = createStore(journal);
    this.dispatcher = new Dispatcher({
      clock,
      functions,
      maxConcurrentActivities: options.maxConcurrentActivities ?? DEFAULT_CONCURRENCY,
      outstanding: this.outstanding,
      callHttp: options.callHttp ?? callHttp,
      deliver: (instance, message) => this.deliver(instance, message),
    });
    this.orchestrators = new WorkQueue(
      options.maxConcurrentOrchestrators ?? DEFAULT_CONCURRENCY,
      (instance) => this.runEpisode(instance),
      this.outstanding,
    );
  }

  /** Loads what was unfinished and goes on with it. To be called once, when the app's functions are registered. */
  start(): void {
    this.state = 'running';
    this.lastKey = this.store.lastKey();
    const unfinished = this.store.loadUnfinished();
    for (const instance of unfinished) {
      this.instances.add(instance);
      this.lastMessage = Math.max(this.lastMessage, ...instance.inbox.map((message) => message.inboxId ?? 0));
    }
    for (const instance of unfinished) {
      for (const task of instance.open.values()) this.dispatcher.dispatch(instance, task);
      this.wake(instance);
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
    return this.instances.get(id);
  }

  /** Resolves when no unfinished instance has this id and what it ended with is on disk. */
  async ended(id: string): Promise<void> {
    const instance = this.instances.get(id);
    return instance === undefined ? this.journal.settled() : this.instances.ended(instance);
  }

  /** Begins a run; `replacedKey` is the ended run under the same id. Resolves when it is on disk. */
  async begin(facts: StartFacts, replacedKey: number | undefined): Promise<void> {
    const run = { key: this.nextKey(), facts, nowMs: this.clock.now(), replacedKey };
    const committed = this.store.start(run);
    this.enter(run);
    await this.onDisk(committed);
  }

  /** Q3. Hands a client's message to an unfinished instance; resolves when it is on disk. */
  async send(instance: Instance, message: Message): Promise<void> {
    const numbered = { ...message, inboxId: this.nextMessage() };
    const committed = this.store.send({ key: instance.key, message: numbered });
    this.deliver(instance, numbered);
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
    for (const { id } of runs) {
      const instance = this.store.restore(id);
      this.instances.add(instance);
      for (const task of instance.open.values()) this.dispatcher.dispatch(instance, task);
      this.wake(instance);
    }
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

  private enter({ key, facts, nowMs }: NewRun): void {
    const instance = pendingInstance(key, facts, nowMs);
    this.instances.add(instance);
    this.wake(instance);
  }

  private async onDisk(committed: Promise<void>): Promise<void> {
    try {
      await committed;
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  private deliver(instance: Instance, message: Message): void {
    instance.inbox.push(message);
    this.wake(instance);
  }

  private wake(instance: Instance): void {
    if (instance.busy || !hasNews(instance, this.clock.now()) || this.isHeldBack(instance)) return;
    instance.busy = true;
    this.orchestrators.push(instance);
  }

  /** An instance of another version waits for a host that takes it. */
  private isHeldBack({ facts }: Instance): boolean {
    if (this.versioning?.failureStrategy !== 'Reject' || !isMismatch(facts, this.versioning)) return false;
    const why = wrongVersion(facts.name, facts.version, this.versioning.defaultVersion);
    this.log.warn(`Instance ${facts.id} stays as it is. ${why}`);
    return true;
  }

  private async runEpisode(instance: Instance): Promise<void> {
    if (isLarge(instance)) await gatherNews(instance);
    const consumed = takeInbox(instance, this.clock.now());
    if (consumed.messages.length > 0) {
      const startedAt = timestamp(this.clock.now());
      const answer = await this.answer(instance, consumed, startedAt);
      if (this.state === 'closed') return;
      this.record(instance, consumed, startedAt, answer);
      // What arrived during the last episode is not for anyone.
      if (!this.instances.has(instance)) return;
    }
    instance.busy = false;
    this.wake(instance);
  }

  private answer(instance: Instance, consumed: Consumed, startedAt: string): Promise<OrchestratorAnswer> {
    const { versioning } = this;
    const { name, version } = instance.facts;
    return versioning !== undefined && isMismatch(instance.facts, versioning)
      ? Promise.resolve(failedAnswer(wrongVersion(name, version, versioning.defaultVersion)))
      : replay(this.functions, instance, consumed, startedAt);
  }

  /** D1, Q1: turns an answer into one write, and lets its consequences follow the commit (Q2). */
  private record(
    instance: Instance,
    consumed: Consumed,
    startedAt: string,
    answer: OrchestratorAnswer,
  ): void {
    const nowMs = this.clock.now();
    const decision = decide(instance, consumed, answer, nowMs, this.app);
    if (decision.continuation !== undefined) {
      this.continueAsNew(instance, consumed, decision, nowMs);
      return;
    }
    const { end } = decision;
    const { activities, subs, timers, cancelled } = decision;
    const work: Work = { activities, timers, cancelled, ...(subs?.length === 0 ? undefined : { subs }) };
    const out = this.outgoing(instance, decision, nowMs);
    const history = episodeHistory(instance, consumed, decision, startedAt, timestamp(nowMs));
    instance.customStatus = decision.customStatus;
    instance.status = end?.status ?? (instance.suspended ? 'Suspended' : 'Running');
    const committed = this.store.saveEpisode(
      instance,
      {
        history,
        work: decision.events.length + cancelled.length === 0 ? undefined : work,
        status: instance.status,
        ended: end !== undefined,
        output: end?.output ?? null,
        consumed: consumed.messages.flatMap((message) => message.inboxId ?? []),
        ...out,
      },
      nowMs,
    );
    instance.history = joinEvents(instance.history, history);
    instance.episodes += 1;
    remember(instance, work);
    for (const id of cancelled) this.dispatcher.silence(instance, id);
    if (end !== undefined) this.forget(instance);
    this.afterCommit(committed, instance, decision);
    for (const run of out.starts) this.enter(run);
    for (const { target, message } of out.deliveries) this.deliver(target, message);
  }

  private outgoing(instance: Instance, decision: Decision, nowMs: number): Outgoing {
    return outgoing(instance, decision, nowMs, {
      find: (id) => this.instances.get(id),
      endedKey: (id) => this.store.find(id)?.key,
      nextKey: () => this.nextKey(),
      nextMessage: () => this.nextMessage(),
    });
  }

  /** D1: one write puts the next execution in the place of this one. */
  private continueAsNew(instance: Instance, consumed: Consumed, decision: Decision, nowMs: number): void {
    const executionId = randomUUID().replaceAll('-', '');
    const { facts, inbox } = continuation(instance, consumed, decision, executionId, () =>
      this.nextMessage(),
    );
    const run = { key: this.nextKey(), facts, nowMs, replacedKey: instance.key };
    const committed = this.store.continueAsNew(run, decision.customStatus, inbox);
    const next = pendingInstance(run.key, facts, nowMs, true);
    next.customStatus = decision.customStatus;
    next.inbox.push(...inbox);
    this.instances.replace(instance, next);
    this.afterCommit(committed, next, decision);
    this.wake(next);
  }

  private afterCommit(committed: Promise<void>, instance: Instance, decision: Decision): void {
    this.outstanding.begin();
    committed
      .then(
        () => {
          for (const task of decision.activities) this.dispatcher.dispatch(instance, task);
          for (const timer of decision.timers) this.dispatcher.dispatch(instance, timer);
          if (decision.end !== undefined) this.announceEnd(instance, decision.end);
        },
        (error: unknown) => this.fail(error),
      )
      .finally(() => this.outstanding.end());
  }

  /** Q7. What it still has open no longer matters. */
  private forget(instance: Instance): void {
    for (const id of instance.open.keys()) this.dispatcher.silence(instance, id);
    instance.open.clear();
    this.instances.delete(instance);
  }

  private announceEnd(instance: Instance, end: NonNullable<Decision['end']>): void {
    const { id, name } = instance.facts;
    if (end.status === 'Failed') this.log.warn(`Orchestration '${name}' (${id}) failed: ${end.output ?? ''}`);
    this.instances.announceEnd(instance);
  }

  private async drain(): Promise<void> {
    this.state = 'closing';
    this.dispatcher.close();
    let timeout: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => (timeout = setTimeout(resolve, this.drainMs)));
    await Promise.race([this.outstanding.none(), tooLong]);
    clearTimeout(timeout);
    this.state = 'closed';
    this.dispatcher.abandon();
    this.orchestrators.close();
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
    this.dispatcher.close();
    this.dispatcher.abandon();
    this.orchestrators.close();
  }
}

/** Makes an engine on the tables it finds in `journal`, or creates. It does nothing until `start`. */
export const createDurableEngine = (options: DurableEngineOptions): DurableEngine =>
  new DurableEngine(options);
