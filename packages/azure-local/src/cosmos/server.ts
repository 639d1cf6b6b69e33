// Server of the Cosmos DB for NoSQL look-alike: HTTP on loopback over the journal that it is given. The official SDKs
// talk to it as to the service; tests use its control API for counters, hold points and injected faults.
//
// cosmos-server.H1  Nothing is answered before the commit that holds it (journal.J1, journal.J4).
// cosmos-server.H2  `close` answers what has arrived whole and is not held, refuses what comes later, and leaves the
//   journal open: it is not the server's.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { answerClientErrors } from '../kit/client-errors';
import type { Clock } from '../kit/clock';
import { drain, trackConnections, type Connections } from '../kit/connections';
import { refuseForeign } from '../kit/foreign-requests';
import type { HostLog } from '../kit/host-log';
import { listenOnLoopback } from '../kit/listen';
import { readBody } from '../kit/read-body';
import type { Journal } from '../storage/journal';
import { StorageError } from '../storage/storage-error';
import { EMULATOR_KEY } from '../kit/emulator-connections';
import { createAuthorization, type SignedRequest } from './auth';
import { Catalog } from './catalog';
import { REFUSED_CHARGE } from './charge';
import { Counters, type Counts, type OperationKind } from './counters';
import { DOCUMENT_BYTES_AT_MOST } from './documents';
import { CosmosError, throttled, tooLarge, unavailable } from './protocol/errors';
import { ExpirySweeper } from './expiry';
import { CosmosFaults, type CosmosFault } from './faults';
import { Holds, type Hold } from './holds';
import { IndexBuilder } from './index-builder';
import { LaggingReplica } from './lagging-replica';
import {
  errorReply,
  header,
  newActivityId,
  parseResource,
  send,
  type CosmosRequest,
  type Reply,
} from './message';
import { createRouter, type Route } from './router';
import { isControlRequest, serveControlApi, type ControlRoutes } from './control-api';

export interface CosmosServerOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: HostLog;
  /** The account's master key, base64; the emulator's well-known key unless given. */
  readonly key?: string;
  /** Further routes of the control API. */
  readonly controls?: ControlRoutes;
}

export interface CosmosServer {
  /** Listens on loopback (0 takes a free port) and gives the account's endpoint. */
  listen(port: number): Promise<string>;
  /** Answers what is in flight, then stops; idempotent. The journal stays open. */
  close(): Promise<void>;
  /** Answers the next `count` requests for documents with 429 and this waiting time. */
  throttle(throttling: { readonly count: number; readonly retryAfterMs: number }): void;
  /** What has been asked for since the start or the last reset, held requests left out; also `GET /_lookalike/counters`. */
  counters(): Counts;
  /** Also `DELETE /_lookalike/counters`. */
  resetCounters(): void;
}

/** A little above what a document may be: a batch has as much, and the JSON around it. */
const BODY_BYTES_AT_MOST = DOCUMENT_BYTES_AT_MOST + 64 * 1024;

/** The server for `options`; nothing listens yet. */
export const createCosmosServer = (options: CosmosServerOptions): CosmosServer =>
  new LocalCosmosServer(options);

class LocalCosmosServer implements CosmosServer {
  private readonly catalog: Catalog;
  private readonly authorize: (request: SignedRequest) => void;
  private readonly sweeper: ExpirySweeper;
  private readonly indexes: IndexBuilder;
  private readonly count = new Counters();
  private readonly holds = new Holds();
  private readonly faults = new CosmosFaults();
  private readonly replica: LaggingReplica;
  private readonly throttling = { count: 0, retryAfterMs: 0 };
  private readonly withheld = new WeakSet<ServerResponse>();
  private readonly routeOf: (request: CosmosRequest) => Route;
  private readonly server: Server;
  private readonly connections: Connections;
  private closed: Promise<void> | undefined;

  constructor(private readonly options: CosmosServerOptions) {
    const { journal, clock, log, key = EMULATOR_KEY } = options;
    const catalog = (this.catalog = new Catalog(journal, clock));
    this.authorize = createAuthorization(key);
    this.replica = new LaggingReplica(clock);
    this.sweeper = new ExpirySweeper(journal, clock, catalog, log);
    this.indexes = new IndexBuilder(journal, catalog, log);
    const { indexes, sweeper, replica } = this;
    this.routeOf = createRouter({ journal, clock, catalog, indexes, sweeper, replica });
    this.server = createServer({ keepAliveTimeout: 0 }, (request, response) =>
      this.accept(request, response),
    );
    this.connections = trackConnections(this.server);
    answerClientErrors(this.server, this.connections);
  }

  async listen(port: number): Promise<string> {
    const actual = await listenOnLoopback(this.server, port, 'Cosmos DB look-alike', '--cosmos-port');
    this.sweeper.arm();
    this.indexes.resume();
    return `http://127.0.0.1:${actual}/`;
  }

