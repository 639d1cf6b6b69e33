// One request to one downstream service, and what came of it as an outcome (S3). No retry: that is the saga's (S11).
//
// service-client.D1  A business refusal is a 402, 409 or 422 with a `code`: final for its key (S26). Every other 4xx
//   speaks of the request or of the way to the service (a wrong URL, a gateway, a body it cannot read) and promises
//   nothing of the key: transient.
// service-client.D2  A call that ran out of time or lost its connection has an unknown outcome; 429, 503, a refused
//   connection and an open breaker are an outage; every other 5xx is transient.
// service-client.D3  409 KEY_IN_PROGRESS is transient and uses up no attempt; KEY_REUSED is transient too, for
//   something else was done under the key, which is for the saga to undo.
// service-client.D4  The breaker counts refusals, and what is said of a key, as successes: the service is there.
// service-client.D5  Nothing of an answer is taken without bound: its size, the words of a refusal, an id. No redirect is
//   followed and nothing is unpacked: a service that is taken over leads the app nowhere else.
import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleWhenResult } from 'cockatiel';
import { Agent } from 'undici';
import { z } from 'zod';
import type { Outcome, Refused, Transient } from '../domain/outcome';
import type { ServiceCall } from '../ports/downstream';
import { BREAKER_STATES, type BreakerState } from './breaker-states';
import { exchange, ExchangeTimeout } from './http-exchange';

export interface ServiceSettings {
  /** As it is named in logs and at the health endpoint. */
  readonly service: string;
  readonly baseUrl: string;
  /** How long calls fail fast after FAILURES_TO_OPEN failures in a row. */
  readonly breakerOpenMs: number;
}

export interface ServiceClient {
  /** Asks the service to act, under the key of the call. */
  post<T>(path: string, call: ServiceCall, body: object, answer: z.ZodType<T>): Promise<Outcome<T>>;
  /**
   * Looks up what was done; null when it is not found (404). Asked even while the breaker is open: a look-up is the way
   * out.
   */
  find<T>(path: string, call: ServiceCall, answer: z.ZodType<T>): Promise<Outcome<T | null>>;
  breakerState(): BreakerState;
  close(): Promise<void>;
}

const FAILURES_TO_OPEN = 5;

/** The statuses of a business refusal. */
const FINAL: readonly number[] = [402, 409, 422];

const KEY_IN_PROGRESS = 'KEY_IN_PROGRESS';
const KEY_REUSED = 'KEY_REUSED';

/** service-client.D5. What the services answer has a few hundred bytes. */
const ANSWER_BYTES_AT_MOST = 1_000_000;
const cut = (max: number) => z.string().transform((text) => text.slice(0, max));

const problem = z.object({ code: cut(64), message: cut(500).default('') });

/** A client that keeps its connections open and has a circuit breaker of its own. */
export function createServiceClient({ service, baseUrl, breakerOpenMs }: ServiceSettings): ServiceClient {
  const agent = new Agent({
    ...{ keepAliveTimeout: 30_000, connections: 128, pipelining: 1 },
    maxResponseSize: ANSWER_BYTES_AT_MOST,
  });
  const breaker = circuitBreaker(
    handleWhenResult((result) => isFailure(result as Outcome<unknown>)),
    { halfOpenAfter: breakerOpenMs, breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN) },
  );

  async function send(
    method: 'GET' | 'POST',
    path: string,
    call: ServiceCall,
    body?: object,
  ): Promise<Answer> {
    try {
      const { status, text } = await exchange(agent, {
        method,
        url: `${baseUrl}${path}`,
        timeoutMs: call.timeoutMs,
        headers: headersOf(call, body !== undefined),
        body: body === undefined ? null : JSON.stringify(body),
      });
      return { kind: 'answer', status, text };
    } catch (error) {
      return noAnswer(service, error, call.timeoutMs);
    }
  }

  return {
    async post<T>(path: string, call: ServiceCall, body: object, answer: z.ZodType<T>): Promise<Outcome<T>> {
      try {
        return await breaker.execute(async () =>
          outcomeOf(service, await send('POST', path, call, body), answer),
        );
      } catch (error) {
        if (!(error instanceof BrokenCircuitError)) throw error;
        return away(service, 'BREAKER_OPEN', 'calls are held back after repeated failures');
      }
    },
    async find(path, call, answer) {
      const query = new URLSearchParams({ orderId: call.orderId, customerId: call.customerId });
      const response = await send('GET', `${path}?${query.toString()}`, call);
      if (response.kind === 'answer' && response.status === 404) return { kind: 'done', value: null };
      return outcomeOf(service, response, answer);
    },
    breakerState: () => BREAKER_STATES[breaker.state],
    close: () => agent.close(),
  };
}

