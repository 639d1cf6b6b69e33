// JSON over node:http, within bounds, with errors in the words of the service.
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Answer {
  readonly status: number;
  /** Undefined: an empty body. */
  readonly body?: unknown;
}

export type RequestBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'notJson'; readonly problem: string }
  | { readonly kind: 'tooLarge' }
  /** The client went away before its body was complete. */
  | { readonly kind: 'gone' };

/** The limit of a publish request and of an event. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Reads the whole body; of one that is too large only the first part is kept. */
export function readJson(request: IncomingMessage): Promise<RequestBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    });
    request.on('end', () => resolve(bytes > MAX_BODY_BYTES ? { kind: 'tooLarge' } : parse(chunks)));
    request.on('close', () => resolve({ kind: 'gone' }));
  });
}

/** Sends the answer, unless the client has gone. */
export function sendJson(response: ServerResponse, { status, body }: Answer): void {
  if (response.destroyed) return;
  const payload = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, {
    ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    'content-length': Buffer.byteLength(payload),
  });
  response.end(payload);
}

/** The service's error body: the code twice, once with a detail code. */
export function serviceError(status: number, code: string, message: string, detailCode = code): Answer {
  return { status, body: { error: { code, message, details: [{ code: detailCode, message }] } } };
}

function parse(chunks: readonly Buffer[]): RequestBody {
  const [only] = chunks;
  const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
  try {
    return { kind: 'json', value: JSON.parse(bytes.toString('utf8')) };
  } catch (error) {
    return { kind: 'notJson', problem: (error as Error).message };
  }
}
