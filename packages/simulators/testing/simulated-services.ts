// Fixture: the simulated services on a free port, in memory unless a file is given, with a client of their API.
import { Agent, request } from 'undici';
import { ManualClock } from 'azure-local/kit/clock';
import { createServicesServer } from '../src/server';
import type { PublishEvents } from '../src/grid-event';
import { Journal } from 'azure-local/storage/journal';

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: unknown;
}

export interface Services {
  readonly url: string;
  readonly clock: ManualClock;
  readonly errors: string[];
  /** A call under an idempotency key, on behalf of order `o-1` of customer `c-1` unless `body` says otherwise. */
  post(path: string, key: string, body?: object): Promise<Answer>;
  get(path: string): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  /** Any request, as it is given. */
  send(method: string, path: string, options?: SendOptions): Promise<Answer>;
  /** The effects in the ledger, in order. */
  effects(query?: string): Promise<string[]>;
  close(): Promise<void>;
}

export interface SendOptions {
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

const open = new Set<Services>();

/** Closes whatever the test opened; to be called after each. */
export async function closeServices(): Promise<void> {
  await Promise.all([...open].map((services) => services.close()));
  open.clear();
}

export async function openServices(
  options: {
    readonly file?: string;
    readonly seedFile?: string;
    readonly publish?: PublishEvents;
    readonly publishParcels?: PublishEvents;
  } = {},
): Promise<Services> {
  const clock = new ManualClock();
  const journal = new Journal(options.file ?? ':memory:');
  const errors: string[] = [];
  const server = createServicesServer({
    journal,
    clock,
    log: { info: () => undefined, warn: (text) => errors.push(text), error: (text) => errors.push(text) },
    ...(options.seedFile === undefined ? {} : { seedFile: options.seedFile }),
    ...(options.publish === undefined ? {} : { publish: options.publish }),
    ...(options.publishParcels === undefined ? {} : { publishParcels: options.publishParcels }),
  });
  const url = await server.listen(0);
  const agent = new Agent();
  const send = async (
    method: string,
    path: string,
    { signal, ...rest }: SendOptions = {},
  ): Promise<Answer> => {
    const response = await request(`${url}${path}`, {
      method,
      dispatcher: agent,
      ...rest,
      ...(signal === undefined ? {} : { signal }),
    });
    const { statusCode: status, headers } = response;
    return { status, headers, body: await response.body.json() };
  };
  const services: Services = {
    url,
    clock,
    errors,
    send,
    post: (path, key, body = {}) =>
      send('POST', path, {
        headers: { 'idempotency-key': key, 'content-type': 'application/json' },
        body: JSON.stringify({ orderId: 'o-1', customerId: 'c-1', ...body }),
      }),
    get: (path) => send('GET', path),
    put: (path, body) => send('PUT', path, { body: JSON.stringify(body) }),
    async effects(query = '') {
      const { body } = await send('GET', `/control/ledger${query}`);
      return (body as { effect: string }[]).map(({ effect }) => effect);
    },
    async close() {
      await server.close();
      await agent.destroy();
      await journal.close();
    },
  };
  open.add(services);
  return services;
}
