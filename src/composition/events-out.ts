// Composition of where the events of orders go: topics, queues and, where set, Event Grid.
import { createEventGridPublisher } from '../adapters/event-grid-publisher';
import { createServiceBusOrderFailures } from '../adapters/service-bus-order-failures';
import { createServiceBusPublisher } from '../adapters/service-bus-publisher';
import { TOLD_TO_CUSTOMERS } from '../consumers/notify-customers';
import { publishAndWake } from '../events/publish-and-wake';
import { publishByTenant } from '../events/publish-by-tenant';
import { SAGA_TIMERS_QUEUE } from '../functions/choreography.servicebus';
import { registerEventGridRelay, registerRelay } from '../functions/relay-events.feed';
import type { EventPublisher } from '../ports/event-publisher';
import type { OrderFailures } from '../ports/order-failures';
import { wakesSaga } from '../saga/order/waking-events';
import type { OrdersFeed } from '../functions/relay-events.feed';
import type { BreakerState } from '../adapters/breaker-states';
import type { Parts } from './parts';

/** How sending is watched: breakers that open, and what was accepted where. */
export interface Watched {
  readonly breakerOpenMs: number;
  readonly onBreaker: (target: string, state: () => BreakerState) => void;
  readonly countPublished: (target: string, types: readonly string[]) => void;
}

export function registerEventsOut(
  { config, clock, orders, parking, metrics, tracing, sendTo }: Parts,
  feed: OrdersFeed,
  { breakerOpenMs, onBreaker, countPublished }: Watched,
): void {
  const isChoreography = config.sagaMode === 'choreography';
  const publisherTo = (entity: string, wakes?: typeof wakesSaga): EventPublisher =>
    tracing.publisher(entity, createServiceBusPublisher(sendTo(entity), wakes));
  // The subscription by which sagas go on is that of the common topic.
  const tenantTopic = (topic: string): EventPublisher =>
    isChoreography
      ? publishAndWake(publisherTo(topic), publisherTo(SAGA_TIMERS_QUEUE), wakesSaga)
      : publisherTo(topic);
  const failuresTo = (queue: string): OrderFailures =>
    tracing.failures(queue, createServiceBusOrderFailures(sendTo(queue)));
  const tenantTopics = new Map(
    config.tenants.flatMap(({ id, topic }) =>
      topic === undefined ? [] : [[id, tenantTopic(topic)] as const],
    ),
  );
  registerRelay(
    {
      publisher: publishByTenant(
        publisherTo(config.orderEventsTopic, isChoreography ? wakesSaga : undefined),
        tenantTopics,
      ),
      failures: { orders, queue: failuresTo(config.orderFailuresQueue) },
      copies: { types: TOLD_TO_CUSTOMERS, publisher: publisherTo(config.customerNotificationsQueue) },
      parking,
      meter: metrics,
      clock,
    },
    feed,
  );
  if (config.eventGridTopicEndpoint !== '') {
    registerEventGridRelay(
      {
        publisher: tracing.publisher(
          'event-grid',
          createEventGridPublisher({
            ...config,
            breakerOpenMs,
            onBreaker,
            onAccepted: (events) =>
              countPublished(
                'event-grid',
                events.map(({ type }) => type),
              ),
          }),
        ),
        parking,
        meter: metrics,
        clock,
      },
      feed,
    );
  }
}
