// Queues and topics as a sender and an onlooker see them: what tests put in, and what they find lying there.
import { ServiceBusClient, type ServiceBusMessage, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { until } from '../../src/kit/until';

export interface Places {
  readonly client: ServiceBusClient;
  send(place: string, ...messages: ServiceBusMessage[]): Promise<void>;
  /** What lies in a queue once there is `count` of it. */
  lying(name: string, count: number): Promise<readonly ServiceBusReceivedMessage[]>;
  /** Takes the next dead letter of a queue, or of a subscription. */
  deadLetter(name: string, subscription?: string): Promise<ServiceBusReceivedMessage | undefined>;
}

/** Looks at the broker behind `connectionString`; whoever asks closes the client. */
export function openPlaces(connectionString: string): Places {
  const client = new ServiceBusClient(connectionString);
  return {
    client,
    async send(place, ...messages) {
      const sender = client.createSender(place);
      await sender.sendMessages(messages);
      await sender.close();
    },
    lying: (name, count) =>
      until(`${count} messages in ${name}`, async () => {
        // A client looks at a queue from where it left off: each look is a new one's.
        const looking = new ServiceBusClient(connectionString);
        const messages = await looking.createReceiver(name).peekMessages(50);
        await looking.close();
        return messages.length === count && messages;
      }),
    async deadLetter(name, subscription) {
      const options = { subQueueType: 'deadLetter', receiveMode: 'receiveAndDelete' } as const;
      const receiver =
        subscription === undefined
          ? client.createReceiver(name, options)
          : client.createReceiver(name, subscription, options);
      const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 15_000 });
      await receiver.close();
      return message;
    },
  };
}

/** An annotated message has its id elsewhere. */
export function withId(messageId: string, message: object): ServiceBusMessage {
  return { messageId, properties: { messageId }, ...message } as never;
}
