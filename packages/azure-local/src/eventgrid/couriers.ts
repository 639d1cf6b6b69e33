// Registry of all subscriptions, each with its courier: those of the definition file, then those of the control API,
// which are stored and replace others of the same name.
import { Courier, type CourierServices } from './courier';
import type { AcceptedEvent } from './event-schemas';
import { shakeHands } from './handshake';
import { parseSubscription, type Subscription, type Topic } from './topics';

export interface Couriers {
  /** Starts them all. */
  start(): void;
  topic(name: string): Topic | undefined;
  /** Of one topic, or of all. */
  list(topicName?: string): readonly Courier[];
  /**
   * Takes events in: resolves when a delivery for each subscription that wants one is on disk, all or none.
   */
  accept(topic: Topic, events: readonly AcceptedEvent[]): Promise<void>;
  /**
   * Makes or replaces a subscription once its endpoint has passed the handshake. Resolves with undefined when it is on
   * disk, else with a sentence that says why not.
   */
  put(topic: Topic, subscription: Subscription): Promise<string | undefined>;
  /** Idempotent. */
  close(): Promise<void>;
}

export function createCouriers(topics: readonly Topic[], services: CourierServices): Couriers {
  const { journal, clock, store, webhook } = services;
  const byTopic = new Map(topics.map((topic) => [topic.name.toLowerCase(), topic]));
  const byAddress = new Map<string, Courier>();
  const add = (topic: Topic, subscription: Subscription, isValidated: boolean): Courier => {
    const courier = new Courier(topic, subscription, services, isValidated);
    byAddress.set(addressOf(topic.name, subscription.name), courier);
    return courier;
  };
  const ofTopic = (topicName?: string): Courier[] =>
    [...byAddress.values()].filter(({ address }) => topicName === undefined || address.topic === topicName);

  for (const topic of topics) for (const each of topic.subscriptions) add(topic, each, false);
  for (const { topic: name, definition } of store.subscriptions()) {
    const topic = byTopic.get(name.toLowerCase());
    if (topic === undefined) continue;
    add(
      topic,
      parseSubscription(JSON.parse(definition), topic.inputSchema, `Event Grid topic ${name}`),
      true,
    );
  }
  return {
    start() {
      for (const courier of byAddress.values()) courier.wake();
    },
    topic: (name) => byTopic.get(name.toLowerCase()),
    list: ofTopic,
    async accept(topic, events) {
      const takers = ofTopic(topic.name);
      const woken = new Set<Courier>();
      await journal.write(() => {
        for (const event of events) {
          const wanting = takers.filter((courier) => courier.wants(event));
          if (wanting.length === 0) continue;
          const json = JSON.stringify(event.fields);
          for (const courier of wanting) {
            woken.add(courier);
            store.add(courier.address, event, json, clock.now());
          }
        }
      });
      for (const courier of woken) courier.wake();
    },
    async put(topic, subscription) {
      const problem = await shakeHands(webhook, topic.name, subscription, clock.now());
      if (problem !== undefined) return problem;
      const address = { topic: topic.name, subscription: subscription.name };
      await journal.write(() => store.putSubscription(address, JSON.stringify(subscription)));
      const before = byAddress.get(addressOf(topic.name, subscription.name));
      const courier = add(topic, subscription, true);
      // Not waited for: an endpoint that hangs may be why it is replaced. What is under way may come twice.
      void before?.close();
      courier.wake();
      return undefined;
    },
    async close() {
      await Promise.all([...byAddress.values()].map((courier) => courier.close()));
    },
  };
}

function addressOf(topic: string, subscription: string): string {
  return `${topic}/${subscription}`.toLowerCase();
}
