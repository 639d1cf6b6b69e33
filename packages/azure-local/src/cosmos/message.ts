// Types of a request and an answer as the routes use them, and their conversion from and to node:http.
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Container } from './container';
import { isDatabaseRid } from './identifiers';
import { CosmosError } from './protocol/errors';

/** What the URL addresses: `/dbs/a/colls/b/docs/c`, taken apart. */
export interface Resource {
  /** Alternately a kind and an id, decoded; the last id is missing when a feed is addressed. */
  readonly segments: readonly string[];
  /** The last kind, and the link that is signed together with it. */
  readonly type: string;
  readonly link: string;
  /** The link that is signed instead when the path has resource ids: the last of them, in lower case. */
  readonly ridLink: string | undefined;
}

export interface CosmosRequest {
  readonly method: string;
  readonly resource: Resource;
  readonly headers: IncomingHttpHeaders;
  /** The body as text, and as it came. */
  readonly body: string;
  readonly bytes: Buffer;
}

export interface Reply {
  readonly status: number;
  /** JSON text, or bytes in another form. */
  readonly body?: string | Buffer;
  readonly charge?: number;
  /** The container whose session the answer belongs to. */
  readonly container?: Container;
  /** How far the replica has come that answers; absent: to the end. */
  readonly asOfLsn?: number;
  /** Further headers, name and value in turn. */
  readonly headers?: readonly string[];
}

const decode = (segment: string): string => (segment.includes('%') ? decodeURIComponent(segment) : segment);

export function parseResource(url: string): Resource {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  let segments: string[];
  try {
    segments = path
      .split('/')
      .map(decode)
      .filter((segment) => segment !== '');
  } catch {
    throw new CosmosError(400, `The path ${path} is not a valid URL path.`);
  }
  const feed = segments.length % 2 === 1;
  const owner = feed ? segments.slice(0, -1) : segments;
  return {
    segments,
    type: segments.at(feed ? -1 : -2)?.toLowerCase() ?? '',
    link: owner.join('/'),
    ridLink: isDatabaseRid(segments[1]) ? owner.at(-1)?.toLowerCase() : undefined,
  };
}

/** A header that is sent once, or undefined. */
export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

export const isTrue = (value: string | undefined): boolean => value?.toLowerCase() === 'true';

export function errorReply(error: CosmosError, activityId: string): Reply {
  const substatus = error.substatus === undefined ? [] : ['x-ms-substatus', String(error.substatus)];
  return {
    status: error.status,
    body: JSON.stringify({ code: error.code, message: `${error.message}\r\nActivityId: ${activityId}` }),
    headers: [...substatus, ...error.headers],
  };
}

export const newActivityId = (): string => randomUUID();

/** What ties an answer to the session of its container; refusals about documents have it too. */
export function sessionHeaders(container: Container, lsn = container.documents.lsn): readonly string[] {
  return [
    'x-ms-session-token',
    `0:-1#${lsn}`,
    'x-ms-alt-content-path',
    container.path,
    'x-ms-content-path',
    container.rid,
  ];
}

const contentType = (body: string | Buffer): string =>
  typeof body === 'string' ? 'application/json' : 'application/octet-stream';

/** Writes the answer with the headers every answer has; gives the number of bytes in its body. */
export function send(response: ServerResponse, reply: Reply, activityId: string): number {
  const { status, body, container, asOfLsn, charge = 0, headers } = reply;
  const bytes = body === undefined ? 0 : Buffer.byteLength(body);
  const all = body === undefined ? [] : ['content-type', contentType(body)];
  if (status !== 204 && status !== 304) all.push('content-length', String(bytes));
  all.push(
    'x-ms-activity-id',
    activityId,
    'x-ms-request-charge',
    String(charge),
    'x-ms-version',
    '2020-07-15',
  );
  if (container !== undefined) all.push(...sessionHeaders(container, asOfLsn));
  if (headers !== undefined) all.push(...headers);
  response.writeHead(status, all);
  // What is ASCII is the same in Latin-1, which needs no encoding.
  response.end(body, bytes === body?.length ? 'latin1' : 'utf8');
  return bytes;
}
