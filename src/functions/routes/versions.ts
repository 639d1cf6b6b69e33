// Versions of the API: `/api/v1/…` and `/api/…` are the same routes. ASP.NET routes have no optional segment but the last,
// and a function has one route, so each version of a route is a function of its own, with a name derived from the first.

/** The newest last: `/api/…` without a version is that one. */
export const API_VERSIONS = ['v1'] as const;
export type ApiVersion = (typeof API_VERSIONS)[number];

/** `v0`: the API as it was before its first release. */
export const REMOVED_VERSIONS: readonly string[] = ['v0'];

/** The registered name of a version of a route: `CreateOrder`, `CreateOrderV1`. */
export function functionName(route: string, version: ApiVersion | undefined): string {
  return version === undefined ? route : `${route}${version.toUpperCase()}`;
}
