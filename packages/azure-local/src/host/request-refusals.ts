// Checks of a request that Kestrel refuses before any app is asked and Node.js' parser lets through; as recorded. They
// must not know routes.
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';

/** An empty answer. */
export interface Refusal {
  readonly status: number;
  readonly headers?: Record<string, string>;
}

/** Kestrel's limits: a request line of 8 KB, 100 headers. (Headers of 32 KB in all are Node.js' to count.) */
const MAX_REQUEST_LINE_BYTES = 8_192;
const MAX_HEADERS = 100;
/** Of `GET  HTTP/1.1` what is neither method nor target. */
const REQUEST_LINE_REST = 11;

const CLOSE = { Connection: 'close' };
const BAD_REQUEST: Refusal = { status: 400 };

/** Undefined for a request that an app may be asked. */
export function refusalOf(request: IncomingMessage): Refusal | undefined {
  const { method = '', url = '', headers, rawHeaders, httpVersion } = request;
  if (method.length + url.length + REQUEST_LINE_REST > MAX_REQUEST_LINE_BYTES)
    return { status: 414, headers: CLOSE };
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return refusedVersion(httpVersion);
  if (httpVersion === '1.1' && headers.host === undefined) return { status: 400, headers: CLOSE };
  if (rawHeaders.length > 2 * MAX_HEADERS) return { status: 431, headers: CLOSE };
  if (url === '*')
    return method === 'OPTIONS' ? { status: 404 } : { status: 405, headers: { Allow: 'OPTIONS' } };
  if (/^[^?]*%00/.test(url)) return BAD_REQUEST;
  return areProper(rawHeaders) && isOwnAuthority(url, headers.host) ? undefined : BAD_REQUEST;
}

/** HTTP/0.9 has no version in its line, so that Kestrel finds the line malformed. */
const refusedVersion = (version: string): Refusal => ({
  status: version === '0.9' ? 400 : 505,
  headers: CLOSE,
});

/** Values are UTF-8, and there is one Host. */
function areProper(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (const [index, text] of rawHeaders.entries()) {
    if (index % 2 === 0 && text.length === 4 && text.toLowerCase() === 'host') hosts += 1;
    if (/[\x80-\xff]/.test(text) && !isUtf8(Buffer.from(text, 'latin1'))) return false;
  }
  return hosts <= 1;
}

/** A target in absolute form names the same authority as the header `Host`; the default port may be left out. */
function isOwnAuthority(target: string, host: string | undefined): boolean {
  const [, authority] = /^https?:\/\/(?:[^/?#@]*@)?([^/?#]*)/i.exec(target) ?? [];
  return authority === undefined || host === undefined || withoutPort(authority) === withoutPort(host);
}

const withoutPort = (authority: string): string => authority.replace(/:(80|443)$/, '');
