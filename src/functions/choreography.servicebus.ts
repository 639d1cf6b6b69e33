// Functions by which choreographed sagas go on, registered in that mode only. Both have sessions by order, so that one message of
// an order is handled at a time by each.
// TakeSagaStep: the events of orders that wake their sagas, from a subscription of the topic.
// TakeSagaTimer: retries, time-outs and what the reconciler sends again, from a queue.
import { setTimeout as wait } from 'node:timers/promises';
import { app, type InvocationContext } from '@azure/functions';
import { sagaMessageIn, takeTurn, type TurnPorts } from '../commands/take-turn';
import { TransientError } from '../errors';
import { invocationLog } from '../telemetry/invocation-log';
import type { Tracing } from '../telemetry/traces/tracing';

/** The subscription and the queue; the infrastructure makes them in this mode only. */
const SAGA_STEPS_SUBSCRIPTION = 'saga-steps';
export const SAGA_TIMERS_QUEUE = 'saga-timers';

const MAX_WAIT_MS = 30_000;

export interface ChoreographyPorts extends Omit<TurnPorts, 'log'> {
  readonly tracing: Tracing;
}

export function registerChoreography(
  ports: ChoreographyPorts,
  { connection, topicName }: { readonly connection: string; readonly topicName: string },
): void {
  const handler = (message: unknown, context: InvocationContext): Promise<void> =>
    ports.tracing.message('TakeSagaStep', topicName, message, () => take(ports, message, context));
  app.serviceBusTopic('TakeSagaStep', {
    ...{ connection, topicName, handler },
    subscriptionName: SAGA_STEPS_SUBSCRIPTION,
    isSessionsEnabled: true,
  });
  app.serviceBusQueue('TakeSagaTimer', {
    ...{ connection, handler },
    queueName: SAGA_TIMERS_QUEUE,
    isSessionsEnabled: true,
  });
}

async function take(ports: ChoreographyPorts, body: unknown, context: InvocationContext): Promise<void> {
  const log = invocationLog(context);
  const message = sagaMessageIn(body);
  if (message === undefined) {
    log.error('message of no saga', { messageId: context.triggerMetadata?.['messageId'] as string });
    return;
  }
  try {
    await takeTurn({ ...ports, log }, message);
  } catch (error) {
    if (error instanceof TransientError) {
      const deliveryCount = Number(context.triggerMetadata?.['deliveryCount'] ?? 1);
      const { orderId } = message;
      log.warn('saga not taken further yet', { orderId, deliveryCount, error: error.message });
      // Inside the lock: given back at once it would come back at once, and an outage of seconds would use up every delivery.
      await wait(Math.min(2 ** deliveryCount * 1_000, MAX_WAIT_MS));
    }
    throw error;
  }
}
