// One call of the management API: its path and query taken apart, and the reader of its body.
import type { IncomingMessage } from 'node:http';
import type { DurableHub } from './hub';
import { message, type Reply } from './reply';

/** One call, its path taken apart. */
export interface Call {
  readonly engine: DurableHub;
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly method: string;
  /** As text; empty for a GET. */
  readonly body: string;
  /** Path segments after the mount, decoded. */
  readonly segments: readonly string[];
  readonly systemKey: string | undefined;
}

/** Scheme, host and port as the caller wrote them. */
export const requestOrigin = ({ request, url }: Call): string =>
  request.headers.host === undefined ? url.origin : `http://${request.headers.host}`;

/** The media type of the body, lower case, without parameters; empty when not given. */
export const mediaType = (request: IncomingMessage): string =>
  (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

/** The same JSON without insignificant space, or undefined when it is none. */
export function compactJson(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The extension's answer to a body that is not JSON. */
export const invalidJson = (body: string): Reply =>
  message(
    400,
    'Invalid JSON content',
    body === '' ? 'The body is empty.' : `The body is not JSON: ${body.slice(0, 80)}`,
  );
