// Shared parts of every HTTP route: decoding of bodies, pages of lists, and the one mapping from errors to problem documents
// (RFC 9457).
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { z } from 'zod';
import { ERROR_CODES, TransientError, isHttpErrorCode, type HttpErrorCode } from '../errors';
import { correlationIdFrom } from '../telemetry/trace-context';
import { positionIn } from '../queries/cursor';
import { API_HEADERS } from './answer-headers';
import { cursorProblem } from './routes/cursor';
import type { Answer, Exchange } from './routes/route';
import { jsonFault, validate, type FieldError } from '../validation';

/** An answer that is not the one asked for; `endpoint` turns it into a problem document. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  constructor(
    readonly code: HttpErrorCode,
    readonly detail: string,
    readonly errors?: readonly FieldError[],
    readonly headers?: Readonly<Record<string, string>>,
  ) {
    super(detail);
  }
}

/** What a request body may have on a route that says nothing else: a reason, a filter, a list of numbers. */
const BODY_BYTES_AT_MOST = 64_000;

/** Wraps a handler: correlation id in and out, security headers, every error as a problem document. */
export function endpoint(
  handler: (exchange: Exchange) => Promise<Answer>,
  base = '/api',
): (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit> {
  return async (request, context) => {
    const correlationId = correlationIdFrom(request.headers.get('x-correlation-id'));
    // Awaited in an async function, so that what a handler throws before its first await is a problem document too.
    const answer = async (): Promise<Answer> => handler({ request, context, correlationId, base });
    const response = await answer().catch((error: unknown) => toProblem(error, correlationId, context));
    return {
      ...response,
      headers: { ...API_HEADERS, ...response.headers, 'X-Correlation-Id': correlationId },
    };
  };
}

function toProblem(error: unknown, correlationId: string, context: InvocationContext): Answer {
  if (error instanceof HttpProblem) {
    const response = problem(error.code, error.detail, correlationId, error.errors);
    return { ...response, headers: { ...response.headers, ...error.headers } };
  }
  if (error instanceof TransientError) {
    const retryAfterS = Math.max(1, Math.ceil((error.details.retryAfterMs ?? 1_000) / 1_000));
    const code = isHttpErrorCode(error.code) ? error.code : 'STORE_UNAVAILABLE';
    const response = problem(code, error.details.shown ?? ERROR_CODES[code].meaning, correlationId);
    return { ...response, headers: { ...response.headers, 'Retry-After': String(retryAfterS) } };
  }
  context.error(error);
  return problem('INTERNAL_ERROR', 'Something went wrong here', correlationId);
}

function problem(
  code: HttpErrorCode,
  detail: string,
  correlationId: string,
  errors?: readonly FieldError[],
): Answer {
  const { status, meaning } = ERROR_CODES[code];
  return {
    status,
    headers: { 'Content-Type': 'application/problem+json' },
    body: JSON.stringify({
      type: `urn:order-saga:error:${code}`,
      title: meaning,
      status,
      code,
      detail,
      correlationId,
      ...(errors === undefined ? {} : { errors }),
    }),
  };
}

/**
 * The decoded JSON body. Refuses another media type, charset or content encoding, a body that is too large, and text that
 * is not JSON.
 */
export async function jsonBody(request: HttpRequest, bytesAtMost = BODY_BYTES_AT_MOST): Promise<unknown> {
  checkMediaType(request.headers.get('content-type') ?? '');
  checkEncoding(request.headers.get('content-encoding') ?? '');
  if (Number(request.headers.get('content-length') ?? 0) > bytesAtMost) throw tooLarge(bytesAtMost);
  const bytes = Buffer.from(await request.arrayBuffer());
  if (bytes.byteLength > bytesAtMost) throw tooLarge(bytesAtMost);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    throw new HttpProblem('MALFORMED_JSON', `The body is not JSON: ${jsonFault(error)}`);
  }
}

function checkMediaType(contentType: string): void {
  const [mediaType = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  if (mediaType !== 'application/json') {
    const given = mediaType === '' ? 'no media type' : mediaType;
    throw new HttpProblem('UNSUPPORTED_MEDIA_TYPE', `The body has ${given}, not application/json`);
  }
  const charset = parameters.map((part) => /^charset="?([^"]*)"?$/.exec(part)?.[1]).find((name) => name);
  if (charset === undefined || ['utf-8', 'utf8', 'us-ascii'].includes(charset)) return;
  throw new HttpProblem('UNSUPPORTED_MEDIA_TYPE', `The body has the charset ${charset}; send it in utf-8`);
}

/** `Accept-Encoding` tells a client that the encoding, not the media type, was refused (RFC 9110, 12.5.3). */
function checkEncoding(contentEncoding: string): void {
  const encodings = contentEncoding.split(',').map((name) => name.trim().toLowerCase());
  const other = encodings.filter((name) => name !== '' && name !== 'identity');
  if (other.length === 0) return;
  throw new HttpProblem(
    'UNSUPPORTED_MEDIA_TYPE',
    `The body has the content encoding ${other.join(', ')}; send it without one`,
    undefined,
    { 'Accept-Encoding': 'identity' },
  );
}

function tooLarge(bytesAtMost: number): HttpProblem {
  return new HttpProblem('ORDER_TOO_LARGE', `The body has more than ${bytesAtMost} bytes`);
}

/** The place that the parameter `cursor` names in the list that `query` selects; undefined for the first page. */
export function cursorPosition<T>(
  query: unknown,
  cursor: string | undefined,
  schema: z.ZodType<T>,
): T | undefined {
  if (cursor === undefined) return undefined;
  const position = positionIn(query, cursor, schema);
  if (position === undefined) throw invalid([cursorProblem]);
  return position;
}

/** The header that leads to the next page of what was asked for with `url`. */
export function nextPage(path: string, url: string, cursor: string): { readonly Link: string } {
  const query = new URL(url).searchParams;
  query.set('cursor', cursor);
  return { Link: `<${path}?${query.toString()}>; rel="next"` };
}

/** `input` as `schema` has it, or a problem that names every field that is wrong. */
export function valid<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = validate(schema, input);
  if (parsed.kind === 'valid') return parsed.value;
  throw invalid(parsed.errors);
}

export function invalid(errors: readonly FieldError[]): HttpProblem {
  const paths = errors.map(({ path }) => (path === '' ? '(body)' : path));
  return new HttpProblem(
    'VALIDATION_FAILED',
    `Not valid: ${paths.slice(0, 10).join(', ')}`,
    errors.slice(0, 100),
  );
}
