// Route `POST orchestrators/{name}[/{id}]` of the management API: starts an instance, and with `timeout` waits for it.
import { startInstance } from './client';
import { compactJson, invalidJson, mediaType, requestOrigin, type Call } from './management-call';
import { instanceUrls, type UrlFacts } from './management-urls';
import { empty, json, message, type Reply } from './reply';
import { statusJson } from './status-view';

const START_RETRY_AFTER_S = '10';

/** Recorded: 202 with the instance's links, 409 for an id that runs, 400 for a body that is not JSON. */
export async function handleStart(call: Call): Promise<Reply> {
  const [, name, id] = call.segments;
  if (name === undefined || call.segments.length > 3 || id?.includes('/') === true) return empty(404);
  const { body } = call;
  const input = inputOf(mediaType(call.request), body);
  if (input === undefined) return invalidJson(body);
  const version = call.url.searchParams.get('version');
  const outcome = await startInstance(call.engine, { name, id, input, version });
  if (outcome.kind === 'running') {
    return alreadyRuns(outcome.status);
  }
  const timeoutS = Number(call.url.searchParams.get('timeout') ?? '0');
  return (timeoutS > 0 ? await waitForEnd(call, outcome.id, timeoutS) : undefined) ?? links(call, outcome.id);
}

export const alreadyRuns = (status: string): Reply =>
  message(409, `An Orchestration instance with the status ${status} already exists.`);

/** The input's JSON text; null for none; undefined when the body is not JSON. A form is not read (recorded). */
function inputOf(type: string, body: string): string | null | undefined {
  if (type === 'application/x-www-form-urlencoded') return null;
  if (body === '') return type === 'application/json' ? '""' : null;
  return compactJson(body);
}

/** The answer to a start: 202 with the links of the instance. */
export function links(call: Call, id: string): Reply {
  const urls = instanceUrls(urlFacts(call), id);
  const headers = { Location: urls['statusQueryGetUri'] ?? '', 'Retry-After': START_RETRY_AFTER_S };
  return json(202, urls, headers);
}

const urlFacts = (call: Call): UrlFacts => ({
  origin: requestOrigin(call),
  hubName: call.engine.hubName,
  systemKey: call.systemKey,
});

/** The output of an instance that completed in time, the status of one that ended otherwise. */
async function waitForEnd({ engine }: Call, id: string, timeoutS: number): Promise<Reply | undefined> {
  const { clock } = engine;
  await new Promise<void>((resolve, reject) => {
    const alarm = clock.alarm(clock.now() + timeoutS * 1000, resolve);
    engine
      .ended(id)
      .finally(() => alarm.cancel())
      .then(resolve, reject);
  });
  const row = await engine.store.status(id);
  if (row?.ended !== 1) return undefined;
  const body = row.status === 'Completed' ? (row.output ?? 'null') : statusJson(row, { showInput: true });
  return { status: 200, body };
}
