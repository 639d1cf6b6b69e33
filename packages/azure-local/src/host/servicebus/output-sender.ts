// Sender for the `serviceBus` outputs of functions. Loaded with the first message that is sent.
import { ServiceBusClient, type ServiceBusMessage, type ServiceBusSender } from '@azure/service-bus';
import type { ServiceBusEntity } from './service-bus-bindings';

export interface OutputSender {
  /** Resolves when the broker has all of them; rejects when it has not taken one. */
  send(entity: ServiceBusEntity, bodies: readonly Buffer[]): Promise<void>;
  close(): Promise<void>;
}

/** The platform hands outputs to its extension as bytes, which calls them so. */
const CONTENT_TYPE = 'application/octet-stream';
/** A broker that is away fails the function soon enough for its caller to hear of it. */
const RETRIES = { maxRetries: 3, retryDelayInMs: 500, timeoutInMs: 10_000 } as const;

export function createOutputSender(): OutputSender {
  const clients = new Map<string, ServiceBusClient>();
  const senders = new Map<string, ServiceBusSender>();
  const senderOf = ({ connectionString, path }: ServiceBusEntity): ServiceBusSender => {
    const key = `${connectionString}\n${path}`;
    const known = senders.get(key);
    if (known !== undefined) return known;
    const client =
      clients.get(connectionString) ??
      new ServiceBusClient(connectionString, { retryOptions: { ...RETRIES } });
    clients.set(connectionString, client);
    const sender = client.createSender(path);
    senders.set(key, sender);
    return sender;
  };
  return {
    async send(entity, bodies) {
      const messages = bodies.map((body): ServiceBusMessage => ({ body, contentType: CONTENT_TYPE }));
      const [first] = messages;
      if (messages.length === 1 && first !== undefined) await senderOf(entity).sendMessages(first);
      else await sendBatches(senderOf(entity), messages);
    },
    async close() {
      await Promise.all(Array.from(clients.values(), (client) => client.close()));
    },
  };
}

async function sendBatches(sender: ServiceBusSender, messages: readonly ServiceBusMessage[]): Promise<void> {
  let batch = await sender.createMessageBatch();
  for (const message of messages) {
    if (batch.tryAddMessage(message)) continue;
    if (batch.count > 0) await sender.sendMessages(batch);
    batch = await sender.createMessageBatch();
    // Alone it goes, or fails with the SDK's own words for a message that is too large.
    if (!batch.tryAddMessage(message)) await sender.sendMessages(message);
  }
  if (batch.count > 0) await sender.sendMessages(batch);
}
