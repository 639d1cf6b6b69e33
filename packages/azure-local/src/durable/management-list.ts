// Routes for `instances` of the management API: lists with filters and pages, and purges by filter.
import { purgeInstances } from './client';
import type { RuntimeStatus } from './instance';
import type { InstanceFilter } from './instance-filter';
import type { Call } from './management-call';
import { empty, json, message, type Reply } from './reply';
import { statusJson } from './status-view';
import type { InstanceRow } from './stored-rows';

const DEFAULT_TOP = 100;
const TOKEN_HEADER = 'x-ms-continuation-token';

/** Before base64, so that a token of ours can be recognised. */
const TOKEN_PREFIX = 'after:';

/** By the numbers of .NET's OrchestrationRuntimeStatus, which the API accepts too; gaps are states it never has. */
const STATUSES: readonly (RuntimeStatus | undefined)[] = [
  'Running',
  'Completed',
  undefined,
  'Failed',
  undefined,
  'Terminated',
  'Pending',
  'Suspended',
];

/** .NET reads `top` as an Int32. */
const INT32_MAX = 0x7fffffff;

/** A page of instances by id. Recorded: an invalid status, time or top is ignored; an unknown token gives an empty page. */
export function listInstances(call: Call): Promise<Reply> {
  const query = call.url.searchParams;
  const showInput = query.get('showInput')?.toLowerCase() !== 'false';
  return pageOf(call, filterOf(query).filter, (row) => statusJson(row, { showInput }));
}

/** The page of the rows in `filter` that the call asks for, each shown as JSON text. */
export async function pageOf(
  call: Call,
  filter: InstanceFilter,
  show: (row: InstanceRow) => string,
): Promise<Reply> {
  const query = call.url.searchParams;
  const top = wholeNumber(query.get('top')) ?? DEFAULT_TOP;
  if (top < 0) return message(400, 'One or more of the arguments submitted is incorrect', `top=${top}`);
  const token = call.request.headers[TOKEN_HEADER];
  const afterId = typeof token === 'string' && token !== '' ? fromToken(token) : '';
  if (afterId === undefined) return json(200, []);
  const rows = await call.engine.store.list({ ...filter, afterId }, top + 1);
  const page = rows.slice(0, top);
  const body = `[${page.map(show).join(',')}]`;
  const more = rows.length > top ? { [TOKEN_HEADER]: toToken(page.at(-1)?.id ?? afterId) } : {};
  return { status: 200, body, headers: more };
}

/**
 * Purges ended instances. Unlike the platform, which then deletes every ended instance, a status that does not exist is
 * refused.
 */
export async function purgeByFilter(call: Call): Promise<Reply> {
  const { filter, unknownStatus } = filterOf(call.url.searchParams);
  if (filter.createdFromMs === undefined) {
    return json(400, "Please provide value for 'createdTimeFrom' parameter.");
  }
  if (unknownStatus !== undefined) {
    return message(
      400,
      `There is no runtime status '${unknownStatus}', so nothing was purged. (On Azure this call would have deleted every ` +
        'finished instance.) Use Completed, Failed or Terminated.',
    );
  }
  const instancesDeleted = await purgeInstances(call.engine, filter);
  return instancesDeleted === 0 ? empty(404) : json(200, { instancesDeleted });
}

function filterOf(query: URLSearchParams): { filter: InstanceFilter; unknownStatus?: string } {
  const createdFromMs = time(query.get('createdTimeFrom'));
  const createdToMs = time(query.get('createdTimeTo'));
  const idPrefix = query.get('instanceIdPrefix') ?? '';
  const named = query
    .getAll('runtimeStatus')
    .flatMap((list) => list.split(','))
    .filter((name) => name !== '');
  const statuses = named.flatMap((name) => statusOf(name) ?? []);
  const unknownStatus = named.find((name) => statusOf(name) === undefined);
  const filter: InstanceFilter = {
    ...(createdFromMs === undefined ? undefined : { createdFromMs }),
    ...(createdToMs === undefined ? undefined : { createdToMs }),
    ...(statuses.length === 0 ? undefined : { statuses }),
    ...(idPrefix === '' ? undefined : { idPrefix }),
  };
  return unknownStatus === undefined ? { filter } : { filter, unknownStatus };
}

/** Recorded: `completed` is no status; .NET reads the names with regard to case. */
function statusOf(text: string): RuntimeStatus | undefined {
  const byName = STATUSES.find((status) => status === text.trim());
  const number = wholeNumber(text);
  return byName ?? (number === undefined ? undefined : STATUSES[number]);
}

function time(text: string | null): number | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

function wholeNumber(text: string | null): number | undefined {
  const number = text === null || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isInteger(number) && Math.abs(number) <= INT32_MAX ? number : undefined;
}

const toToken = (id: string): string => Buffer.from(TOKEN_PREFIX + id).toString('base64');

function fromToken(token: string): string | undefined {
  const text = Buffer.from(token, 'base64').toString('utf8');
  return text.startsWith(TOKEN_PREFIX) ? text.slice(TOKEN_PREFIX.length) : undefined;
}
