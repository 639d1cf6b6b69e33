// Credits of Service Bus Standard that an order costs: one for each message sent or received, and one for each filter that a
// message to the topic is held against. A namespace has 1,000 a second.
import type { Plan, Properties } from './infra';

export interface OrderMessages {
  /** Types of the events that went to the topic. */
  readonly toTopic: readonly string[];
  /** Messages to queues that the app receives as well. */
  readonly throughQueues: number;
}

const BUS = 'Microsoft.ServiceBus/namespaces/topics/subscriptions';

export function creditsOf({ resources }: Plan, { toTopic, throughQueues }: OrderMessages): number {
  const filters = resources
    .filter(({ type }) => type === BUS)
    .map(({ name }) => {
      const rule = resources.find(
        (other) => other.type === `${BUS}/rules` && other.name.startsWith(`${name}/`),
      );
      const properties = rule?.body['properties'] as Properties | undefined;
      return properties?.['correlationFilter'] as { readonly label: string } | undefined;
    });
  const sent = toTopic.length + throughQueues;
  const evaluated = toTopic.length * filters.length;
  // Whoever has a subscription made reads it.
  const delivered = toTopic.flatMap((event) =>
    filters.filter((filter) => filter === undefined || filter.label === event),
  ).length;
  return sent + evaluated + delivered + throughQueues;
}
