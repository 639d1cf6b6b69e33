// Server of the simulated downstream services and their control API. Wiring and lifetime only.
//
// simulator-server.V3  `close` answers every call that has acted; one that is held back, or not yet read, is cut off
//   and never acts.
import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { serveCall, type CallParts } from './call-over-http';
import { createCallHandler } from './calls';
import { createControl, type Kill } from './control';
import { createCoupons } from './coupons';
import { createEndpoints, type Endpoints } from './endpoints';
import { createFaults } from './faults';
import { readBody, sendJson, type JsonBody } from './http-json';
import { createInventory } from './inventory';
import { createLedger } from './ledger';
import { createNotifications } from './notifications';
import { refused, type Answer } from './operation';
import { createPathReader } from './path-prefix';
import { createPayments } from './payments';
import { createPromotions } from './promotions';
import { createRequestLog } from './request-log';
import { readSeed } from './seed';
import { createShipping } from './shipping';
import { createStock } from './stock';
import type { PublishEvents } from './grid-event';
import { createParcelOutbox } from './parcel-outbox';
import { createStockOutbox } from './stock-outbox';
import { answerClientErrors } from 'azure-local/kit/client-errors';
import type { Clock } from 'azure-local/kit/clock';
import { trackConnections } from 'azure-local/kit/connections';
import { refuseForeign } from 'azure-local/kit/foreign-requests';
import type { HostLog } from 'azure-local/kit/host-log';
import { listenOn } from 'azure-local/kit/listen';
import type { Journal } from 'azure-local/storage/journal';
import { StorageError } from 'azure-local/storage/storage-error';

export interface ServicesServer {
  /**
   * Resolves with the URL, such as `http://127.0.0.1:7072`; port 0 takes a free one. `host` is for the container image,
   * which has a public name; on loopback, the address unless it is given, web pages of other sites are refused.
   */
  listen(port: number, host?: string): Promise<string>;
  /** Idempotent; the journal stays open, for it is the caller's. */
  close(): Promise<void>;
}

export interface ServicesOptions {
  /** Holds ledger, stock, keys and fault plan; may be shared, all tables are called `services_…`. */
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: HostLog;
  /** Products with limited stock, `{ "<productId>": { "onHand": n } }`; the built-in file when absent. */
  readonly seedFile?: string;
  /** Called with every change of limited stock, after it is on disk and at least once; without it no change is published. */
  readonly publish?: PublishEvents;
  /** Called with the carrier's news of parcels, at least once each; without it there are none. */
  readonly publishParcels?: PublishEvents;
  /** Ends a process of the system that the services are part of; without it none can be ended. */
  readonly kill?: Kill;
  /** First segment that every path must have, where strangers can reach the server; else it is answered with 404. */
  readonly pathPrefix?: string;
}

/** Longer than clients keep idle connections, so that none is closed under a request on its way. */
const KEEP_ALIVE_MS = 65_000;

const INTERNAL = refused(
  500,
  'INTERNAL',
  'The simulated service failed; the log of the local host says why.',
);
const LOOPBACK = '127.0.0.1';
const NO_BODY: JsonBody = { kind: 'json', value: undefined };

/** The services with what the journal holds of them; they answer once `listen` has resolved. */
export function createServicesServer(options: ServicesOptions): ServicesServer {
  const { journal, clock, log, seedFile, publish, publishParcels, kill, pathPrefix } = options;
  const lifetime = new AbortController();
  // Every call that `slow` holds back listens to it.
  setMaxListeners(0, lifetime.signal);
  const ledger = createLedger(journal, clock);
  const seed = readSeed(seedFile);
  const news = publish && createStockOutbox({ journal, clock, log, publish, lifetime: lifetime.signal });
  const parcels =
    publishParcels &&
    createParcelOutbox({ journal, clock, log, publish: publishParcels, lifetime: lifetime.signal });
  const stock = createStock(journal, news?.noteChange);
  const coupons = createCoupons(journal, clock);
  const [faults, requests] = [createFaults(journal), createRequestLog()];
  const endpoints = createEndpoints(
    {
      inventory: createInventory(journal, ledger, stock),
      promotions: createPromotions(journal, ledger, coupons),
      payments: createPayments(journal, ledger),
      shipping: createShipping(journal, ledger, parcels),
      notifications: createNotifications(journal, ledger),
    },
    createControl({ journal, ledger, stock, coupons, faults, requests, log, parcels, kill }),
  );
  const handle = createCallHandler({ journal, clock, faults, lifetime: lifetime.signal });
  const callParts = { handle, requests, clock };
  const pathOf = createPathReader(pathPrefix);

  let hasOwnAddress = true;
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    if (hasOwnAddress && refuseForeign(request, response)) return;
    const url = pathOf(request.url ?? '/');
    serve({ request, url, response }, endpoints, callParts, lifetime.signal).catch((error: unknown) =>
      sendJson(response, failureOf(error, `${request.method ?? ''} ${request.url ?? ''}`, log)),
    );
  });
  answerClientErrors(server, trackConnections(server));

  async function stop(): Promise<void> {
    lifetime.abort();
    await Promise.all([news?.ended(), parcels?.ended()]);
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    await journal.settled();
    // Calls whose write has just been committed send their answers before the next turn.
    await setImmediate();
    server.closeAllConnections();
    await closed;
  }

  let stopped: Promise<void> | undefined;
  return {
    async listen(port, host) {
      await journal.write(() => stock.enter(seed));
      news?.start();
      parcels?.start();
      hasOwnAddress = host === undefined;
      const taken = await listenOn(host ?? LOOPBACK, server, port, 'simulated services', '--services-port');
      return `http://${host ?? LOOPBACK}:${taken}`;
    },
    close: () => (stopped ??= stop()),
  };
}

function failureOf(error: unknown, call: string, log: HostLog): Answer {
  if (error instanceof StorageError) return refused(503, 'UNAVAILABLE', error.message);
  log.error(`Simulated services: ${call} failed`, error);
  return INTERNAL;
}

interface Exchange {
  readonly request: IncomingMessage;
  /** Without the prefix. */
  readonly url: string;
  readonly response: ServerResponse;
}

async function serve(
  { request, url, response }: Exchange,
  endpoints: Endpoints,
  callParts: CallParts,
  lifetime: AbortSignal,
): Promise<void> {
  const { method = 'GET' } = request;
  const match = endpoints.find(method, url);
  if (match === undefined) {
    sendJson(response, endpoints.unknown(method, url));
    return;
  }
  const body = method === 'POST' || method === 'PUT' ? await readBody(request) : NO_BODY;
  if (body.kind === 'gone' || lifetime.aborted) return;
  const { target, key, query } = match;
  if (target.kind === 'call') {
    await serveCall({ request, response, body, key, query, ...target }, callParts);
  } else if (body.kind === 'refused') {
    sendJson(response, body.answer);
  } else {
    sendJson(response, await target.handle({ key, query }, body.value));
  }
}
