// JSON over node:http: reads a body within bounds, writes an answer.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { refused, type Answer } from './operation';

/** An order of 1,000 lines with long names stays well below. */
const MAX_BODY_BYTES = 5 * 1024 * 1024;

export type JsonBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly answer: Answer }
  /** The client went away before its body was complete. */
  | { readonly kind: 'gone' };

const TOO_LARGE = refused(413, 'BODY_TOO_LARGE', `A body may have ${MAX_BODY_BYTES} bytes.`);

/** Reads the whole body; of one that is too large only the first part is kept. */
export function readJson(request: IncomingMessage): Promise<JsonBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    });
    request.on('end', () =>
      resolve(bytes > MAX_BODY_BYTES ? { kind: 'refused', answer: TOO_LARGE } : parse(chunks)),
    );
    request.on('close', () => resolve({ kind: 'gone' }));
  });
}

/** Sends the answer, unless the client has gone. */
export function sendJson(response: ServerResponse, { status, body, headers }: Answer): void {
  if (response.destroyed) return;
  const payload = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(payload),
    ...headers,
  });
  response.end(payload);
}

function parse(chunks: readonly Buffer[]): JsonBody {
  const [only] = chunks;
  const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
  try {
    return { kind: 'json', value: JSON.parse(bytes.toString('utf8')) };
  } catch (error) {
    const message = `The body is not valid JSON: ${(error as Error).message}`;
    return { kind: 'refused', answer: refused(400, 'INVALID_JSON', message) };
  }
}
