// JSON over node:http: reads a body within bounds, writes an answer.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readJson } from 'azure-local/kit/read-json';
import { refused, type Answer } from './operation';

/** An order of 1,000 lines with long names stays well below. */
const MAX_BODY_BYTES = 5 * 1024 * 1024;

export type JsonBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly answer: Answer }
  /** The client went away before its body was complete. */
  | { readonly kind: 'gone' };

const TOO_LARGE = refused(413, 'BODY_TOO_LARGE', `A body may have ${MAX_BODY_BYTES} bytes.`);

/** Reads the body of a call, and has the answer to one that cannot be read. */
export async function readBody(request: IncomingMessage): Promise<JsonBody> {
  const body = await readJson(request, MAX_BODY_BYTES);
  if (body.kind === 'tooLarge') return { kind: 'refused', answer: TOO_LARGE };
  if (body.kind !== 'notJson') return body;
  const message = `The body is not valid JSON: ${body.problem}`;
  return { kind: 'refused', answer: refused(400, 'INVALID_JSON', message) };
}

/** Sends the answer, unless the client has gone. */
export function sendJson(response: ServerResponse, { status, body, headers }: Answer): void {
  if (response.destroyed) return;
  const payload = JSON.stringify(body);
  const bytes = Buffer.byteLength(payload);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes, ...headers });
  // What is ASCII is the same in Latin-1, which needs no encoding.
  response.end(payload, bytes === payload.length ? 'latin1' : 'utf8');
}
