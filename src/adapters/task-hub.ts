// Client of the task hub's HTTP API, the platform's public one, over undici. Its address comes with a `durableClient` input. The
// client of durable-functions makes the same requests through axios, which cost several times the CPU (docs/performance.md).
import { Agent } from 'undici';
import { z } from 'zod';
import { exchange, type HttpAnswer, type HttpRequest } from './http-exchange';

/** Calls to reach an instance by; each rejects when the hub is away or refuses, the state of the instance is told as a value. */
export interface TaskHub {
  start(orchestrator: string, instance: NewInstance): Promise<void>;
  /** Undefined: there is no such instance. */
  status(instanceId: string): Promise<InstanceStatus | undefined>;
  /** As the hub answers to a question for everything it keeps of an instance; 404: there is none. */
  history(instanceId: string): Promise<HttpAnswer>;
  /** An instance that has ended takes no notice. */
  raise(instanceId: string, event: string, data: unknown): Promise<void>;
  /** An instance that has ended takes no notice. */
  tell(instanceId: string, what: 'suspend' | 'resume' | 'terminate', reason: string): Promise<void>;
  /** Runs an instance that has ended again, under its id. */
  restart(instanceId: string): Promise<void>;
  /** One that is gone already is fine. */
  purge(instanceId: string): Promise<void>;
}

export interface NewInstance {
  readonly instanceId: string;
  readonly input: unknown;
  readonly version: string;
  /** The span that starts it, for the platform's own traces. */
  readonly traceparent?: string | undefined;
}

const instanceStatus = z.object({
  runtimeStatus: z.string(),
  customStatus: z.unknown(),
  output: z.unknown(),
});

export type InstanceStatus = z.infer<typeof instanceStatus>;

/** What the platform gives with a `durableClient` input: its own endpoint, or the webhook with its key. */
const clientBinding = z.union([
  z.object({ rpcBaseUrl: z.string().min(1) }).transform(({ rpcBaseUrl: base }) => ({ base, query: '' })),
  z
    .object({ baseUrl: z.string().min(1), requiredQueryStringParameters: z.string() })
    .transform(({ baseUrl, requiredQueryStringParameters: query }) => ({ base: `${baseUrl}/`, query })),
]);

/** Longer than the platform takes at its worst: a call that hangs would keep whoever asked waiting for ever. */
const ANSWER_WITHIN_MS = 30_000;
const agent = new Agent({
  connections: 128,
  headersTimeout: ANSWER_WITHIN_MS,
  bodyTimeout: ANSWER_WITHIN_MS,
});

const JSON_BODY = { 'content-type': 'application/json' };
const EVERYTHING = 'showInput=true&showHistory=true&showHistoryOutput=true';

/** The hub that `binding`, the data of a `durableClient` input, leads to. */
export function createTaskHub(binding: unknown): TaskHub {
  const { base, query: required } = clientBinding.parse(binding);
  const send = (
    method: HttpRequest['method'],
    path: string,
    { query = '', body = null, headers = {} }: Partial<HttpRequest> & { readonly query?: string } = {},
  ): Promise<HttpAnswer> => {
    const queries = [query, required].filter((part) => part !== '').join('&');
    return exchange(agent, {
      method,
      url: `${base}${path}${queries === '' ? '' : `?${queries}`}`,
      headers: body === null ? headers : { ...JSON_BODY, ...headers },
      body,
    });
  };
  const post = (path: string, options: Parameters<typeof send>[2]): Promise<HttpAnswer> =>
    send('POST', path, { body: '', ...options });
  return {
    async start(orchestrator, { instanceId, input, version, traceparent }) {
      const answer = await post(`orchestrators/${orchestrator}/${segment(instanceId)}`, {
        query: `version=${encodeURIComponent(version)}`,
        body: JSON.stringify(input),
        headers: traceparent === undefined ? {} : { traceparent },
      });
      expectStatus(answer, 200, 202);
    },
    async status(instanceId) {
      const answer = await send('GET', instancePath(instanceId));
      if (answer.status === 404) return undefined;
      // Older releases of the extension answer 400 for an instance that failed.
      expectStatus(answer, 200, 202, 400);
      return instanceStatus.parse(JSON.parse(answer.text));
    },
    history: (instanceId) => send('GET', instancePath(instanceId), { query: EVERYTHING }),
    async raise(instanceId, event, data) {
      const answer = await post(`${instancePath(instanceId)}/raiseEvent/${event}`, {
        body: JSON.stringify(data),
      });
      expectStatus(answer, 202, 410);
    },
    async tell(instanceId, what, reason) {
      const query = `reason=${encodeURIComponent(reason)}`;
      expectStatus(await post(`${instancePath(instanceId)}/${what}`, { query }), 202, 410);
    },
    async restart(instanceId) {
      const query = 'restartWithNewInstanceId=false';
      expectStatus(await post(`${instancePath(instanceId)}/restart`, { query }), 200, 202);
    },
    async purge(instanceId) {
      expectStatus(await send('DELETE', instancePath(instanceId)), 200, 404);
    },
  };
}

const instancePath = (instanceId: string): string => `instances/${segment(instanceId)}`;

/** The platform takes a path as it is, so a colon, which separates the parts of our ids, stays a colon. */
const segment = (instanceId: string): string => encodeURIComponent(instanceId).replaceAll('%3A', ':');

function expectStatus({ status, text }: HttpAnswer, ...expected: readonly number[]): void {
  if (expected.includes(status)) return;
  throw new Error(`HTTP ${status}${text === '' ? '' : `: ${text.slice(0, 200)}`}`);
}
