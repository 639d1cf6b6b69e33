// Routes for `entities…` of the management API: signal an entity, read its state, list entities.
import { signalEntity } from './client';
import { stateOf } from './entities';
import { entityId, entityOf } from './entity-messages';
import { compactJson, mediaType, type Call } from './management-call';
import { pageOf } from './management-list';
import { empty, message, type Reply } from './reply';
import type { InstanceRow } from './stored-rows';

/** Stands for an empty key in a URL. */
const EMPTY_KEY = '$';

/** Recorded: names without regard to case; a state that does not exist is a 404, an unknown entity's signal a 400. */
export function handleEntities(call: Call): Promise<Reply> | Reply {
  const [, name, key, ...rest] = call.segments;
  if (rest.length > 0) return empty(404);
  const isSignal = call.method === 'POST' || call.method === 'DELETE';
  if (call.method !== 'GET' && !isSignal) return empty(404);
  if (name === undefined || key === undefined) return isSignal ? empty(404) : list(call, name);
  const id = entityId(name, key === EMPTY_KEY ? '' : key);
  return isSignal ? signal(call, name, id) : read(call, id);
}

async function read({ engine }: Call, id: string): Promise<Reply> {
  const { exists, state } = stateOf(await engine.store.status(id));
  return exists ? { status: 200, body: state ?? 'null' } : empty(404);
}

async function signal(call: Call, name: string, id: string): Promise<Reply> {
  const { body } = call;
  const isJson = mediaType(call.request) === 'application/json';
  const input = body === '' ? undefined : isJson ? compactJson(body) : JSON.stringify(body);
  if (body !== '' && input === undefined)
    return message(400, 'Could not parse JSON content: the body is no JSON.');
  const op = call.method === 'DELETE' ? 'delete' : (call.url.searchParams.get('op') ?? '');
  const known = await signalEntity(call.engine, id, op, input);
  if (known === undefined) return empty(202);
  return message(
    400,
    `The function '${name}' doesn't exist, is disabled, or is not an entity function. Additional info: ` +
      (known.length === 0
        ? 'No entity functions are currently registered!'
        : `The following are the known entity functions: ${known.map((entity) => `'${entity}'`).join(', ')}.`),
  );
}

/** Of those whose state exists; the state itself only with `fetchState`. */
function list(call: Call, name: string | undefined): Promise<Reply> {
  const query = call.url.searchParams;
  const from = Date.parse(query.get('lastOperationTimeFrom') ?? '');
  const to = Date.parse(query.get('lastOperationTimeTo') ?? '');
  const hasState = query.get('fetchState')?.toLowerCase() === 'true';
  const filter = {
    idPrefix: name === undefined || name === '' ? '@' : entityId(name, ''),
    hasState: true,
    ...(Number.isNaN(from) ? undefined : { updatedFromMs: from }),
    ...(Number.isNaN(to) ? undefined : { updatedToMs: to }),
  };
  return pageOf(call, filter, (row) => entityJson(row, hasState));
}

function entityJson(row: InstanceRow, hasState: boolean): string {
  const at = new Date(row.updatedMs).toISOString();
  const state = hasState ? (stateOf(row).state ?? 'null') : 'null';
  return `{"entityId":${JSON.stringify(entityOf(row.id))},"lastOperationTime":"${at}","state":${state}}`;
}
