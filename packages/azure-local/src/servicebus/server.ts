// Server of the Service Bus look-alike: an AMQP broker on loopback over the journal that it is given. The official
// SDKs talk to it as to the service or its emulator: `Endpoint=sb://127.0.0.1;…;UseDevelopmentEmulator=true;`. Wiring
// and lifetime only.
//
// servicebus-server.V1  `close` answers what has been stored, tells clients that it stops, and leaves the journal open:
//   it is not the server's.
import { createServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../kit/clock';
import type { HostLog } from '../kit/host-log';
import { listenOnLoopback } from '../kit/listen';
import type { Journal } from '../storage/journal';
import { Broker } from './broker';
import { ClientConnection } from './client-connection';
import type { Entities } from './entities';
import { MESSAGE_BYTES_AT_MOST } from './limits';
import { MessageHolds } from './message-holds';
import { createContainer } from './rhea-seam';

export interface ServiceBusOptions {
  /** May be shared: all tables are called `servicebus_…`. */
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: HostLog;
  readonly entities: Entities;
  /** Which messages are held; none unless given. */
  readonly holds?: MessageHolds;
  /** The largest message size, as announced to clients; the limit that holds unless a test says otherwise. */
  readonly announcedBytes?: number;
}

export interface ServiceBusServer {
  /** Listens on loopback (0 takes a free port) and resolves with `127.0.0.1:<port>` once it serves. */
  listen(port: number): Promise<string>;
  /** Idempotent; the journal stays open. */
  close(): Promise<void>;
}

/** The broker with what the journal holds of its entities; it serves once `listen` has resolved. */
export function createServiceBusServer({
  journal,
  clock,
  log,
  entities,
  holds = new MessageHolds(clock),
  announcedBytes = MESSAGE_BYTES_AT_MOST,
}: ServiceBusOptions): ServiceBusServer {
  const broker = new Broker(journal, clock, log, entities, holds);
  const container = createContainer('local-service-bus');
  const clients = new Set<ClientConnection>();
  const server = createServer({ noDelay: true }, (socket) => {
    const client = new ClientConnection(container, socket, broker, log, announcedBytes);
    clients.add(client);
    socket.once('close', () => clients.delete(client));
  });

  async function stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    broker.close();
    await journal.settled();
    // What has just been committed is answered before the next turn.
    await setImmediate();
    for (const client of clients) client.close();
    await closed;
    await journal.settled();
  }

  let stopped: Promise<void> | undefined;
  return {
    async listen(port) {
      const taken = await listenOnLoopback(server, port, 'Service Bus look-alike', '--servicebus-port');
      broker.start();
      return `127.0.0.1:${taken}`;
    },
    close: () => (stopped ??= stop()),
  };
}
