// Reader of the instances of a running system with their histories, through its management API, which is the same on
// Azure.
import { MANAGEMENT_PATH } from 'azure-local/durable/management-urls';
import type { InstanceStatus } from './status-history';

export interface System {
  /** Scheme, host and port. */
  readonly url: string;
  /** The system key of the Durable extension; none is asked for on the local host. */
  readonly code?: string;
}

const UNFINISHED = 'Running,Pending,Suspended';
const TOKEN_HEADER = 'x-ms-continuation-token';
const PAGE = '100';

/** Every instance that has not ended (`all`: those too), one after the other. Rejects when the system does not answer. */
export async function* instancesOf(system: System, all: boolean): AsyncGenerator<InstanceStatus> {
  let token = '';
  do {
    const filter: Record<string, string> = all ? {} : { runtimeStatus: UNFINISHED };
    const listing = await ask(system, '/instances', { ...filter, showInput: 'false', top: PAGE }, token);
    for (const { instanceId } of (await listing.json()) as InstanceStatus[]) {
      const query = { showHistory: 'true', showHistoryOutput: 'true', showInput: 'true' };
      const found = await ask(system, `/instances/${encodeURIComponent(instanceId)}`, query);
      // It may have been purged since.
      if (found.status !== 404) yield (await found.json()) as InstanceStatus;
    }
    token = listing.headers.get(TOKEN_HEADER) ?? '';
  } while (token !== '');
}

async function ask(
  { url, code }: System,
  path: string,
  query: Readonly<Record<string, string>>,
  token = '',
): Promise<Response> {
  const target = new URL(`${MANAGEMENT_PATH}${path}`, url);
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
  if (code !== undefined) target.searchParams.set('code', code);
  const headers: Record<string, string> = token === '' ? {} : { [TOKEN_HEADER]: token };
  const response = await fetch(target, { headers }).catch((error: unknown) => {
    const { cause } = error as { readonly cause?: Error };
    throw new Error(
      `${target.origin} does not answer (${cause?.message ?? String(error)}): --from takes the URL of a running system`,
    );
  });
  if (response.ok || response.status === 404) return response;
  const hint = response.status === 401 ? ': give the system key of the Durable extension with --code' : '';
  throw new Error(`${target.origin}${target.pathname} answered ${response.status}${hint}`);
}
