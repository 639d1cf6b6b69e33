// Fixture: a Service Bus look-alike on a free port with the official SDK in front of it, for one test file.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  ServiceBusClient,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
} from '@azure/service-bus';
import { ManualClock } from '../src/kit/clock';
import type { HostLog } from '../src/kit/host-log';
import { parseEntities } from '../src/servicebus/entities';
import { createServiceBusServer, type ServiceBusOptions } from '../src/servicebus/server';
import { Journal } from '../src/storage/journal';

export const silent: HostLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface ServiceBus {
  /** A new one after each restart. */
  readonly client: ServiceBusClient;
  readonly clock: ManualClock;
  /** The moment by the clock of the broker, as nearly as it is known. */
  nowMs(): number;
  readonly connectionString: string;
  /** Ends the broker and starts it again on the same data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export const connectionString = (address: string): string =>
  `Endpoint=sb://${address};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;`;

/** The emulator's configuration with these queues and topics. */
export const config = (queues: readonly unknown[], topics: readonly unknown[] = []): unknown => ({
  UserConfig: { Namespaces: [{ Name: 'sbemulatorns', Queues: queues, Topics: topics }] },
});

export const queue = (Name: string, Properties: Record<string, unknown> = {}): unknown => ({
  Name,
  Properties,
});

/** Opens a look-alike with the given entities on a folder of its own, which `close` removes. */
export async function openServiceBus(
  entities: unknown = config([queue('orders', { MaxDeliveryCount: 3 })]),
  log: HostLog = silent,
  more: Pick<ServiceBusOptions, 'announcedBytes' | 'holds'> = {},
): Promise<ServiceBus> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'servicebus-'));
  const clock = new ManualClock(Date.now());
  let bus = await start();

  async function start(): Promise<{ client: ServiceBusClient; address: string; stop(): Promise<void> }> {
    const journal = new Journal(path.join(folder, 'data.db'));
    const server = createServiceBusServer({
      ...more,
      journal,
      clock,
      log,
      entities: parseEntities(entities),
    });
    const address = await server.listen(0);
    const client = new ServiceBusClient(connectionString(address));
    const stop = async (): Promise<void> => {
      await client.close();
      await server.close();
      await journal.close();
    };
    return { client, address, stop };
  }

  return {
    clock,
    nowMs: () => clock.now(),
    get client() {
      return bus.client;
    },
    get connectionString() {
      return connectionString(bus.address);
    },
    async restart() {
      await bus.stop();
      bus = await start();
    },
    async close() {
      await bus.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Exactly `count` messages, however many answers they come in; fewer when no more come. */
export async function receive(
  receiver: ServiceBusReceiver,
  count: number,
): Promise<ServiceBusReceivedMessage[]> {
  const messages: ServiceBusReceivedMessage[] = [];
  while (messages.length < count) {
    const more = await receiver.receiveMessages(count - messages.length, { maxWaitTimeInMs: 5000 });
    if (more.length === 0) break;
    messages.push(...more);
  }
  return messages;
}

/** The next message; fails when none comes. */
export async function receiveOne(receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage> {
  const [message] = await receive(receiver, 1);
  if (message === undefined) throw new Error(`No message came from ${receiver.entityPath}.`);
  return message;
}

/** What is there in whatever state, found by peeking from the beginning. */
export async function peekAll(
  bus: ServiceBus,
  open: (client: ServiceBusClient) => ServiceBusReceiver,
): Promise<ServiceBusReceivedMessage[]> {
  // A client goes on peeking where it left off, so this is one of its own.
  const client = new ServiceBusClient(bus.connectionString);
  const messages = await open(client).peekMessages(1000);
  await client.close();
  return messages;
}

/** The code that a call failed with. */
export const codeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'no error',
    (error: unknown) => (error as { code?: unknown }).code,
  );

/** The message that a call failed with. */
export const messageOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'no error',
    (error: unknown) => (error as Error).message,
  );
