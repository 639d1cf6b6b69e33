// Writer of the RpcHttp answer of an invocation to a node:http response, cookies in ASP.NET's form. The body comes as
// one piece: without HTTP streaming the SDK has read it to its end.
import type { OutgoingHttpHeader, ServerResponse } from 'node:http';
import type { RpcCookie, RpcHttp, TypedData } from './core-types';

/** Framing is the server's: what an app says about it would break the connection. */
const FRAMING = new Set(['content-length', 'transfer-encoding', 'connection', 'keep-alive']);
const ONE_WRITE_BYTES = 16_384;
const WITHOUT_BODY = new Set([204, 304]);

/** Answers; undefined is the 204 of a handler that returned nothing. Throws what node:http finds unfit to send. */
export function writeRpcHttp(response: ServerResponse, answer: RpcHttp | undefined): void {
  if (answer === undefined) {
    response.writeHead(204).end();
    return;
  }
  const headers: OutgoingHttpHeader[] = [];
  for (const [name, value] of Object.entries(answer.headers ?? {})) {
    if (!FRAMING.has(name)) headers.push(name, value);
  }
  if (answer.cookies !== undefined && answer.cookies.length > 0) {
    headers.push('Set-Cookie', answer.cookies.map(formatCookie));
  }
  const status = Number(answer.statusCode ?? '200');
  if (WITHOUT_BODY.has(status)) {
    response.writeHead(status, headers).end();
    return;
  }
  const body = bodyOf(answer.body);
  if (response.req.method !== 'HEAD') headers.push('Content-Length', body.length);
  response.writeHead(status, headers);
  // A text of bytes goes out in one write with the headers; a buffer takes a second one.
  if (body.length <= ONE_WRITE_BYTES) response.end(body.toString('latin1'), 'latin1');
  else response.end(body);
}

/** An answer without a body, such as 404 and the 500 of a handler that threw. */
export function writeEmpty(response: ServerResponse, status: number, headers?: Record<string, string>): void {
  response.writeHead(status, { 'Content-Length': 0, ...headers }).end();
}

export function writeText(response: ServerResponse, status: number, contentType: string, text: string): void {
  response
    .writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(text) })
    .end(text);
}

export function formatCookie(cookie: RpcCookie): string {
  const parts = [`${cookie.name}=${escapeData(cookie.value)}`];
  if (cookie.expires !== undefined) {
    parts.push(`expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`);
  }
  if (cookie.maxAge !== undefined) parts.push(`max-age=${Math.trunc(cookie.maxAge.value)}`);
  if (cookie.domain !== undefined) parts.push(`domain=${cookie.domain.value}`);
  parts.push(`path=${cookie.path?.value ?? '/'}`);
  if (cookie.secure?.value === true) parts.push('secure');
  const sameSite = cookie.sameSite ?? 'none';
  if (sameSite !== 'none') parts.push(`samesite=${sameSite === 'explicitNone' ? 'none' : sameSite}`);
  if (cookie.httpOnly?.value === true) parts.push('httponly');
  return parts.join('; ');
}

/** .NET's Uri.EscapeDataString, which escapes five characters more than encodeURIComponent. */
function escapeData(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function bodyOf(data: TypedData | null | undefined): Buffer {
  const bytes = data?.bytes;
  if (bytes !== undefined) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Buffer.from(data?.string ?? data?.json ?? '');
}
