// Check of the headers `Host` and `Origin` of a request, for every HTTP listener of the platform. It refuses what a web page
// on another site makes the developer's browser send. Programs on this machine (SDKs, curl) pass: they ask under a loopback
// name and send no `Origin`.
//
// foreign-requests.F1  `Host` names loopback. Else a page whose own name has been pointed at 127.0.0.1 (DNS rebinding)
//   would count as the same origin, and read every answer.
// foreign-requests.F2  A request that a page on another machine's site makes is refused before its body is read, also one
//   that needs no preflight. `Origin` says so; without it `Sec-Fetch-Site` does.
// foreign-requests.F3  A link to a page here may be followed from anywhere: a navigation by GET passes.
import type { IncomingMessage, ServerResponse } from 'node:http';

type AskedRequest = Pick<IncomingMessage, 'method' | 'headers'>;

/** Undefined for a request from this machine, else a sentence that says why it is refused. */
export function foreignRequest({ method, headers }: AskedRequest): string | undefined {
  const { host = '', origin } = headers;
  // A browser always names the host that it asks.
  if (host !== '' && !isLoopback(host))
    return `The Host header ${shown(host)} names another machine: ask under 127.0.0.1 or localhost; a tunnel has to rewrite it.`;
  if (origin !== undefined)
    return isLoopback(origin.replace(/^https?:\/\//i, ''))
      ? undefined
      : `A web page of ${shown(origin)} may not use what listens on this machine.`;
  return headers['sec-fetch-site'] === 'cross-site' && !isFollowedLink(method, headers)
    ? 'A web page of another site may not use what listens on this machine.'
    : undefined;
}

/** Answers a foreign request with a 403, and ends its connection; whether it did. */
export function refuseForeign(request: IncomingMessage, response: ServerResponse): boolean {
  const why = foreignRequest(request);
  if (why === undefined) return false;
  response.writeHead(403, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    Connection: 'close',
  });
  response.end(`${why}\n`);
  return true;
}

/**
 * A loopback name, with or without port. `localhost` and the names below it resolve to loopback in every browser (RFC 6761);
 * `null`, the origin of a sandboxed frame or a file, is none.
 */
const isLoopback = (authority: string): boolean =>
  /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d*)?$/i.test(authority);

/** In a window of its own: no image, no frame, no script of the page that links. */
const isFollowedLink = (method: string | undefined, headers: IncomingMessage['headers']): boolean =>
  method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';

const shown = (text: string): string => text.slice(0, 100);
