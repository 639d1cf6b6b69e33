// JSON over node:http, with errors in the words of the service.
import type { ServerResponse } from 'node:http';

export interface Answer {
  readonly status: number;
  /** Undefined: an empty body. */
  readonly body?: unknown;
}

/** The limit of a publish request and of an event. */
export const MAX_BODY_BYTES = 1024 * 1024;

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

export const TOO_LARGE = serviceError(
  413,
  'RequestEntityTooLarge',
  `The maximum size (${MAX_BODY_BYTES}) of a request has been exceeded. Send the events in smaller batches.`,
);
