// Fake of an Event Grid topic: keeps what it is sent, and can be away.
import { createServer } from 'node:http';
import { listenOnLoopback } from 'azure-local/kit/listen';
import type { EventEnvelope } from '../../src/domain/event-envelope';

export interface SunkRequest {
  readonly key: unknown;
  readonly contentType: unknown;
  readonly events: readonly SunkEvent[];
}

export interface SunkEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly data: EventEnvelope;
}

export interface EventGridSink {
  readonly endpoint: string;
  /** What was accepted, in order. */
  readonly requests: SunkRequest[];
  /** What it answers to the next requests; 200 when there is nothing left. */
  answers: number[];
  /** Answers 503 to everything. */
  away: boolean;
  connections: number;
  events(): readonly SunkEvent[];
  close(): void;
}

export async function openEventGridSink(): Promise<EventGridSink> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const status = sink.away ? 503 : (sink.answers.shift() ?? 200);
      if (status === 200) {
        const { 'aeg-sas-key': key, 'content-type': contentType } = request.headers;
        const events = JSON.parse(Buffer.concat(chunks).toString()) as SunkEvent[];
        sink.requests.push({ key, contentType, events });
      }
      response.writeHead(status).end();
    });
  });
  server.on('connection', () => (sink.connections += 1));
  const port = await listenOnLoopback(server, 0, 'a topic', '--port');
  const sink: EventGridSink = {
    endpoint: `http://127.0.0.1:${port}/api/events`,
    requests: [],
    answers: [],
    away: false,
    connections: 0,
    events: () => sink.requests.flatMap(({ events }) => events),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return sink;
}
