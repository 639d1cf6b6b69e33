// Router of the management HTTP API under /runtime/webhooks/durabletask: paths, keys and status codes as recorded on
// the platform. The operations are those of client.ts; status-view.ts renders a status.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { accessTo, givenKey, REFUSALS, type HostKeys } from '../kit/host-keys';
import { HOST_BODY_BYTES_AT_MOST, readBody } from '../kit/read-body';
import { StorageError } from '../storage/storage-error';
import type { DurableHub } from './hub';
import type { Call } from './management-call';
import { handleEntities } from './management-entities';
import { handleInstance } from './management-instance';
import { listInstances, purgeByFilter } from './management-list';
import { handleStart } from './management-start';
import { CONNECTION_NAME, MANAGEMENT_PATH, RPC_SEGMENT } from './management-urls';
import { empty, message, type Reply } from './reply';

/** Answers one request; resolves when the answer is on its way. */
export type ManagementApi = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

export interface ManagementApiOptions {
  /** When given, every call must carry the key `durable` or the master key (the SDK's own calls: in `rpcBaseUrl`). */
  readonly keys?: HostKeys;
}

/** The handler for everything under `MANAGEMENT_PATH`. */
export function createManagementApi(engine: DurableHub, options: ManagementApiOptions = {}): ManagementApi {
  return async (request, response, url) => {
    let answer: Reply;
    try {
      answer = await route(engine, request, url, options.keys);
    } catch (error) {
      answer =
        error instanceof StorageError
          ? message(503, 'The task hub cannot be written.', error.message)
          : message(500, 'Something went wrong while processing your request', String(error));
    }
    response.writeHead(answer.status, {
      ...(answer.body === undefined ? undefined : { 'Content-Type': 'application/json; charset=utf-8' }),
      'Content-Length': Buffer.byteLength(answer.body ?? ''),
      ...answer.headers,
    });
    response.end(answer.body);
  };
}

async function route(
  engine: DurableHub,
  request: IncomingMessage,
  url: URL,
  keys: HostKeys | undefined,
): Promise<Reply> {
  const encoded = url.pathname
    .slice(MANAGEMENT_PATH.length)
    .split('/')
    .filter((part) => part !== '');
  const isRpc = encoded[0] === RPC_SEGMENT && keys !== undefined;
  const key = isRpc ? encoded[1] : givenKey(request, url.search.slice(1));
  const access = accessTo(keys, 'durable', key);
  if (access !== 'granted') return empty(REFUSALS[access].status, REFUSALS[access].headers);
  if (!engine.isRunning) {
    return message(
      503,
      'The durable engine is not running: the host is starting or shutting down. Try again.',
    );
  }
  const segments = (isRpc ? encoded.slice(2) : encoded).map(decodeSegment);
  // Kestrel refuses such a request target, and SQLite would read an id only up to there.
  if (segments.some((segment) => segment.includes('\0'))) return empty(400);
  const hub = url.searchParams.get('taskHub');
  if (hub !== null && hub.toLowerCase() !== engine.hubName.toLowerCase()) return empty(404);
  const connection = url.searchParams.get('connection');
  if (connection !== null && connection !== CONNECTION_NAME) {
    const why = `Unable to resolve the Azure Storage connection named '${connection}'.`;
    return message(500, 'Something went wrong while processing your request', why);
  }
  const method = request.method ?? 'GET';
  const call = { engine, request, url, method, body: '', segments, systemKey: keys?.durable };
  return method === 'GET' ? dispatch(call) : withBody(call);
}

async function withBody(call: Call): Promise<Reply> {
  const body = await readBody(call.request, HOST_BODY_BYTES_AT_MOST);
  switch (body.kind) {
    case 'whole':
      return dispatch({ ...call, body: body.content.toString('utf8') });
    case 'tooLarge':
      return message(413, `The request body is over the limit of ${HOST_BODY_BYTES_AT_MOST} bytes.`);
    case 'gone':
      return empty(400);
  }
}

/** A malformed escape stands for itself, as Kestrel reads it. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function dispatch(call: Call): Promise<Reply> | Reply {
  const [collection, id] = call.segments;
  switch (collection?.toLowerCase()) {
    case 'orchestrators':
      return call.method === 'POST' ? handleStart(call) : empty(404);
    case 'instances':
      if (id !== undefined) return handleInstance(call, id);
      if (call.method === 'GET') return listInstances(call);
      return call.method === 'DELETE' ? purgeByFilter(call) : empty(404);
    case 'entities':
      return handleEntities(call);
    default:
      return empty(404);
  }
}
