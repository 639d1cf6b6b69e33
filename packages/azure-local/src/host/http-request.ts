// Converter of a node:http request into the RpcHttp form that the SDK's HttpRequest is made of. It must not know
// routes.
import type { IncomingMessage } from 'node:http';
import type { RpcHttp, TypedData } from './core-types';
import { withPrincipal } from './sign-in';
import { parseQuery, type RequestTarget } from './request-target';

/** Clients seldom change: the last host that was found proper is not parsed again. */
let properHost = '';

/** Whether the `Host` header can stand in a URL; a request without one (HTTP/1.0) gets the listener's own. */
export function isProperHost(host: string | undefined): boolean {
  if (host === undefined || host === properHost) return true;
  if (!/^[\w.:[\]-]+$/.test(host) || !URL.canParse(`http://${host}`)) return false;
  properHost = host;
  return true;
}

/** What a request asks for, and the headers of whoever was signed in. */
export interface Asked {
  readonly target: RequestTarget;
  readonly params: Record<string, string>;
  readonly principal: Readonly<Record<string, string>>;
}

export function toRpcHttp(
  request: IncomingMessage,
  { target, params, principal }: Asked,
  body: Buffer | undefined,
  ownHost: string,
): RpcHttp {
  const { path, query } = target;
  const host = request.headers.host ?? ownHost;
  return {
    method: request.method ?? 'GET',
    url: `http://${host}${path}${target.search.replaceAll('#', '%23')}`,
    headers: withPrincipal(joinedHeaders(request), principal),
    query: parseQuery(query),
    params,
    ...(body === undefined ? undefined : { body: { bytes: body } satisfies TypedData }),
  };
}

/** By name in lower case, read as UTF-8; values of a repeated name with a comma between them, whatever the name. */
function joinedHeaders({ headers, rawHeaders }: IncomingMessage): Record<string, string> {
  const isPlain =
    2 * Object.keys(headers).length === rawHeaders.length && !rawHeaders.some((text) => NOT_ASCII.test(text));
  if (isPlain && headers['set-cookie'] === undefined) return headers as Record<string, string>;
  const joined = new Map<string, string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = Buffer.from(rawHeaders[index + 1] ?? '', 'latin1').toString('utf8');
    const earlier = joined.get(name);
    joined.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return Object.fromEntries(joined);
}

const NOT_ASCII = /[\x80-\xff]/;
