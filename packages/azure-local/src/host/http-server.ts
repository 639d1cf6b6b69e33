// Server on node:http and loopback that survives malformed input on a socket and drains on close. It must not know
// what it serves.
//
// http-server.H1  After `close` begins no connection is accepted; requests in flight are finished, at most for
//   `drainMs`, and each of their answers ends its connection. One on which no request is in flight ends at once.
// http-server.H2  A request that cannot be parsed costs its connection, nothing else (client-errors.ts).
// http-server.H3  A process that ends in the middle of requests answers them with 500 first, as the platform does for a
//   lost worker.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { answerClientErrors } from '../kit/client-errors';
import { drain, trackConnections } from '../kit/connections';
import { refuseForeign } from '../kit/foreign-requests';
import { listenOnLoopback } from '../kit/listen';
import { writeEmpty } from './http-response';
import { refusalOf } from './request-refusals';

export interface HttpServerOptions {
  readonly port: number;
  /** For the message when the port is taken. */
  readonly purpose: string;
  readonly flag: string;
  /** Answers every request it is given; a rejection is answered with 500. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

export interface RunningHttpServer {
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  /** Idempotent (http-server.H1). */
  close(drainMs: number): Promise<void>;
}

/** Kestrel's limits: headers of 32 KB (here with the request line), 130 s of silence on a connection. */
const MAX_HEADER_BYTES = 32_768;
const KEEP_ALIVE_MS = 130_000;

/** Of every server of the process. */
const inFlight = new Set<ServerResponse>();

/** The last moment at which anything can be written; a small answer leaves the process at once. */
process.on('exit', () => {
  for (const response of inFlight) if (!response.headersSent) writeEmpty(clearHeaders(response), 500);
});

export async function startHttpServer(options: HttpServerOptions): Promise<RunningHttpServer> {
  const onRequest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    inFlight.add(response);
    if (!server.listening) response.shouldKeepAlive = false;
    try {
      const refusal = refusalOf(request);
      if (refusal !== undefined) writeEmpty(response, refusal.status, refusal.headers);
      else if (!refuseForeign(request, response)) await options.handle(request, response);
    } catch (error) {
      if (request.complete) options.onError(error);
      if (response.headersSent) response.destroy();
      else writeEmpty(clearHeaders(response), 500);
    } finally {
      inFlight.delete(response);
    }
  };
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      noDelay: true,
      // Node.js would answer with a chunk.
      requireHostHeader: false,
    },
    (request, response) => void onRequest(request, response),
  );
  // An Expect of any other kind means nothing to Kestrel.
  server.on('checkExpectation', (...exchange) => server.emit('request', ...exchange));
  server.on('connect', (_, socket) => {
    socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  const connections = trackConnections(server);
  answerClientErrors(server, connections);
  const port = await listenOnLoopback(server, options.port, options.purpose, options.flag);

  const end = (drainMs: number): Promise<void> => {
    const deadline = setTimeout(() => server.closeAllConnections(), drainMs);
    return drain(server, connections).finally(() => clearTimeout(deadline));
  };
  let closed: Promise<void> | undefined;
  return { host: `127.0.0.1:${port}`, close: (drainMs) => (closed ??= end(drainMs)) };
}

function clearHeaders(response: ServerResponse): ServerResponse {
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  return response;
}