type Answer =
  | { readonly kind: 'answer'; readonly status: number; readonly text: string }
  | Exclude<Outcome<never>, { kind: 'done' | 'refused' }>;

function headersOf(call: ServiceCall, hasBody: boolean): Record<string, string> {
  return {
    ...(hasBody ? { 'content-type': 'application/json', 'idempotency-key': call.key } : {}),
    traceparent: call.traceparent,
    'x-correlation-id': call.correlationId,
  };
}

function outcomeOf<T>(service: string, answer: Answer, schema: z.ZodType<T>): Outcome<T> {
  if (answer.kind !== 'answer') return answer;
  const { status, text } = answer;
  if (status === 503 || status === 429) return away(service, 'SERVICE_UNAVAILABLE', `it answered ${status}`);
  if (status >= 500) return transient(service, 'SERVICE_ERROR', `it answered ${status}`);
  const json = parseJson(text);
  if (status >= 400) return refusalOf(service, status, json);
  const value = schema.safeParse(json);
  if (value.success) return { kind: 'done', value: value.data };
  // It may have acted: an answer that cannot be read is as good as none.
  const why = z.prettifyError(value.error).slice(0, 500);
  const message = `${service}: its answer cannot be read: ${why}`;
  return { kind: 'unknown', cause: 'connectionLost', error: { code: 'BAD_ANSWER', message } };
}

/** service-client.D1, service-client.D3. */
function refusalOf(service: string, status: number, json: unknown): Refused | Transient {
  const said = problem.safeParse(json);
  if (!said.success) return transient(service, 'BAD_ANSWER', `it answered ${status} without saying why`);
  const { code, message } = said.data;
  if (code === KEY_IN_PROGRESS)
    return { kind: 'transient', outage: 'key', error: { code, message: `${service}: ${message}` } };
  return FINAL.includes(status) && code !== KEY_REUSED
    ? { kind: 'refused', detailCode: code, reason: `${service}: ${message}` }
    : transient(service, code, `it answered ${status}: ${message}`);
}

function noAnswer(service: string, error: unknown, timeoutMs: number): Answer {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (error instanceof ExchangeTimeout) {
    const message = `${service}: no answer within ${Math.round(timeoutMs)} ms`;
    return { kind: 'unknown', cause: 'timeout', error: { code: 'NO_ANSWER', message } };
  }
  if (NEVER_SENT.includes(code)) return away(service, 'SERVICE_UNREACHABLE', `no connection (${code})`);
  const message = `${service}: the connection broke before an answer came (${code})`;
  return { kind: 'unknown', cause: 'connectionLost', error: { code: 'CONNECTION_LOST', message } };
}

/** Failures before a byte of the request was sent: the service cannot have acted. */
const NEVER_SENT = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];

function away(service: string, code: string, what: string): Transient {
  return { kind: 'transient', outage: 'service', error: { code, message: `${service}: ${what}` } };
}

function transient(service: string, code: string, what: string): Transient {
  return { kind: 'transient', outage: null, error: { code, message: `${service}: ${what}` } };
}

function isFailure(outcome: Outcome<unknown>): boolean {
  if (outcome.kind !== 'transient' && outcome.kind !== 'unknown') return false;
  return outcome.error.code !== KEY_IN_PROGRESS && outcome.error.code !== KEY_REUSED;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
