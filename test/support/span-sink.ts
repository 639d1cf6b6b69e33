// Fixture: a server that takes what exporters of traces send, over HTTP (OTLP) or TLS (the ingestion of Application Insights), and
// answers, refuses or hangs as it is told.
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Of the certificate, which the exporter's process has to trust (NODE_EXTRA_CA_CERTS). */
export const CERTIFICATE = path.resolve('test/fixtures/ingestion/certificate.pem');
const KEY = path.resolve('test/fixtures/ingestion/key.pem');

export interface SpanSink {
  readonly url: string;
  /** What came, by path and parsed. */
  readonly received: { readonly path: string; readonly body: unknown }[];
  behaviour: 'answer' | 'refuse' | 'hang';
  close(): void;
}

export async function openSpanSink(scheme: 'http' | 'https'): Promise<SpanSink> {
  const received: SpanSink['received'] = [];
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = parsed(request, Buffer.concat(chunks));
      received.push({ path: request.url ?? '', body });
      if (sink.behaviour === 'hang') return;
      const items = Array.isArray(body) ? body.length : 0;
      response.writeHead(sink.behaviour === 'answer' ? 200 : 400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ itemsReceived: items, itemsAccepted: items, errors: [] }));
    });
  };
  const server =
    scheme === 'http'
      ? createHttpServer(take)
      : createHttpsServer({ key: readFileSync(KEY), cert: readFileSync(CERTIFICATE) }, take);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sink: SpanSink = {
    url: `${scheme}://localhost:${(server.address() as AddressInfo).port}`,
    received,
    behaviour: 'answer',
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return sink;
}

function parsed({ headers }: IncomingMessage, content: Buffer): unknown {
  const text = (headers['content-encoding'] === 'gzip' ? gunzipSync(content) : content).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    // The ingestion also takes lines of JSON.
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown);
  }
}
