// Bench of the Service Bus look-alike: messages per second with the official SDK, data on disk, and its memory with a
// long queue. `node dist/bench/servicebus.js [seconds] [queued]`.
import { ServiceBusClient, type ServiceBusReceivedMessage, type ServiceBusSender } from '@azure/service-bus';
import { wallClock } from 'azure-local/kit/clock';
import config from '../../local/servicebus/Config.json';
import { parseEntities } from 'azure-local/servicebus/entities';
import { createServiceBusServer } from 'azure-local/servicebus/server';
import { emulatorBusConnection } from 'azure-local/kit/emulator-connections';
import { doFor, forkServer, serveForked } from './harness/forked-server';

const IN_FLIGHT = 64;
const RECEIVERS = 4;
const RECEIVED_AT_ONCE = 200;
const QUEUE = 'orders';
const BODY = 'x'.repeat(1024);
const log = { info: () => undefined, warn: console.warn, error: console.error };

function serve(): Promise<void> {
  return serveForked(async (journal) => {
    const entities = parseEntities(config);
    const server = createServiceBusServer({ journal, clock: wallClock(), log, entities });
    return { address: await server.listen(0), close: () => server.close() };
  });
}

async function sendBatches(sender: ServiceBusSender, count: number): Promise<number> {
  for (let sent = 0; sent < count; sent += 500)
    await sender.sendMessages(
      Array.from({ length: 500 }, (_, n) => ({ body: BODY, messageId: `b-${sent + n}` })),
    );
  return count;
}

/** Several receivers, so that one is served while another settles. */
async function receiveAll(client: ServiceBusClient, count: number): Promise<number> {
  let done = 0;
  const drain = async (): Promise<void> => {
    const receiver = client.createReceiver(QUEUE);
    while (done < count) {
      const messages = await receiver.receiveMessages(RECEIVED_AT_ONCE, { maxWaitTimeInMs: 1000 });
      await Promise.all(
        messages.map((message: ServiceBusReceivedMessage) => receiver.completeMessage(message)),
      );
      done += messages.length;
    }
    await receiver.close();
  };
  await Promise.all(Array.from({ length: RECEIVERS }, drain));
  return done;
}

async function main(): Promise<void> {
  const [seconds, queued] = [Number(process.argv[2] ?? 4), Number(process.argv[3] ?? 100_000)];
  const server = await forkServer(__filename);
  const client = new ServiceBusClient(emulatorBusConnection(`sb://${server.address}`));
  const sender = client.createSender(QUEUE);
  await sender.sendMessages({ body: 'opens the link' });
  const send = (n: number): Promise<void> => sender.sendMessages({ body: BODY, messageId: `m-${n}` });
  const sent = await server.measure('send (1 KB), 64 in flight', () => doFor(seconds, IN_FLIGHT, send));
  await server.measure('receive + complete', () => receiveAll(client, sent + 1));
  await server.measure(`send ${queued} in batches`, () => sendBatches(sender, queued));
  await server.measure('receive them + complete', () => receiveAll(client, queued));
  await client.close();
  server.release();
}

void (process.argv[2] === 'serve' ? serve() : main());
