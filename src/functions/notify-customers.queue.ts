// NotifyCustomers: what became of orders, from the queue to which the relay sends the events that customers are told of.
import { setTimeout as wait } from 'node:timers/promises';
import { app } from '@azure/functions';
import type { Consumer } from '../consumers/consumer';
import type { EventEnvelope } from '../domain/event-envelope';
import { TransientError } from '../errors';
import { invocationLog } from '../telemetry/invocation-log';

export interface NotificationsQueue {
  readonly connection: string;
  /** It has no sessions. */
  readonly queueName: string;
}

const MAX_WAIT_MS = 30_000;

export function registerCustomerNotifications(
  consumer: Consumer<EventEnvelope>,
  { connection, queueName }: NotificationsQueue,
): void {
  app.serviceBusQueue('NotifyCustomers', {
    connection,
    queueName,
    handler: async (message, context) => {
      const log = invocationLog(context);
      try {
        await consumer.take(message, log);
      } catch (error) {
        if (error instanceof TransientError) {
          const deliveryCount = Number(context.triggerMetadata?.['deliveryCount'] ?? 1);
          log.warn('customer not notified yet', { deliveryCount, error: error.message });
          // Inside the lock: given back at once it would come back at once, and an outage of seconds would use up every delivery.
          await wait(Math.min(2 ** deliveryCount * 1_000, MAX_WAIT_MS));
        }
        throw error;
      }
    },
  });
}
