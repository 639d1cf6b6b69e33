// Versions of the API: `/api/v1/…` and `/api/…` are the same routes. A version that was removed, or never was, is told so.
// ASP.NET routes have no optional segment but the last, and a function has one route, so each version of a route is a
// function of its own, with a name that is derived from the first.
import { app } from '@azure/functions';
import { HttpProblem, endpoint } from './http';

/** The newest last: `/api/…` without a version is that one. */
export const API_VERSIONS = ['v1'] as const;
export type ApiVersion = (typeof API_VERSIONS)[number];

/** The API as it was before its first release. */
const REMOVED_VERSIONS: readonly string[] = ['v0'];

/** The registered name of a version of a route: `CreateOrder`, `CreateOrderV1`. */
export function functionName(route: string, version: ApiVersion | undefined): string {
  return version === undefined ? route : `${route}${version.toUpperCase()}`;
}

/** No version that there is: which of two fitting routes the platform takes is not told anywhere. */
const OTHER_VERSION = `^v(?!(${API_VERSIONS.map((version) => version.slice(1)).join('|')})$)\\d+$`;

/** Registers RefuseApiVersion. */
export function registerVersionRefusal(): void {
  app.http('RefuseApiVersion', {
    authLevel: 'anonymous',
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    route: `{version:regex(${OTHER_VERSION})}/{*rest}`,
    handler: endpoint(({ request }) => Promise.reject(noVersion(request.params.version ?? ''))),
  });
}

function noVersion(given: string): HttpProblem {
  const version = given.toLowerCase().slice(0, 100);
  const there = `There is ${API_VERSIONS.join(', ')}; without a version you get the newest`;
  return REMOVED_VERSIONS.includes(version)
    ? new HttpProblem('API_VERSION_REMOVED', `Version ${version} of this API was removed. ${there}`)
    : new HttpProblem('API_VERSION_UNKNOWN', `There is no version ${version} of this API. ${there}`);
}
