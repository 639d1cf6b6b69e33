// What the recorded app's HTTP functions answered to durable HTTP, on a free port, and the way there from the port that
// stands in the recorded orchestrators.
import { createServer, type ServerResponse } from 'node:http';
import type { DurableEngineOptions } from '../../src/durable/engine-options';
import { callHttp } from '../../src/durable/http-activity';
import { listenOnLoopback } from '../../src/kit/listen';

const RECORDED = '127.0.0.1:7171';

export interface RecordedServer {
  /** Durable HTTP that finds this server behind the recorded address. */
  readonly callHttp: NonNullable<DurableEngineOptions['callHttp']>;
  close(): void;
}

/** Serves /api/hello, /api/poll202 (202 twice, then 200) and 404 for the rest, with the recorded headers. */
export async function serveRecorded(): Promise<RecordedServer> {
  let polls = 0;
  const server = createServer((request, response) => {
    const poll = (): void =>
      answer(response, 202, { Location: `http://${RECORDED}/api/poll202`, 'Retry-After': '1' });
    if (request.url === '/api/hello') answer(response, 200, CHUNKED, '{"ok":true}');
    else if (request.url !== '/api/poll202') answer(response, 404, {});
    else if (request.method === 'POST') poll();
    else if ((polls += 1) < 2) poll();
    else answer(response, 200, CHUNKED, `{"done":${polls}}`);
  });
  const port = await listenOnLoopback(server, 0, 'recorded app', '--port');
  return {
    callHttp: (id, input, ...rest) => callHttp(id, input.replaceAll(RECORDED, `127.0.0.1:${port}`), ...rest),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const CHUNKED = { 'Transfer-Encoding': 'chunked' };

/** Kestrel's headers; Node's own Connection is left out. */
function answer(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body = '',
): void {
  response.removeHeader('Connection');
  const length = body === '' ? { 'Content-Length': '0' } : {};
  response.writeHead(status, { Date: new Date().toUTCString(), Server: 'Kestrel', ...headers, ...length });
  response.end(body);
}
