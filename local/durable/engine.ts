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
import type { Clock } from '../clock';
import type { Journal } from '../storage/journal';
import { callActivity } from './activity';
import type { DurableFunctionInvoker, HostLog } from './contract';
import { DEFAULT_CONCURRENCY, DEFAULT_DRAIN_MS, type DurableEngineOptions } from './engine-options';
import { decide, type Consumed, type Decision } from './episode';
import { timerFired, timestamp, type StartFacts } from './history-events';
import {
  isOpen,
  joinEvents,
  pendingInstance,
  remember,
  type ActivityTask,
  type Instance,
  type Message,
  type TimerTask,
  type Work,
} from './instance';
import type { OrchestratorAnswer } from './orchestrator-answer';
import { episodeHistory, replay, takeInbox } from './replay';
import { createStore, type DurableStore } from './store';
import { TimerSet } from './timer-set';
import { Outstanding, WorkQueue } from './work-queue';

interface ActivityRun {
  readonly instance: Instance;
  readonly task: ActivityTask;
}

/** Made by `createDurableEngine`; see client.ts for what clients may ask of it. */
export class DurableEngine {
  readonly hubName: string;
  readonly clock: Clock;
  readonly store: DurableStore;
  private readonly journal: Journal;
  private readonly functions: DurableFunctionInvoker;
  private readonly log: HostLog;
  private readonly drainMs: number;
  /** Q7: the unfinished, by id. */
  private readonly instances = new Map<string, Instance>();
  private readonly endWaiters = new Map<Instance, (() => void)[]>();
  private readonly outstanding = new Outstanding();
  private readonly timers: TimerSet;
  private readonly orchestrators: WorkQueue<Instance>;
  private readonly activities: WorkQueue<ActivityRun>;
  private lastKey = 0;
  private lastMessage = 0;
  private state: 'new' | 'running' | 'closing' | 'closed' = 'new';
  private closed: Promise<void> | undefined;

  constructor(options: DurableEngineOptions) {
    this.hubName = options.hubName;
    this.clock = options.clock;
    this.journal = options.journal;
    this.functions = options.functions;
    this.log = options.log;
    this.drainMs = options.drainMs ?? DEFAULT_DRAIN_MS;
    this.store = createStore(options.journal);
    this.timers = new TimerSet(options.clock, this.outstanding);
    this.orchestrators = new WorkQueue(
      options.maxConcurrentOrchestrators ?? DEFAULT_CONCURRENCY,
      (instance) => this.runEpisode(instance),
      this.outstanding,
    );
    this.activities = new WorkQueue(
      options.maxConcurrentActivities ?? DEFAULT_CONCURRENCY,
      (run) => this.runActivity(run),
      this.outstanding,
    );
  }