  close(): Promise<void> {
    this.closed ??= this.stop();
    return this.closed;
  }

  throttle(throttling: { readonly count: number; readonly retryAfterMs: number }): void {
    Object.assign(this.throttling, throttling);
  }

  counters(): Counts {
    return this.count.snapshot();
  }

  resetCounters(): void {
    this.count.reset();
  }

  private async stop(): Promise<void> {
    await drain(
      this.server,
      this.connections,
      (response) => response.req.complete && !this.withheld.has(response),
    );
    await Promise.all([this.sweeper.stop(), this.indexes.stop()]);
    await this.options.journal.settled();
  }

  /** cosmos-server.H2. */
  private accept(request: IncomingMessage, response: ServerResponse): void {
    if (this.closed !== undefined) {
      response.destroy();
      return;
    }
    if (refuseForeign(request, response)) return;
    this.serve(request, response).catch((error: unknown) => {
      this.options.log.warn(`Cosmos DB look-alike: a connection broke (${String(error)}).`);
      response.destroy();
    });
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', headers, url = '/' } = incoming;
    const body = await readBody(incoming, BODY_BYTES_AT_MOST);
    if (body.kind === 'gone') return;
    const bytes = body.kind === 'whole' ? body.content : Buffer.alloc(0);
    const text = body.kind === 'whole' ? bytes.toString('utf8') : undefined;
    if (isControlRequest(url)) {
      serveControlApi({ method, url, body: text }, response, {
        counters: this.count,
        holds: this.holds,
        faults: this.faults,
        replica: this.replica,
        besides: this.options.controls ?? {},
      });
      return;
    }
    const activityId = newActivityId();
    let kind: OperationKind = 'notSimulated';
    let container: string | undefined;
    let hold: Hold | undefined;
    let reply: Reply;
    let fault: CosmosFault | undefined;
    try {
      const resource = this.catalog.byName(parseResource(url));
      const request = { method, resource, headers, body: text ?? '', bytes };
      const route = this.routeOf(request);
      kind = route.kind;
      container = request.resource.segments[3];
      hold = this.holds.find({ body: text, kind, container });
      if (hold?.moment === 'arrival') {
        this.withhold(response, hold);
        return;
      }
      if (text === undefined) throw tooLarge();
      fault = route.metered ? this.faults.strike(kind, container) : undefined;
      reply = await this.answer(request, route, fault);
    } catch (error) {
      reply = this.refusal(error, `${method} ${url}`, activityId);
    }
    if (hold !== undefined) {
      this.withhold(response, hold);
      return;
    }
    if (fault?.fault === 'loseAnswer') {
      response.destroy();
      return;
    }
    this.count.add(kind, container, {
      status: reply.status,
      requestUnits: reply.charge ?? 0,
      bytesIn: body.byteLength,
      bytesOut: send(response, reply, activityId),
    });
  }

  /** Leaves the caller waiting until it gives up or the server closes. */
  private withhold(response: ServerResponse, hold: Hold): void {
    hold.held += 1;
    this.withheld.add(response);
    if (this.closed !== undefined) response.destroy();
  }

  private async answer(request: CosmosRequest, route: Route, fault: CosmosFault | undefined): Promise<Reply> {
    const { headers, method, resource } = request;
    this.options.journal.assertUsable();
    // What is not simulated may be signed over another link than the one taken from its path: it is refused by name.
    if (route.kind === 'notSimulated') return route.perform();
    this.authorize({
      method,
      resourceType: resource.type,
      resourceLink: resource.link,
      ridLink: resource.ridLink,
      authorization: header(headers, 'authorization'),
      date: header(headers, 'x-ms-date') ?? header(headers, 'date'),
    });
    if (route.metered && this.throttling.count > 0) {
      this.throttling.count -= 1;
      throw throttled(this.throttling.retryAfterMs);
    }
    if (fault?.fault === 'throttle') throw throttled(fault.retryAfterMs);
    if (fault?.fault === 'unavailable') throw unavailable('a fault plan says so');
    return route.perform();
  }

  private refusal(error: unknown, request: string, activityId: string): Reply {
    if (error instanceof StorageError)
      return { charge: REFUSED_CHARGE, ...errorReply(unavailable(error.message), activityId) };
    const known = refusalOf(error);
    if (known.status === 500) this.options.log.error(`Cosmos DB look-alike: ${request} failed.`, error);
    return { charge: REFUSED_CHARGE, ...errorReply(known, activityId) };
  }
}

/** Nothing recurses here but over what was sent: who nests so deeply that the stack is used up is to blame for it. */
function refusalOf(error: unknown): CosmosError {
  if (error instanceof CosmosError) return error;
  return error instanceof RangeError && error.message.startsWith('Maximum call stack size')
    ? new CosmosError(400, 'The query or document is nested too deeply for the local Cosmos DB look-alike.')
    : new CosmosError(500, String(error));
}
