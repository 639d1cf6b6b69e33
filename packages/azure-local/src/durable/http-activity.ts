// Durable HTTP: the built-in activity behind `callHttp`. It makes one request with its redirects and answers in the
// form that the extension writes into the history. Polling after a 202 is scheduled by tasks.ts.
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { ActivityEnd } from './activity';
import type { Clock } from '../kit/clock';
import { taskCompleted, taskFailed, timestamp } from './history-events';
import type { Ending } from './tasks';

/** The name under which the history has it. */
export const HTTP_ACTIVITY = 'BuiltIn::HttpActivity';

/** `HttpSettings.DefaultAsyncRequestSleepTimeMilliseconds`, as the orchestrator's trigger tells it. */
const DEFAULT_POLL_MS = 30_000;

/** HttpClient's own timeout and its bound on redirects. */
const TIMEOUT_MS = 100_000;
const MAX_REDIRECTS = 50;

interface HttpCall {
  readonly method: string;
  readonly uri: string;
  readonly content?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly asynchronousPatternEnabled?: boolean;
  readonly tokenSource?: unknown;
}

interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Record<string, string | string[]>;
  readonly content: string;
}

/** What of a request is not simulated, or undefined when all of it is. */
export function unsupportedHttp(input: unknown): string | undefined {
  const { tokenSource, headers } = input as HttpCall;
  if (tokenSource !== undefined && tokenSource !== null)
    return 'callHttp with a tokenSource (managed identity)';
  const type = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  return type?.includes('multipart') === true ? 'callHttp with multipart content' : undefined;
}

/** Sends the request in `input` (JSON text); never rejects. `signal` ends it when the engine lets go. */
export async function callHttp(
  id: number,
  input: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<ActivityEnd> {
  const call = JSON.parse(input) as HttpCall;
  try {
    const answer = await send(call, signal, MAX_REDIRECTS);
    const event = taskCompleted(id, JSON.stringify(answer), timestamp(clock.now()));
    return { event, ...pollOf(call, answer) };
  } catch (error) {
    const message = messageOf(error, call);
    const event = taskFailed(id, message, exceptionJson(message), timestamp(clock.now()));
    return { event, hasFailed: true };
  }
}

/** Recorded: a 202 with a Location is looked at again with the same headers, after Retry-After seconds. */
function pollOf(call: HttpCall, { statusCode, headers }: HttpAnswer): Pick<Ending, 'poll'> {
  const location = headerOf(headers, 'location');
  if (call.asynchronousPatternEnabled === false || statusCode !== 202 || location === undefined) return {};
  const seconds = Number(headerOf(headers, 'retry-after'));
  const delayMs = Number.isFinite(seconds) ? seconds * 1000 : DEFAULT_POLL_MS;
  const kept = Object.entries(call.headers ?? {}).filter(
    ([name]) => name.toLowerCase() !== 'x-functions-key',
  );
  const again: HttpCall = {
    method: 'GET',
    uri: new URL(location, call.uri).href,
    headers: Object.fromEntries(kept),
  };
  return { poll: { delayMs, input: JSON.stringify(again) } };
}

function headerOf(headers: HttpAnswer['headers'], name: string): string | undefined {
  const value = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return Array.isArray(value) ? value[0] : value;
}

async function send(call: HttpCall, signal: AbortSignal, redirectsLeft: number): Promise<HttpAnswer> {
  const answer = await exchange(call, signal);
  const location = headerOf(answer.headers, 'location');
  const isRedirect = [301, 302, 303, 307, 308].includes(answer.statusCode);
  if (!isRedirect || location === undefined || redirectsLeft === 0) return answer;
  const uri = new URL(location, call.uri).href;
  if (answer.statusCode >= 307 || call.method === 'GET')
    return send({ ...call, uri }, signal, redirectsLeft - 1);
  const { content, ...withoutBody } = call;
  return send({ ...withoutBody, uri, method: 'GET' }, signal, redirectsLeft - 1);
}

function exchange(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer> {
  const { protocol } = new URL(call.uri);
  const begin = protocol === 'https:' ? httpsRequest : httpRequest;
  const headers = call.content === undefined ? {} : { 'Content-Type': 'text/plain' };
  const options = {
    method: call.method,
    headers: mergeHeaders(headers, call.headers),
    timeout: TIMEOUT_MS,
    signal,
  };
  return new Promise((resolve, reject) => {
    const outgoing = begin(call.uri, options, (response) => {
      readAnswer(response).then(resolve, reject);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('The request timed out after 100 seconds.')));
    outgoing.on('error', reject);
    outgoing.end(call.content);
  });
}

/** The later replaces the earlier without regard to case. */
function mergeHeaders(
  earlier: Readonly<Record<string, string>>,
  later: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const given = new Set(Object.keys(later).map((name) => name.toLowerCase()));
  const kept = Object.entries(earlier).filter(([name]) => !given.has(name.toLowerCase()));
  return { ...Object.fromEntries(kept), ...later };
}

/** Recorded: headers of the content are not among those that the code sees. */
const CONTENT_HEADERS = /^(allow|content-.*|expires|last-modified)$/i;

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const headers: Record<string, string | string[]> = {};
  for (const [name, values] of Object.entries(response.headersDistinct)) {
    const spelt = response.rawHeaders.find((raw, at) => at % 2 === 0 && raw.toLowerCase() === name) ?? name;
    if (!CONTENT_HEADERS.test(name))
      headers[spelt] = values?.length === 1 ? (values[0] ?? '') : (values ?? '');
  }
  return {
    statusCode: response.statusCode ?? 0,
    headers,
    content: Buffer.concat(chunks).toString('utf8'),
  };
}

/** HttpClient's words for what keeps a request from being answered. */
function messageOf(error: unknown, { uri }: HttpCall): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (!URL.canParse(uri)) return `Invalid URI: ${uri}`;
  const { hostname, port, protocol } = new URL(uri);
  const where = `(${hostname}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port})`;
  if (code === 'ECONNREFUSED') return `Connection refused ${where}`;
  if (code === 'ENOTFOUND') return `Name or service not known ${where}`;
  return `An error occurred while sending the request. ${message}`;
}

/** The first keys of a serialised HttpRequestException; .NET's inner exceptions and stacks are left out. */
const exceptionJson = (message: string): string =>
  JSON.stringify({
    $type: 'System.Net.Http.HttpRequestException, System.Net.Http',
    HttpRequestError: 0,
    StatusCode: null,
    Message: message,
    Data: { $type: 'System.Collections.ListDictionaryInternal, System.Private.CoreLib' },
    InnerException: null,
  });
