// Runner of the unfinished orchestrations in the mode `atomic`: runs the episodes of each one after the other, and
// commits each as a single write. episode.ts evaluates them; Q… are invariants at the head of engine.ts.
import { randomUUID } from 'node:crypto';
import type { Clock } from '../kit/clock';
import { continuation } from './continuation';
import type { DurableFunctionInvoker } from './contract';
import type { HostLog } from '../kit/host-log';
import { Dispatcher } from './dispatcher';
import { decide, type AppFacts, type Consumed, type Decision } from './episode';
import type { EpisodeGate, EpisodeHolds } from './episode-holds';
import { timestamp } from './history-events';
import { HTTP_ACTIVITY, type callHttp } from './http-activity';
import { joinEvents, pendingInstance, remember, type Instance, type Message, type Work } from './instance';
import { Instances } from './instances';
import { failedAnswer, type OrchestratorAnswer } from './orchestrator-answer';
import { outgoing, type Others, type Outgoing } from './outgoing';
import { wrongVersion } from './refusals';
import { episodeHistory, gatherMessages, hasMessages, isLarge, replay, takeInbox } from './replay';
import type { DurableStore } from './store';
import type { NewRun } from './store-writers';
import type { Task } from './tasks';
import { isMismatch, type Versioning } from './versioning';
import { WorkQueue, type Outstanding } from './work-queue';

export interface OrchestrationsOptions {
  readonly clock: Clock;
  readonly functions: DurableFunctionInvoker;
  readonly log: HostLog;
  readonly versioning: Versioning | undefined;
  readonly holds: EpisodeHolds | undefined;
  readonly callHttp: typeof callHttp;
  readonly maxConcurrentActivities: number;
  readonly maxConcurrentOrchestrators: number;
  readonly store: DurableStore;
  readonly outstanding: Outstanding;
  readonly others: Omit<Others, 'find'>;
  /** Lets what an episode sends reach others in memory. */
  arrive(out: Outgoing): void;
  /** Called with the error of a commit that failed. */
  fail(error: unknown): void;
  isClosed(): boolean;
}

/** Made by the engine. */
export class Orchestrations {
  readonly instances = new Instances();
  private readonly app: AppFacts;
  private readonly others: Others;
  private readonly dispatcher: Dispatcher;
  private readonly episodes: WorkQueue<Instance>;

  constructor(private readonly options: OrchestrationsOptions) {
    const { functions, outstanding, versioning } = options;
    this.app = {
      isActivity: (name) => name === HTTP_ACTIVITY || functions.kindOf(name) === 'activity',
      isOrchestrator: (name) => functions.kindOf(name) === 'orchestrator',
      isEntity: (name) => functions.entities().some((known) => known.toLowerCase() === name),
      defaultVersion: versioning?.defaultVersion ?? null,
    };
    this.others = { ...options.others, find: (id) => this.instances.get(id) };
    this.dispatcher = new Dispatcher({
      ...options,
      deliver: (instance, message) => this.deliver(instance, message),
    });
    this.episodes = new WorkQueue(
      options.maxConcurrentOrchestrators,
      (instance) => this.runEpisode(instance),
      outstanding,
    );
  }

  /**
   * Goes on with instances that were rebuilt from disk: all are known before the first runs. Of timers that fell due
   * meanwhile the earliest is heard first, as it would have been.
   */
  resume(rebuilt: readonly Instance[]): void {
    for (const instance of rebuilt) this.instances.add(instance);
    for (const instance of rebuilt) {
      for (const task of [...instance.open.values()].sort((a, b) => dueMs(a) - dueMs(b)))
        this.dispatcher.dispatch(instance, task);
      this.wake(instance);
    }
  }

  /** Lets no activity begin and no timer fire; episodes go on. */
  closeTasks(): void {
    this.dispatcher.close();
  }

  /** Lets nothing go on. */
  close(): void {
    this.dispatcher.close();
    this.dispatcher.abandon();
    this.episodes.close();
  }

  /** Takes a run that is being written. */
  enter({ key, facts, nowMs }: NewRun): void {
    const instance = pendingInstance(key, facts, nowMs);
    this.instances.add(instance);
    this.wake(instance);
  }

  /** Takes a message to an unfinished instance. */
  deliver(instance: Instance, message: Message): void {
    instance.inbox.push(message);
    this.wake(instance);
  }

  private wake(instance: Instance): void {
    if (instance.busy || !hasMessages(instance, this.options.clock.now()) || this.isHeldBack(instance))
      return;
    instance.busy = true;
    this.episodes.push(instance);
  }

  /** An instance of another version waits for a host that takes it. */
  private isHeldBack({ facts }: Instance): boolean {
    const { versioning, log } = this.options;
    if (versioning?.failureStrategy !== 'Reject' || !isMismatch(facts, versioning)) return false;
    const why = wrongVersion(facts.name, facts.version, versioning.defaultVersion);
    log.warn(`Instance ${facts.id} stays as it is. ${why}`);
    return true;
  }