  /** Loads what was unfinished and goes on with it. To be called once, when the app's functions are registered. */
  start(): void {
    this.state = 'running';
    this.lastKey = this.store.lastKey();
    for (const instance of this.store.loadUnfinished()) {
      this.instances.set(instance.facts.id, instance);
      this.lastMessage = Math.max(this.lastMessage, ...instance.inbox.map((message) => message.inboxId ?? 0));
      for (const task of instance.open.values()) this.dispatch(instance, task);
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
    if (instance === undefined) return this.journal.settled();
    await new Promise<void>((resolve) => {
      const waiters = this.endWaiters.get(instance);
      if (waiters === undefined) this.endWaiters.set(instance, [resolve]);
      else waiters.push(resolve);
    });
  }

  /** Begins a run; `replacedKey` is the ended run under the same id. Resolves when it is on disk. */
  async begin(facts: StartFacts, replacedKey: number | undefined): Promise<void> {
    const nowMs = this.clock.now();
    this.lastKey += 1;
    const instance = pendingInstance(this.lastKey, facts, nowMs);
    const committed = this.store.start(instance.key, facts, nowMs, replacedKey);
    this.instances.set(facts.id, instance);
    this.wake(instance);
    await this.onDisk(committed);
  }

  /** Q3. Hands a client's message to an unfinished instance; resolves when it is on disk. */
  async send(instance: Instance, message: Message): Promise<void> {
    this.lastMessage += 1;
    const committed = this.store.send(instance.key, this.lastMessage, message);
    this.deliver(instance, { ...message, inboxId: this.lastMessage });
    await this.onDisk(committed);
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
    if (instance.busy || instance.inbox.length === 0) return;
    instance.busy = true;
    this.orchestrators.push(instance);
  }

  private async runEpisode(instance: Instance): Promise<void> {
    const consumed = takeInbox(instance);
    if (consumed.messages.length > 0) {
      const startedAt = timestamp(this.clock.now());
      const answer = await replay(this.functions, instance, consumed, startedAt);
      if (this.state === 'closed') return;
      this.record(instance, consumed, startedAt, answer);
      // What arrived during the last episode is not for anyone.
      if (this.instances.get(instance.facts.id) !== instance) return;
    }
    instance.busy = false;
    this.wake(instance);
  }

  /** D1, Q1: turns an answer into one write, and lets its consequences follow the commit (Q2). */
  private record(
    instance: Instance,
    consumed: Consumed,
    startedAt: string,
    answer: OrchestratorAnswer,
  ): void {
    const nowMs = this.clock.now();
    const isActivity = (name: string): boolean => this.functions.kindOf(name) === 'activity';
    const decision = decide(instance, consumed, answer, nowMs, isActivity);
    const { end } = decision;
    const work: Work = {
      activities: decision.activities,
      timers: decision.timers,
      cancelled: decision.cancelled,
    };
    const history = episodeHistory(consumed, decision, startedAt, timestamp(nowMs));
    instance.customStatus = decision.customStatus;
    instance.status = end?.status ?? (instance.suspended ? 'Suspended' : 'Running');
    const committed = this.store.saveEpisode(
      instance,
      {
        history,
        work: decision.events.length + decision.cancelled.length === 0 ? undefined : work,
        status: instance.status,
        ended: end !== undefined,
        output: end?.output ?? null,
        consumed: consumed.messages.flatMap((message) => message.inboxId ?? []),
      },
      nowMs,
    );
    instance.history = joinEvents(instance.history, history);
    instance.episodes += 1;
    remember(instance, work);
    for (const id of decision.cancelled) this.timers.silence(instance, id);
    if (end !== undefined) this.forget(instance);
    this.afterCommit(committed, instance, decision);
  }

  private afterCommit(committed: Promise<void>, instance: Instance, decision: Decision): void {
    this.outstanding.begin();
    committed
      .then(
        () => {
          for (const task of decision.activities) this.dispatch(instance, task);
          for (const timer of decision.timers) this.dispatch(instance, timer);
          if (decision.end !== undefined) this.announceEnd(instance, decision.end);
        },
        (error: unknown) => this.fail(error),
      )
      .finally(() => this.outstanding.end());
  }

  /** Q2. Lets an open task take its course: an activity runs, a timer waits for its moment. */
  private dispatch(instance: Instance, task: ActivityTask | TimerTask): void {
    if (!isOpen(instance, task)) return;
    if (task.kind === 'activity') {
      this.activities.push({ instance, task });
      return;
    }
    this.timers.arm(instance, task, () => {
      const event = timerFired(task.id, timestamp(task.fireAtMs), task.createdAt);
      this.deliver(instance, { kind: 'task', event, taskId: task.id });
    });
  }

  private async runActivity({ instance, task }: ActivityRun): Promise<void> {
    if (!isOpen(instance, task)) return;
    const event = await callActivity(this.functions, this.clock, instance.facts.id, task);
    if (!isOpen(instance, task)) return;
    this.deliver(instance, { kind: 'task', event, taskId: task.id });
  }

  /** Q7. What it still has open no longer matters. */
  private forget(instance: Instance): void {
    for (const id of instance.open.keys()) this.timers.silence(instance, id);
    instance.open.clear();
    this.instances.delete(instance.facts.id);
  }

  private announceEnd(instance: Instance, end: NonNullable<Decision['end']>): void {
    const { id, name } = instance.facts;
    if (end.status === 'Failed') this.log.warn(`Orchestration '${name}' (${id}) failed: ${end.output ?? ''}`);
    const waiters = this.endWaiters.get(instance) ?? [];
    this.endWaiters.delete(instance);
    for (const resolve of waiters) resolve();
  }

  private async drain(): Promise<void> {
    this.state = 'closing';
    this.activities.close();
    this.timers.close();
    let timeout: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => (timeout = setTimeout(resolve, this.drainMs)));
    await Promise.race([this.outstanding.none(), tooLong]);
    clearTimeout(timeout);
    this.state = 'closed';
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
    this.activities.close();
    this.timers.close();
    this.orchestrators.close();
  }
}

/** Makes an engine on the tables it finds in `journal`, or creates. It does nothing until `start`. */
export const createDurableEngine = (options: DurableEngineOptions): DurableEngine =>
  new DurableEngine(options);
