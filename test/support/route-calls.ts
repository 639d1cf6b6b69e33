// Calls of routes as their handlers are given them: a request, decoded by the entry of the route table.
import { HttpRequest, InvocationContext } from '@azure/functions';
import { DEFAULT_TENANT } from '../../src/domain/scope';
import { callOf } from '../../src/functions/call';
import type { Call, Route } from '../../src/functions/routes/route';

export interface GivenRequest {
  /** In the path. */
  readonly params?: Readonly<Record<string, string>>;
  /** With its question mark. */
  readonly query?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The call; rejects with the problem that a wrong request is answered with. A service of the default tenant calls, an operator where that is asked for. */
export async function callTo<R extends Route>(
  route: R,
  { params = {}, query = '', body, headers = {} }: GivenRequest = {},
): Promise<Call<R>> {
  const request = new HttpRequest({
    method: route.method,
    url: `http://127.0.0.1/api/${route.path}${query}`,
    params: { ...params },
    ...(body === undefined ? {} : { body: { string: JSON.stringify(body) } }),
    headers: { 'content-type': 'application/json', ...headers },
  });
  const context = new InvocationContext({ logHandler: () => undefined });
  return callOf(
    route,
    { request, context, correlationId: 'c-1', base: '/api' },
    {
      caller: { tenantId: 'default', kind: 'service', name: '', roles: ['service', 'operator'] },
      scope: DEFAULT_TENANT,
      operator: 'operator',
    },
  );
}
