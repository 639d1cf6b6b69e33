// ProcessOrder: an order on the queue becomes an order in the store; the message is settled by hand.
import { setTimeout as wait } from 'node:timers/promises';
import { app } from '@azure/functions';
import { deliveriesOf, type ServiceBusMessages } from '../adapters/service-bus-delivery';
import { takeOrderMessage } from '../commands/order-message';
import { invocationLog } from '../telemetry/invocation-log';
import type { AppPorts } from './app-ports';
import { sagaClientInput } from './saga-client.durable';
import { scopeOfMessage } from './scope';

export interface OrdersQueue {
  readonly connection: string;
  readonly queueName: string;
  /** What the queue has: the function cannot ask for it. */
  readonly maxDeliveryCount: number;
}

export function registerOrderQueue(
  ports: AppPorts,
  { connection, queueName, maxDeliveryCount }: OrdersQueue,
): void {
  app.serviceBusQueue<ServiceBusMessages>('ProcessOrder', {
    connection,
    queueName,
    cardinality: 'one',
    sdkBinding: true,
    autoCompleteMessages: false,
    extraInputs: [sagaClientInput()],
    handler: async (received, context) => {
      const log = invocationLog(context);
      const placing = { ...ports, sagas: ports.sagas(context), log };
      for (const { message, settle } of deliveriesOf(received, context.triggerMetadata)) {
        const settlement = await takeOrderMessage(
          placing,
          scopeOfMessage(message),
          message,
          maxDeliveryCount,
        );
        if (settlement.kind === 'deadLetter') {
          const { reason, description } = settlement;
          log.error('message dead-lettered', { messageId: message.messageId, reason, description });
        }
        // Inside the lock: given back at once it would come back at once, and an outage of seconds would use up every delivery.
        if (settlement.kind === 'abandon') await wait(settlement.waitMs);
        await settle(settlement);
      }
    },
  });
}
