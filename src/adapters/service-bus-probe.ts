// Asks whether the broker answers: one peek at a queue, which takes nothing and locks nothing.
import type { ServiceBusClient, ServiceBusReceiver } from '@azure/service-bus';
import { brokerOperation } from './service-bus-client';

export interface BrokerProbe {
  /** Resolves when the broker answers; throws a TransientError with `outage` when it is away. */
  ping(): Promise<void>;
}

/** A probe of `queue`, over the client that `connect` gives. Its link is kept open. */
export function createBrokerProbe(connect: () => Promise<ServiceBusClient>, queue: string): BrokerProbe {
  let receiver: ServiceBusReceiver | undefined;
  return {
    async ping() {
      const client = await connect();
      const from = (receiver ??= client.createReceiver(queue));
      await brokerOperation(() => from.peekMessages(1));
    },
  };
}
