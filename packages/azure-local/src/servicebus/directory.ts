// Directory of the namespace's entities by path and by number: queues, topics with their subscriptions, dead-letter
// queues. Made once from the definitions; it knows no message.
import type { DeliveryRules, Entities, QueueDefinition, TopicDefinition } from './entities';
import { entityNotFound, notAllowed, notSimulated } from './errors';
import type { CorrelationFilter } from './filters';
import { Mailbox, type MailboxParts } from './mailbox';
import { Sessions } from './sessions';

/** What can be received from. */
export interface Source {
  readonly mailbox: Mailbox;
  /** Who holds its sessions; undefined when it has none. */
  readonly sessions: Sessions | undefined;
}

/** What can be sent to: a queue with itself as only way, a topic with one way per subscription. */
export interface Target {
  readonly entity: number;
  readonly path: string;
  readonly duplicateWindowMs: number | undefined;
  readonly defaultTimeToLiveMs: number;
  readonly ways: readonly Way[];
  readonly isTopic: boolean;
}

interface Way extends Source {
  readonly rules: readonly CorrelationFilter[];
}

const DEAD_LETTERS = '$deadletterqueue';
const TRANSFER_DEAD_LETTERS = /\/\$transfer\/\$deadletterqueue$/i;

export class Directory {
  private readonly sources = new Map<string, Source>();
  private readonly targets = new Map<string, Target>();
  private readonly bySourceEntity = new Map<number, Source>();
  private readonly byTargetEntity = new Map<number, Target>();

  constructor(
    { queues, topics }: Entities,
    private readonly parts: MailboxParts,
  ) {
    for (const queue of queues) this.addQueue(queue);
    for (const topic of topics) this.addTopic(topic);
  }

  /** What lies at a path, compared without case. */
  source(path: string): Source {
    const source = this.sources.get(path.toLowerCase());
    if (source !== undefined) return source;
    if (this.targets.has(path.toLowerCase()))
      throw notAllowed(`'${path}' is a topic: receive from '${path}/Subscriptions/<name>'.`);
    if (TRANSFER_DEAD_LETTERS.test(path))
      throw notSimulated(
        'transfer dead-letter queues',
        'Nothing is forwarded here; what could not be delivered is in the dead-letter queue.',
      );
    throw entityNotFound(path);
  }

  target(path: string): Target {
    const target = this.targets.get(path.toLowerCase());
    if (target !== undefined) return target;
    if (this.sources.has(path.toLowerCase()))
      throw notAllowed(`Nothing can be sent to '${path}': send to the queue or the topic it belongs to.`);
    throw entityNotFound(path);
  }

  /** Everything that can be received from, dead letters too. */
  all(): Iterable<Source> {
    return this.sources.values();
  }

  /** By the number under which its messages are stored; undefined when it is no longer configured. */
  sourceOf(entity: number): Source | undefined {
    return this.bySourceEntity.get(entity);
  }

  /** As `sourceOf`. */
  targetOf(entity: number): Target | undefined {
    return this.byTargetEntity.get(entity);
  }

  private addQueue(queue: QueueDefinition): void {
    const source = this.addSource(queue.name, queue);
    this.addTarget(queue, source.mailbox.entity, [{ ...source, rules: [] }], false);
  }

  private addTopic(topic: TopicDefinition): void {
    const ways = topic.subscriptions.map((subscription) => ({
      ...this.addSource(`${topic.name}/Subscriptions/${subscription.name}`, subscription),
      rules: subscription.rules,
    }));
    this.addTarget(topic, this.parts.store.entity(topic.name.toLowerCase()), ways, true);
  }

  private addTarget(
    { name, duplicateWindowMs, defaultTimeToLiveMs }: QueueDefinition | TopicDefinition,
    entity: number,
    ways: readonly Way[],
    isTopic: boolean,
  ): void {
    const target = { entity, path: name, duplicateWindowMs, defaultTimeToLiveMs, ways, isTopic };
    this.targets.set(name.toLowerCase(), target);
    this.byTargetEntity.set(entity, target);
  }

  private addSource(path: string, rules: DeliveryRules): Source {
    const { parts } = this;
    const deadLetterPath = `${path}/${DEAD_LETTERS}`;
    const deadLetters = new Mailbox(deadLetterPath, { ...rules, requiresSession: false }, parts, undefined);
    const mailbox = new Mailbox(path, rules, parts, deadLetters);
    const sessions = rules.requiresSession ? new Sessions(mailbox, parts.store, parts.clock) : undefined;
    const source = { mailbox, sessions };
    this.sources.set(path.toLowerCase(), source);
    this.bySourceEntity.set(mailbox.entity, source);
    this.sources.set(deadLetterPath.toLowerCase(), { mailbox: deadLetters, sessions: undefined });
    return source;
  }
}
