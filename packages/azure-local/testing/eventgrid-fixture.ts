// Fixture: an Event Grid look-alike on a free port, and endpoints that take its deliveries, for one test file.
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { AzureKeyCredential, EventGridPublisherClient } from '@azure/eventgrid';
import { ManualClock } from '../src/kit/clock';
import { createEventGridServer, type EventGridServer } from '../src/eventgrid/server';
import { LOCAL_KEY, parseTopics, type Variables } from '../src/eventgrid/topics';
import { Journal } from '../src/storage/journal';
import { until } from '../src/kit/until';

export const SECOND = 1_000;

export interface Received {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface Endpoint {
  readonly url: string;
  /** Notifications only, in the order they came. */
  readonly received: Received[];
  /** Handshakes. */
  readonly asked: Received[];
  /** What a notification is answered with; `hang` gives no answer. */
  answer: number | 'hang';
  /** Whether it passes handshakes. */
  agrees: boolean;
}

export interface Grid {
  readonly url: string;
  readonly clock: ManualClock;
  readonly warnings: string[];
  publisher(topic: string): EventGridPublisherClient<'EventGrid'>;
  cloudPublisher(topic: string): EventGridPublisherClient<'CloudEvent'>;
  /** A publish request as it is given. */
  post(topic: string, body: string, headers?: Record<string, string>, query?: string): Promise<Answer>;
  get(path: string): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  /** How many deliveries have not ended. */
  pending(): Promise<number>;
  /** What a SIGKILL at this moment would leave, opened by a new server. */
  afterKill(topics: readonly object[]): Promise<Grid>;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const closers: (() => Promise<void> | void)[] = [];

/** Closes and removes whatever the test opened; to be called after each. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

export async function openEndpoint(): Promise<Endpoint> {
  const endpoint: Endpoint = { url: '', received: [], asked: [], answer: 200, agrees: true };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const body = text === '' ? undefined : (JSON.parse(text) as unknown);
      const seen = { method: request.method ?? '', headers: request.headers, body };
      const isHandshake =
        seen.method === 'OPTIONS' || request.headers['aeg-event-type'] === 'SubscriptionValidation';
      (isHandshake ? endpoint.asked : endpoint.received).push(seen);
      if (isHandshake) {
        response.setHeader('webhook-allowed-origin', endpoint.agrees ? 'eventgrid.azure.net' : 'example.com');
        response.end(JSON.stringify({ validationResponse: endpoint.agrees ? codeOf(body) : 'wrong' }));
      } else if (endpoint.answer !== 'hang') {
        response.writeHead(endpoint.answer).end();
      }
    });
  });
  await listen(server);
  return Object.assign(endpoint, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?code=k`,
  });
}

export async function openGrid(
  topics: readonly object[],
  options: { readonly folder?: string; readonly clock?: ManualClock; readonly variables?: Variables } = {},
): Promise<Grid> {
  const folder = options.folder ?? mkdtempSync(path.join(os.tmpdir(), 'eventgrid-'));
  const clock = options.clock ?? new ManualClock();
  const journal = new Journal(path.join(folder, 'data.db'));
  const warnings: string[] = [];
  const server = createEventGridServer({
    journal,
    clock,
    log: {
      info: () => undefined,
      warn: (text) => warnings.push(text),
      error: (text, error) => warnings.push(`${text} ${String(error)}`),
    },
    topics: parseTopics({ topics }, options.variables),
  });
  const url = await server.listen(0);
  closers.push(() => stop(server, journal, folder));
  return { url, clock, warnings, ...clientsOf(url), afterKill: (next) => copyOf(folder, clock, next) };
}

/** The topic `inventory` with one subscription, of that endpoint. */
export const topicFor = (endpoint: Endpoint, subscription: object = {}, more: object = {}): object => ({
  name: 'inventory',
  subscriptions: [{ name: 'all-events', endpointUrl: endpoint.url, deadLetter: true, ...subscription }],
  ...more,
});

/** Publishes an event of each id to `inventory`, in one request. */
export const send = (grid: Grid, ...ids: string[]): Promise<unknown> =>
  grid.post('inventory', JSON.stringify(ids.map((id) => event(id))));

export const received = (endpoint: Endpoint, count: number): Promise<unknown> =>
  until(`${count} deliveries`, () => endpoint.received.length >= count);

/** Of the event that was delivered alone. */
export const idOf = ({ body }: Received): string =>
  (Array.isArray(body) ? (body as { id: string }[])[0] : (body as { id: string }))?.id ?? '';

export const event = (id: string, more: object = {}): Record<string, unknown> => ({
  id,
  subject: `products/${id}`,
  eventType: 'Inventory.StockUpdated',
  eventTime: '2026-01-31T12:00:00.000Z',
  dataVersion: '1.0',
  data: { productId: id, quantity: 7 },
  ...more,
});

export const sdkEvent = (
  id: string,
): {
  id: string;
  subject: string;
  eventType: string;
  eventTime: Date;
  dataVersion: string;
  data: { productId: string; quantity: number };
} => ({
  id,
  subject: `products/${id}`,
  eventType: 'Inventory.StockUpdated',
  eventTime: new Date('2026-01-31T12:00:00.000Z'),
  dataVersion: '1.0',
  data: { productId: id, quantity: 7 },
});

function clientsOf(
  url: string,
): Pick<Grid, 'publisher' | 'cloudPublisher' | 'post' | 'get' | 'put' | 'pending'> {
  const credential = new AzureKeyCredential(LOCAL_KEY);
  const insecure = { allowInsecureConnection: true };
  const ask = async (target: string, init: RequestInit = {}): Promise<Answer> => {
    const answer = await fetch(url + target, init);
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  return {
    publisher: (topic) =>
      new EventGridPublisherClient(`${url}/${topic}/api/events`, 'EventGrid', credential, insecure),
    cloudPublisher: (topic) =>
      new EventGridPublisherClient(`${url}/${topic}/api/events`, 'CloudEvent', credential, insecure),
    post: (topic, body, headers = { 'aeg-sas-key': LOCAL_KEY }, query = '?api-version=2018-01-01') =>
      ask(`/${topic}/api/events${query}`, { method: 'POST', headers, body }),
    get: (target) => ask(target),
    put: (target, body) => ask(target, { method: 'PUT', body: JSON.stringify(body) }),
    pending: async () => ((await ask('/control/deliveries')).body as { pending: number }).pending,
  };
}

async function stop(server: EventGridServer, journal: Journal, folder: string): Promise<void> {
  await server.close();
  await journal.close();
  rmSync(folder, { recursive: true, force: true });
}

function copyOf(folder: string, clock: ManualClock, topics: readonly object[]): Promise<Grid> {
  const copy = mkdtempSync(path.join(os.tmpdir(), 'eventgrid-'));
  for (const name of ['data.db', 'data.db-wal']) {
    if (existsSync(path.join(folder, name))) copyFileSync(path.join(folder, name), path.join(copy, name));
  }
  return openGrid(topics, { folder: copy, clock: new ManualClock(clock.now()) });
}

function codeOf(body: unknown): unknown {
  return (body as { data?: { validationCode?: unknown } }[] | undefined)?.[0]?.data?.validationCode;
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
}
