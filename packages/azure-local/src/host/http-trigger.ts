// Trigger `httpTrigger`: turns a routed request into an invocation, and its result into an answer. It knows routes and
// keys, not sockets.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { givenKey, mayRun, type AuthLevel, type HostKeys } from '../kit/host-keys';
import { readBody } from '../kit/read-body';
import type { RpcHttp, TypedData } from './core-types';
import { HostStartError } from './errors';
import { isOfType, type HostedFunction } from './hosted-function';
import { isProperHost, toRpcHttp, type Asked } from './http-request';
import { writeEmpty, writeRpcHttp, writeText } from './http-response';
import type { Invoke } from './invocation';
import type { RequestTarget } from './request-target';
import { REFUSED_SIGN_IN, type SignIn } from './sign-in';
import { createRouteTable } from './route-table';

export interface HttpTriggerOptions {
  readonly functions: readonly HostedFunction[];
  readonly routePrefix: string;
  readonly invoke: Invoke;
  readonly keys: HostKeys | undefined;
  readonly signIn: SignIn;
  readonly maxBodyBytes: number;
  /** `127.0.0.1:<port>`, for a request that names no host. */
  readonly ownHost: string;
  readonly onOversize: (functionName: string, bytes: number) => void;
}

/** Answers a request that a route leads to; false when none does. */
export type HttpTriggers = (
  request: IncomingMessage,
  response: ServerResponse,
  target: RequestTarget,
) => Promise<boolean>;

interface Endpoint {
  readonly fn: HostedFunction;
  readonly authLevel: AuthLevel;
}

const REASON = 'This function was programmatically called via the host APIs.';
const PLAIN_TEXT = 'text/plain; charset=utf-8';
const RESERVED = /^\/*(admin|runtime)(\/|$)/i;

/** @throws HostStartError for a route or an authLevel that cannot be. */
export function createHttpTriggers(options: HttpTriggerOptions): HttpTriggers {
  const find = createRouteTable<Endpoint>(
    options.functions
      .filter((fn) => isOfType(fn.trigger, 'httpTrigger'))
      .map((fn) => ({
        name: fn.name,
        template: routeOf(fn, options.routePrefix),
        methods: methodsOf(fn),
        target: { fn, authLevel: authLevelOf(fn) },
      })),
  );
  return async (request, response, target) => {
    const match = find(request.method ?? 'GET', target.path);
    if (match === undefined) return false;
    const { fn, authLevel } = match.target;
    const signedIn = options.signIn(request);
    if (signedIn.kind === 'refused') writeEmpty(response, 401, REFUSED_SIGN_IN);
    else if (!mayRun(options.keys, authLevel, givenKey(request, target.query))) writeEmpty(response, 401);
    else if (!refuse(request, response)) {
      const asked = { target, params: match.params, principal: signedIn.headers };
      await answer(request, response, asked, fn, options);
    }
    return true;
  };
}

/** The template of a function's route, with the prefix of host.json; it begins with no slash. */
export function routeOf({ name, trigger }: HostedFunction, routePrefix: string): string {
  const route = typeof trigger['route'] === 'string' ? trigger['route'] : name;
  const template = routePrefix === '' ? route : `${routePrefix}/${route}`;
  if (RESERVED.test(template)) {
    throw new HostStartError(
      `The route "${template}" of function ${name} begins with /admin or /runtime, which belong to the host: choose another.`,
    );
  }
  return template.replace(/^\/+/, '');
}

/** In upper case; empty for any method. */
export function methodsOf({ trigger }: HostedFunction): readonly string[] {
  return Array.isArray(trigger['methods'])
    ? trigger['methods'].map((method) => String(method).toUpperCase())
    : [];
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { target, params, principal }: Asked,
  fn: HostedFunction,
  { invoke, ownHost, maxBodyBytes, onOversize }: HttpTriggerOptions,
): Promise<void> {
  const hasBody = lengthOf(request) > 0;
  const body = hasBody ? await readBody(request, maxBodyBytes) : undefined;
  if (body?.kind === 'gone') return;
  if (body?.kind === 'tooLarge') {
    onOversize(fn.name, body.byteLength);
    writeEmpty(response, 500, { Connection: 'close' });
    return;
  }
  const data: TypedData = { http: toRpcHttp(request, { target, params, principal }, body?.content, ownHost) };
  let answered: RpcHttp | undefined;
  try {
    const { response: sent } = await invoke(fn, { data, reason: REASON });
    answered = (sent?.returnValue ?? sent?.outputData?.[0]?.data)?.http;
  } catch {
    // In the log already, with its stack; the caller learns no more on the platform either.
    writeEmpty(response, 500);
    return;
  }
  writeRpcHttp(response, answered);
}

/** Answers what no handler can be given; true when it did. */
function refuse(request: IncomingMessage, response: ServerResponse): boolean {
  const { headers, method } = request;
  const fault = !isProperHost(headers.host)
    ? 'The Host header is not a host name.'
    : headers['transfer-encoding'] !== undefined
      ? 'A chunked request body reaches a function empty on Azure. Send the body with a Content-Length.'
      : lengthOf(request) > 0 && (method === 'GET' || method === 'HEAD')
        ? `A ${method} request with a body cannot be given to a function; Azure answers 500. Send no body, or use POST.`
        : undefined;
  if (fault === undefined) return false;
  writeText(response, 400, PLAIN_TEXT, `${fault}\n`);
  return true;
}

const lengthOf = ({ headers }: IncomingMessage): number => Number(headers['content-length'] ?? 0);

function authLevelOf({ name, trigger }: HostedFunction): AuthLevel {
  const level = (typeof trigger['authLevel'] === 'string' ? trigger['authLevel'] : 'function').toLowerCase();
  if (level === 'anonymous' || level === 'function' || level === 'admin') return level;
  throw new HostStartError(
    `Function ${name} has the authLevel "${level}": write anonymous, function or admin.`,
  );
}
