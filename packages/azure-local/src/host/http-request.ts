// Turns a node:http request into the RpcHttp form that the SDK's HttpRequest is made of. It must not know routes.
import type { IncomingMessage } from 'node:http';
import type { RpcHttp, TypedData } from './core-types';
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

export function toRpcHttp(
  request: IncomingMessage,
  target: RequestTarget,
  params: Record<string, string>,
  body: Buffer | undefined,
  ownHost: string,
): RpcHttp {
  const { path, query } = target;
  const host = request.headers.host ?? ownHost;
  return {
    method: request.method ?? 'GET',
    url: query === '' ? `http://${host}${path}` : `http://${host}${path}?${query}`,
    headers: joinedHeaders(request),
    query: parseQuery(query),
    params,
    ...(body === undefined ? undefined : { body: { bytes: body } satisfies TypedData }),
  };
}

function joinedHeaders(request: IncomingMessage): Record<string, string> {
  const headers = request.headers;
  if (headers['set-cookie'] === undefined) return headers as Record<string, string>;
  return { ...(headers as Record<string, string>), 'set-cookie': headers['set-cookie'].join(',') };
}
