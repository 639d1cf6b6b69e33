// Credits of Service Bus Standard that an order costs: one for each message sent or received, and one for each filter that a
// message to the topic is held against. A namespace has 1,000 a second.
import { wakesSaga } from '../../src/saga/order/waking-events';
import type { Plan, Properties } from './infra';

type Event = Parameters<typeof wakesSaga>[0];
/** By subject, or of what wakes choreographed sagas. */
type Filter = { readonly label: string } | { readonly properties: object } | undefined;

export interface OrderMessages {
  readonly toTopic: readonly Event[];
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
      return properties?.['correlationFilter'] as Filter;
    });
  const sent = toTopic.length + throughQueues;
  const evaluated = toTopic.length * filters.length;
  // Whoever has a subscription made reads it.
  const delivered = toTopic.flatMap((event) => filters.filter((filter) => takes(filter, event))).length;
  return sent + evaluated + delivered + throughQueues;
}

function takes(filter: Filter, event: Event): boolean {
  if (filter === undefined) return true;
  return 'label' in filter ? filter.label === event.type : wakesSaga(event);
}
