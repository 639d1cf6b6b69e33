// Reads the body of an HTTP request as JSON, within bounds. What is wrong with one is said in words by whoever serves it.
import type { IncomingMessage } from 'node:http';

export type RequestBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'notJson'; readonly problem: string }
  | { readonly kind: 'tooLarge' }
  /** The client went away before its body was complete. */
  | { readonly kind: 'gone' };

/** Reads the whole body; of one with more than `maxBytes` only the first part is kept. */
export function readJson(request: IncomingMessage, maxBytes: number): Promise<RequestBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
    });
    request.on('end', () => resolve(bytes > maxBytes ? { kind: 'tooLarge' } : parse(chunks)));
    request.on('close', () => resolve({ kind: 'gone' }));
  });
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