  private async runEpisode(instance: Instance): Promise<void> {
    if (isLarge(instance)) await gatherMessages(instance);
    const consumed = takeInbox(instance, this.options.clock.now());
    if (consumed.messages.length > 0) {
      const startedAt = timestamp(this.options.clock.now());
      const answer = await this.answer(instance, consumed, startedAt);
      const gate = this.options.holds?.gateFor(instance.facts.input, consumed.messages.length);
      if (gate !== undefined) await gate('before');
      if (this.options.isClosed()) return;
      this.record(instance, consumed, startedAt, answer, gate);
      // What arrived during the last episode is not for anyone.
      if (!this.instances.has(instance)) return;
    }
    instance.busy = false;
    this.wake(instance);
  }

  private answer(instance: Instance, consumed: Consumed, startedAt: string): Promise<OrchestratorAnswer> {
    const { versioning } = this.options;
    const { name, version } = instance.facts;
    return versioning !== undefined && isMismatch(instance.facts, versioning)
      ? Promise.resolve(failedAnswer(wrongVersion(name, version, versioning.defaultVersion)))
      : replay(this.options.functions, instance, consumed, startedAt);
  }

  /**
   * durable-store.D1, durable-engine.Q1: turns an answer into one write, and lets its consequences follow the commit
   * (durable-engine.Q2).
   */
  private record(
    instance: Instance,
    consumed: Consumed,
    startedAt: string,
    answer: OrchestratorAnswer,
    gate: EpisodeGate | undefined,
  ): void {
    const nowMs = this.options.clock.now();
    const decision = decide(instance, consumed, answer, nowMs, this.app);
    if (decision.continuation !== undefined) {
      this.continueAsNew(instance, consumed, decision, nowMs);
      return;
    }
    const { end } = decision;
    const work = workOf(decision);
    const out = outgoing(instance, decision, nowMs, this.others);
    const history = episodeHistory(instance, consumed, decision, startedAt, timestamp(nowMs));
    instance.customStatus = decision.customStatus;
    instance.status = end?.status ?? (instance.suspended ? 'Suspended' : 'Running');
    const committed = this.options.store.saveEpisode(
      instance,
      {
        history,
        work: decision.events.length + decision.cancelled.length === 0 ? undefined : work,
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
    for (const id of decision.cancelled) this.dispatcher.silence(instance, id);
    if (end !== undefined) this.forget(instance);
    const gated = gate === undefined ? committed : committed.then(() => gate('after'));
    this.afterCommit(gated, instance, decision);
    this.options.arrive(out);
  }

  /** durable-store.D1: one write puts the next execution in the place of this one, and sends what this one sent last. */
  private continueAsNew(instance: Instance, consumed: Consumed, decision: Decision, nowMs: number): void {
    const executionId = randomUUID().replaceAll('-', '');
    const { facts, inbox } = continuation(instance, consumed, decision, executionId, () =>
      this.options.others.nextMessage(),
    );
    const run = { key: this.options.others.nextKey(), facts, nowMs, replacedKey: instance.key };
    const out = outgoing(instance, decision, nowMs, this.others);
    const committed = this.options.store.continueAsNew(run, decision.customStatus, inbox, out);
    const next = pendingInstance(run.key, facts, nowMs, true);
    next.customStatus = decision.customStatus;
    next.inbox.push(...inbox);
    this.instances.replace(instance, next);
    this.silence(instance);
    this.afterCommit(committed, next, decision);
    this.options.arrive(out);
    this.wake(next);
  }

  private afterCommit(committed: Promise<void>, instance: Instance, decision: Decision): void {
    this.options.outstanding.begin();
    committed
      .then(
        () => {
          for (const task of decision.activities) this.dispatcher.dispatch(instance, task);
          for (const timer of decision.timers) this.dispatcher.dispatch(instance, timer);
          if (decision.end !== undefined) this.announceEnd(instance, decision.end);
        },
        (error: unknown) => this.options.fail(error),
      )
      .finally(() => this.options.outstanding.end());
  }

  /** durable-engine.Q7. What it still has open no longer matters. */
  private forget(instance: Instance): void {
    this.silence(instance);
    this.instances.delete(instance);
  }

  private silence(instance: Instance): void {
    for (const id of instance.open.keys()) this.dispatcher.silence(instance, id);
    instance.open.clear();
  }

  private announceEnd(instance: Instance, end: NonNullable<Decision['end']>): void {
    const { id, name } = instance.facts;
    if (end.status === 'Failed')
      this.options.log.warn(`Orchestration '${name}' (${id}) failed: ${end.output ?? ''}`);
    this.instances.announceEnd(instance);
  }
}

const dueMs = (task: Task): number => (task.kind === 'timer' ? task.fireAtMs : 0);

/** What of a decision is kept to go on from after a crash. */
function workOf({ activities, subs, timers, cancelled, sent }: Decision): Work {
  return {
    activities,
    timers,
    cancelled,
    ...(subs === undefined || subs.length === 0 ? undefined : { subs }),
    ...(sent === undefined || sent.length === 0
      ? undefined
      : { sent: sent.map(({ request, ...kept }) => kept) }),
  };
}
