// Server of the Event Grid look-alike: topics that the official SDK publishes to, and delivery to webhooks. Wiring and
// lifetime only.
//
// eventgrid-server.G1  A publish request is answered 200 when every delivery it leads to is on disk, all of them or
//   none.
// eventgrid-server.G2  After a SIGKILL what was not delivered is delivered (courier.C1, courier.C2).
// eventgrid-server.G3  `close` answers what has been stored, cuts attempts off, and leaves the journal open: it is not
//   the server's.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { answerClientErrors } from '../kit/client-errors';
import type { Clock } from '../kit/clock';
import { trackConnections } from '../kit/connections';
import { refuseForeign } from '../kit/foreign-requests';
import type { HostLog } from '../kit/host-log';
import { listenOnLoopback } from '../kit/listen';
import type { Journal } from '../storage/journal';
import { StorageError } from '../storage/storage-error';
import { control, type ControlParts } from './control-api';
import { createCouriers } from './couriers';
import { createDeliveryRing } from './delivery-ring';
import { createDeliveryStore } from './delivery-store';
import { sendJson, serviceError, type Answer } from './http-json';
import { publish } from './publish-api';
import type { Topic } from './topics';
import { createWebhookClient } from './webhook';

export interface EventGridOptions {
  /** May be shared: all tables are called `eventgrid_…`. */
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: HostLog;
  /** See `parseTopics`. */
  readonly topics: readonly Topic[];
}

export interface EventGridServer {
  /**
   * Listens on loopback (0 takes a free port) and resolves with the URL; topics are at `<url>/<topic>/api/events`.
   */
  listen(port: number): Promise<string>;
  /** Idempotent; the journal stays open. */
  close(): Promise<void>;
}

/** Longer than clients keep idle connections, so that none is closed under a request on its way. */
const KEEP_ALIVE_MS = 65_000;

/** The topics with what the journal holds of them; they are served once `listen` has resolved. */
export function createEventGridServer({ journal, clock, log, topics }: EventGridOptions): EventGridServer {
  const store = createDeliveryStore(journal);
  const ring = createDeliveryRing();
  const webhook = createWebhookClient(clock);
  const couriers = createCouriers(topics, { journal, clock, log, store, ring, webhook });
  const parts: ControlParts = { journal, couriers, store, ring };
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true }, (request, response) => {
    if (refuseForeign(request, response)) return;
    serve(request, response, parts).catch((error: unknown) => {
      if (error instanceof StorageError) {
        sendJson(response, serviceError(503, 'ServiceUnavailable', error.message));
        return;
      }
      log.error(`Event Grid: ${request.method ?? ''} ${request.url ?? ''} failed`, error);
      sendJson(response, serviceError(500, 'InternalServerError', 'The log of the local host says why.'));
    });
  });
  answerClientErrors(server, trackConnections(server));

  async function stop(): Promise<void> {
    const closing = couriers.close();
    webhook.close();
    await closing;
    await journal.settled();
    // What has just been committed is answered before the next turn.
    await setImmediate();
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  let stopped: Promise<void> | undefined;
  return {
    async listen(port) {
      const taken = await listenOnLoopback(server, port, 'Event Grid look-alike', '--eventgrid-port');
      couriers.start();
      return `http://127.0.0.1:${taken}`;
    },
    close: () => (stopped ??= stop()),
  };
}

async function serve(request: IncomingMessage, response: ServerResponse, parts: ControlParts): Promise<void> {
  const answer = await route(request, parts);
  if (answer !== undefined) sendJson(response, answer);
}

function route(request: IncomingMessage, parts: ControlParts): Promise<Answer | undefined> {
  const base = 'http://127.0.0.1';
  const target = base + (request.url ?? '/');
  if (!URL.canParse(target))
    return Promise.resolve(serviceError(400, 'BadRequest', 'The request target is no path.'));
  const url = new URL(target);
  const [first = '', second, third, ...rest] = url.pathname.slice(1).split('/');
  if (first === 'control') {
    const path = [second, third, ...rest].filter((segment) => segment !== undefined);
    return control(request, path, parts);
  }
  if (second === 'api' && third === 'events' && rest.length === 0)
    return publish(request, url, first, parts.couriers);
  return Promise.resolve(serviceError(404, 'NotFound', 'Events are sent to POST /<topic>/api/events.'));
}
