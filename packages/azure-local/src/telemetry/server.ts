// Server of the telemetry look-alike: takes traces, metrics and logs as OTLP/HTTP JSON, as any OpenTelemetry exporter sends them.
// Traces are kept and given back, by an attribute and by the trace as Jaeger's query API does (v3); of metrics the newest value of
// each series; logs are not kept. Wiring and lifetime only.
import { createServer, type IncomingMessage } from 'node:http';
import { answerClientErrors } from '../kit/client-errors';
import { trackConnections } from '../kit/connections';
import { refuseForeign } from '../kit/foreign-requests';
import type { HostLog } from '../kit/host-log';
import { listenOnLoopback } from '../kit/listen';
import { readJson } from '../kit/read-json';
import type { Journal } from '../storage/journal';
import { StorageError } from '../storage/storage-error';
import { toOtlpTraces } from './otlp-answer';
import { readOtlpMetrics } from './otlp-metrics';
import { readOtlpRequest } from './otlp-spans';
import { createSeriesStore, type SeriesStore } from './series-store';
import { createSpanStore, type SpanStore } from './span-store';

export interface TelemetryOptions {
  /** May be shared: the table is called `telemetry_requests`. */
  readonly journal: Journal;
  readonly log: HostLog;
  /** How many bytes of spans are kept; SPAN_BYTES_AT_MOST unless given. */
  readonly spanBytesAtMost?: number;
  /** How many series of metrics are kept; SERIES_AT_MOST unless given. */
  readonly seriesAtMost?: number;
}

export interface TelemetryServer {
  /** Listens on loopback (0 takes a free port) and resolves with the URL: the endpoint of OTLP. */
  listen(port: number): Promise<string>;
  /** Idempotent; the journal stays open. */
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const TAKEN_WHOLLY: Answer = { status: 200, body: { partialSuccess: {} } };
const MAX_BODY_BYTES = 4_194_304;
/** More than any order makes. */
const MAX_ANSWER = 5_000;

export function createTelemetryServer({
  journal,
  log,
  spanBytesAtMost,
  seriesAtMost,
}: TelemetryOptions): TelemetryServer {
  const kept = { spans: createSpanStore(journal, spanBytesAtMost), series: createSeriesStore(seriesAtMost) };
  const server = createServer({ noDelay: true }, (request, response) => {
    if (refuseForeign(request, response)) return;
    answer(request, kept)
      .catch((error: unknown): Answer => {
        if (error instanceof StorageError) return refusal(503, error.message);
        log.error(`Telemetry: ${request.method ?? ''} ${request.url ?? ''} failed`, error);
        return refusal(500, 'The log of the local host says why.');
      })
      .then(({ status, body }) => {
        if (response.destroyed) return;
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      })
      .catch((error: unknown) => log.error('Telemetry: an answer could not be sent', error));
  });
  answerClientErrors(server, trackConnections(server));

  async function stop(): Promise<void> {
    if (!server.listening) return;
    await journal.settled();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  let stopped: Promise<void> | undefined;
  return {
    listen: async (port) =>
      `http://127.0.0.1:${await listenOnLoopback(server, port, 'telemetry', '--telemetry-port')}`,
    close: () => (stopped ??= stop()),
  };
}

interface Body {
  readonly value: unknown;
  /** As it was sent. */
  readonly text: string;
}

interface Kept {
  readonly spans: SpanStore;
  readonly series: SeriesStore;
}

/** What is sent: by its path, what is done with the body. */
const TAKEN: Readonly<Record<string, (body: Body, kept: Kept) => Promise<Answer>>> = {
  '/v1/traces': async (body, { spans }) => {
    const read = readOtlpRequest(body.value);
    if (typeof read === 'string') return refusal(400, read);
    await spans.add(read, body.text);
    return TAKEN_WHOLLY;
  },
  '/v1/metrics': (body, { series }) => {
    const read = readOtlpMetrics(body.value);
    if (typeof read === 'string') return Promise.resolve(refusal(400, read));
    const rejectedDataPoints = series.add(read);
    if (rejectedDataPoints === 0) return Promise.resolve(TAKEN_WHOLLY);
    const errorMessage = 'The receiver keeps no more series.';
    return Promise.resolve({ status: 200, body: { partialSuccess: { rejectedDataPoints, errorMessage } } });
  },
  // The log of the local host has the lines.
  '/v1/logs': () => Promise.resolve(TAKEN_WHOLLY),
};

function answer(request: IncomingMessage, kept: Kept): Promise<Answer> {
  const target = `http://127.0.0.1${request.url ?? '/'}`;
  const { pathname, searchParams } = new URL(URL.canParse(target) ? target : 'http://127.0.0.1/');
  const taken = request.method === 'POST' ? TAKEN[pathname] : undefined;
  if (taken !== undefined) return take(request, (body) => taken(body, kept));
  if (request.method === 'GET' && pathname === '/control/spans') return show(searchParams, kept.spans);
  const [, traceId] = /^\/api\/v3\/traces\/([0-9a-fA-F]{32})$/.exec(pathname) ?? [];
  if (request.method === 'GET' && traceId !== undefined) return showTrace(traceId.toLowerCase(), kept.spans);
  if (request.method === 'GET' && pathname === '/control/metrics') {
    const series = kept.series.find(searchParams.get('name') ?? undefined);
    return Promise.resolve({ status: 200, body: { series } });
  }
  const why =
    'Traces, metrics and logs are sent to POST /v1/traces, /v1/metrics and /v1/logs; GET /control/spans, /control/metrics and /api/v3/traces/<trace id> read them, logs are not kept.';
  request.resume();
  return Promise.resolve(refusal(404, why));
}

async function take(request: IncomingMessage, taken: (body: Body) => Promise<Answer>): Promise<Answer> {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    request.resume();
    return refusal(415, 'Send OTLP as JSON: OTEL_EXPORTER_OTLP_PROTOCOL=http/json.');
  }
  const body = await readJson(request, MAX_BODY_BYTES);
  if (body.kind === 'tooLarge') return refusal(413, `A request may have ${MAX_BODY_BYTES} bytes.`);
  if (body.kind !== 'json')
    return refusal(400, body.kind === 'notJson' ? `The body is not JSON: ${body.problem}` : '');
  return taken(body);
}

async function show(query: URLSearchParams, store: SpanStore): Promise<Answer> {
  const attribute = query.get('attribute');
  const value = query.get('value');
  if (attribute === null || value === null || !/^[\w.-]+$/.test(attribute))
    return refusal(400, 'Ask with ?attribute=<name>&value=<value>.');
  return { status: 200, body: { spans: await store.ofTracesWith(attribute, value, MAX_ANSWER) } };
}

async function showTrace(traceId: string, store: SpanStore): Promise<Answer> {
  const spans = await store.ofTrace(traceId, MAX_ANSWER);
  return spans.length === 0
    ? { status: 404, body: { error: { httpCode: 404, message: 'No traces found' } } }
    : { status: 200, body: { result: toOtlpTraces(spans) } };
}

/** In the form of google.rpc.Status, as OTLP has its errors. */
const refusal = (status: number, message: string): Answer => ({ status, body: { code: status, message } });
