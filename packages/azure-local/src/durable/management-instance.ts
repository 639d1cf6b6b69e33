// Routes for `instances/{id}…` of the management API: status, events, terminate, suspend, resume, purge of one
// instance.
import {
  purgeInstance,
  raiseEvent,
  restart,
  resume,
  rewind,
  suspend,
  terminate,
  type SendOutcome,
} from './client';
import { compactJson, invalidJson, mediaType, requestOrigin, type Call } from './management-call';
import { alreadyRuns, links } from './management-start';
import { empty, json, message, type Reply } from './reply';
import { statusJson } from './status-view';

const STATUS_RETRY_AFTER_S = '5';

/** Recorded: an unknown operation or method is a 404, never a 405. */
export function handleInstance(call: Call, id: string): Promise<Reply> | Reply {
  const [, , operation, eventName, ...rest] = call.segments;
  const isEvent = operation?.toLowerCase() === 'raiseevent';
  if (rest.length > 0 || isEvent !== (eventName !== undefined)) return empty(404);
  if (operation === undefined) {
    if (call.method === 'GET') return status(call, id);
    return call.method === 'DELETE' ? purge(call, id) : empty(404);
  }
  if (call.method !== 'POST') return empty(404);
  const reason = call.url.searchParams.get('reason');
  switch (operation.toLowerCase()) {
    case 'raiseevent':
      return raise(call, id, eventName ?? '');
    case 'terminate':
      return sent(terminate(call.engine, id, reason), 'terminate', id);
    case 'suspend':
      return sent(suspend(call.engine, id, reason), 'suspend', id);
    case 'resume':
      return sent(resume(call.engine, id, reason), 'resume', id);
    case 'rewind':
      return rewindInstance(call, id, reason);
    case 'restart':
      return restartInstance(call, id);
    default:
      return empty(404);
  }
}

async function status(call: Call, id: string): Promise<Reply> {
  const row = await call.engine.store.status(id);
  if (row === undefined) return empty(404);
  const query = call.url.searchParams;
  const history = isTrue(query.get('showHistory')) ? await call.engine.store.history(row.key) : undefined;
  const body = statusJson(row, {
    showInput: query.get('showInput')?.toLowerCase() !== 'false',
    ...(history === undefined ? undefined : { history }),
    showHistoryOutput: isTrue(query.get('showHistoryOutput')),
  });
  if (row.ended === 1) {
    const asError = row.status === 'Failed' && isTrue(query.get('returnInternalServerErrorOnFailure'));
    return { status: asError ? 500 : 200, body };
  }
  const location = `${requestOrigin(call)}${call.url.pathname}${call.url.search}`;
  return { status: 202, body, headers: { Location: location, 'Retry-After': STATUS_RETRY_AFTER_S } };
}

const isTrue = (value: string | null): boolean => value?.toLowerCase() === 'true';

async function raise(call: Call, id: string, eventName: string): Promise<Reply> {
  const { body } = call;
  if (mediaType(call.request) !== 'application/json') {
    return message(400, 'Only application/json request content is supported');
  }
  const input = compactJson(body);
  if (input === undefined) return invalidJson(body);
  return sent(raiseEvent(call.engine, id, eventName, input), 'raise an event to', id);
}

async function sent(sending: Promise<SendOutcome>, what: string, id: string): Promise<Reply> {
  const outcome = await sending;
  switch (outcome.kind) {
    case 'accepted':
      return empty(202);
    case 'notFound':
      return empty(404);
    case 'ended':
      return empty(410);
    case 'wrongStatus':
      return message(
        500,
        'Something went wrong while processing your request',
        `Cannot ${what} the orchestration instance ${id} because instance is in the ${outcome.status} state.`,
      );
  }
}

async function purge({ engine }: Call, id: string): Promise<Reply> {
  const outcome = await purgeInstance(engine, id);
  switch (outcome.kind) {
    case 'purged':
      return json(200, { instancesDeleted: 1 });
    case 'notFound':
      return empty(404);
    case 'running':
      return json(
        412,
        `Only orchestrations in a terminal state can be purged, but the orchestration with instance ID ${id} has status ${outcome.status}`,
      );
  }
}

async function rewindInstance({ engine }: Call, id: string, reason: string | null): Promise<Reply> {
  const outcome = await rewind(engine, id, reason);
  switch (outcome.kind) {
    case 'accepted':
      return empty(202);
    case 'notFound':
      return json(404, `No orchestration with instance ID "$${id}" found.`);
    case 'notFailed':
      return json(
        412,
        `This orchestration has status ${outcome.status}, but only orchestrations in the "Failed" state can be rewound.`,
      );
    case 'refused':
      return message(501, outcome.why);
  }
}

async function restartInstance(call: Call, id: string): Promise<Reply> {
  const hasNewId = call.url.searchParams.get('restartWithNewInstanceId')?.toLowerCase() !== 'false';
  const outcome = await restart(call.engine, id, hasNewId);
  switch (outcome.kind) {
    case 'started':
      return links(call, outcome.id);
    case 'running':
      return alreadyRuns(outcome.status);
    case 'notFound': {
      const why = `No instance with ID '${id}' was found. (Parameter 'instanceId')`;
      return message(400, 'InstanceId does not match a valid orchestration instance.', why);
    }
  }
}
