// Fixture: a Cosmos DB look-alike on a free port with the official SDK in front of it, for one test file.
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  CosmosClient,
  type Container,
  type ContainerRequest,
  type PartitionKeyDefinition,
} from '@azure/cosmos';
import { ManualClock } from '../src/kit/clock';
import { EMULATOR_KEY } from '../src/kit/emulator-connections';
import type { ControlRoutes } from '../src/cosmos/control-api';
import { createCosmosServer, type CosmosServer } from '../src/cosmos/server';
import type { HostLog } from '../src/kit/host-log';
import { Journal } from '../src/storage/journal';

export const silent: HostLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly bytes: Buffer;
}

/** Method, path, what the signature covers, and the rest. */
type RawRequest = [
  method: string,
  path: string,
  signed: { type: string; link: string },
  more?: { headers?: Record<string, string>; body?: string | Buffer },
];

export interface Cosmos {
  readonly server: CosmosServer;
  readonly client: CosmosClient;
  readonly clock: ManualClock;
  readonly url: string;
  readonly folder: string;
  /** A new container with this partition key, in a database of its own. */
  container(
    partitionKey: string | PartitionKeyDefinition,
    more?: Partial<ContainerRequest>,
  ): Promise<Container>;
  /** A signed request without the SDK. `link` is what the signature covers. */
  raw(...request: RawRequest): Promise<RawAnswer>;
  /** Asks the look-alike itself, below /_lookalike; a body that is not text goes as JSON. */
  ask(
    path: string,
    method?: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly json: unknown }>;
  close(): Promise<void>;
}

/** Opens a look-alike on `folder`, or on a folder of its own that `close` removes. */
export async function openCosmos(
  folder = mkdtempSync(path.join(os.tmpdir(), 'cosmos-')),
  log: HostLog = silent,
  controls: ControlRoutes = {},
): Promise<Cosmos> {
  const clock = new ManualClock();
  const journal = new Journal(path.join(folder, 'data.db'));
  const server = createCosmosServer({ journal, clock, log, controls });
  const url = await server.listen(0);
  const client = new CosmosClient({ endpoint: url, key: EMULATOR_KEY });
  let containers = 0;
  return {
    server,
    client,
    clock,
    url,
    folder,
    async container(partitionKey, more = {}) {
      containers += 1;
      const { database } = await client.databases.createIfNotExists({ id: `db-${containers}` });
      const { container } = await database.containers.create({ id: 'things', partitionKey, ...more });
      return container;
    },
    raw: (...request) => rawRequest(url, ...request),
    async ask(below, method = 'GET', body) {
      const answer = await fetch(new URL(`/_lookalike/${below}`, url), {
        method,
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return { status: answer.status, json: await answer.json() };
    },
    async close() {
      client.dispose();
      await server.close();
      await journal.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Sends a signed request without the SDK. */
export async function rawRequest(
  url: string,
  ...[method, below, signed, { headers = {}, body } = {}]: RawRequest
): Promise<RawAnswer> {
  const date = new Date().toUTCString();
  const answer = await fetch(new URL(below, url), {
    method,
    headers: { 'x-ms-date': date, authorization: sign(method, signed, date), ...headers },
    ...(body !== undefined && { body }),
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, headers: answer.headers, text: bytes.toString(), bytes };
}

/** The authorization header for a request. */
export function sign(method: string, { type, link }: { type: string; link: string }, date: string): string {
  const payload = `${method.toLowerCase()}\n${type}\n${link}\n${date.toLowerCase()}\n\n`;
  const signature = createHmac('sha256', Buffer.from(EMULATOR_KEY, 'base64'))
    .update(payload)
    .digest('base64');
  return encodeURIComponent(`type=master&ver=1.0&sig=${signature}`);
}

/** The status an SDK call was answered with, whether it returned or threw. */
export const statusOf = (call: Promise<{ statusCode: number }>): Promise<number | string | undefined> =>
  call.then(
    ({ statusCode }) => statusCode,
    (error: unknown) => (error as { code?: number | string }).code,
  );
