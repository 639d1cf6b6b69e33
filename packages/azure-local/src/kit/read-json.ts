// Reader of the body of an HTTP request as JSON, within bounds. Each server words its own errors.
import type { IncomingMessage } from 'node:http';
import { readBody, type RequestBody } from './read-body';

export type JsonBody =
  | { readonly kind: 'json'; readonly value: unknown; readonly text: string }
  | { readonly kind: 'notJson'; readonly problem: string }
  | Exclude<RequestBody, { kind: 'whole' }>;

/** Reads a body of at most `bytesAtMost`, as readBody does, and parses it. Never rejects. */
export async function readJson(request: IncomingMessage, bytesAtMost: number): Promise<JsonBody> {
  const body = await readBody(request, bytesAtMost);
  if (body.kind !== 'whole') return body;
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.trim().toLowerCase() !== 'identity')
    return { kind: 'notJson', problem: `it has the content encoding ${encoding}; send it without one` };
  try {
    const text = body.content.toString('utf8');
    return { kind: 'json', value: JSON.parse(text), text };
  } catch (error) {
    return { kind: 'notJson', problem: (error as Error).message };
  }
}
