// Reader of the body of an HTTP request within bounds, for every listener of the platform. It must not know what is in
// the body.
//
// read-body.B1  Of a body over the limit nothing is kept. The caller can answer at once, a declared length before it is
//   sent; what still comes is thrown away, so that a client that sends first and reads then gets its answer.
// read-body.B2  It is thrown away for so long and no longer: then the connection ends.
import type { IncomingMessage } from 'node:http';

export type RequestBody =
  | { readonly kind: 'whole'; readonly content: Buffer; readonly byteLength: number }
  /** `byteLength` is what was declared, or what had come when it was too much. */
  | { readonly kind: 'tooLarge'; readonly byteLength: number }
  /** The client went away before its body was complete: there is no client to answer. */
  | { readonly kind: 'gone' };

/** What the Functions host takes, extensions included: FUNCTIONS_REQUEST_BODY_SIZE_LIMIT where it is not set. */
export const HOST_BODY_BYTES_AT_MOST = 104_857_600;

/** As long as Kestrel drains an unread body. */
const DISCARD_WITHIN_MS = 5_000;

const EMPTY: RequestBody = { kind: 'whole', content: Buffer.alloc(0), byteLength: 0 };

/** Reads the body, declared or in chunks, empty when there is none. Never rejects. */
export function readBody(request: IncomingMessage, bytesAtMost: number): Promise<RequestBody> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > bytesAtMost) {
    discard(request);
    return Promise.resolve({ kind: 'tooLarge', byteLength: declared });
  }
  if (declared === 0 && request.headers['transfer-encoding'] === undefined) return Promise.resolve(EMPTY);
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let byteLength = 0;
    request.on('data', (chunk: Buffer) => {
      if (byteLength > bytesAtMost) return;
      byteLength += chunk.length;
      if (byteLength <= bytesAtMost) {
        chunks.push(chunk);
        return;
      }
      chunks = [];
      discard(request);
      resolve({ kind: 'tooLarge', byteLength });
    });
    request.once('end', () => resolve({ kind: 'whole', content: joined(chunks), byteLength }));
    request.once('close', () => resolve({ kind: 'gone' }));
  });
}

function joined(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}

/** Lets the rest of a request pass by (read-body.B2). */
function discard(request: IncomingMessage): void {
  const deadline = setTimeout(() => request.destroy(), DISCARD_WITHIN_MS).unref();
  request.once('close', () => clearTimeout(deadline));
  request.resume();
}
