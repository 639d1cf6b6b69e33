// Fixture: a server that takes what exporters of traces and metrics send, over HTTP (OTLP) or TLS (the ingestion of Application Insights), and
// answers, refuses or hangs as it is told.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { selfSigned } from './self-signed';

type Behaviour = 'answer' | 'refuse' | 'hang';

export interface SpanSink {
  readonly url: string;
  /** What came, by path and parsed. */
  readonly received: { readonly path: string; readonly body: unknown }[];
  behaviour: Behaviour;
  /** What it does from the next request but one on. */
  afterNext?: Behaviour;
  /** What the process of an exporter needs in its environment to trust it. */
  readonly trusted: Readonly<Record<string, string>>;
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
      const { behaviour } = sink;
      sink.behaviour = sink.afterNext ?? behaviour;
      if (behaviour === 'hang') return;
      const items = Array.isArray(body) ? body.length : 0;
      response.writeHead(behaviour === 'answer' ? 200 : 400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ itemsReceived: items, itemsAccepted: items, errors: [] }));
    });
  };
  const { key, certificate } = selfSigned();
  const folder = mkdtempSync(path.join(tmpdir(), 'span-sink-'));
  const file = path.join(folder, 'certificate.pem');
  writeFileSync(file, certificate);
  const server =
    scheme === 'http' ? createHttpServer(take) : createHttpsServer({ key, cert: certificate }, take);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sink: SpanSink = {
    url: `${scheme}://localhost:${(server.address() as AddressInfo).port}`,
    received,
    behaviour: 'answer',
    trusted: { NODE_EXTRA_CA_CERTS: file },
    close() {
      rmSync(folder, { recursive: true });
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
