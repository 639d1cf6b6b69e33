// Route table: every HTTP function of the app, by its registered name. It registers the functions
// (../register-routes.ts) and makes the OpenAPI document (../openapi/document.ts), docs/api.md, test.http and the targets of the
// fuzzer, so that none of them can differ from another.
import type { HttpErrorCode } from '../../errors';
import { asksForKey } from '../../identity/access';
import { BULK_ROUTES } from './bulk-routes';
import { CONSOLE_ROUTES } from './console-routes';
import { DEAD_LETTER_ROUTES } from './dead-letter-routes';
import { APPROVAL_ROUTES } from './approval-routes';
import { INBOX_ROUTES } from './inbox-routes';
import { INTAKE_ROUTES } from './intake-routes';
import { INFORMATION_ROUTES } from './information-routes';
import { OBSERVATION_ROUTES } from './observation-routes';
import { OPERATOR_ROUTES } from './operator-routes';
import { ORDER_SEARCH_ROUTES } from './order-search-routes';
import { ORDER_ROUTES } from './order-routes';
import { PERSONAL_DATA_ROUTES } from './personal-data-routes';
import { RETURN_ROUTES } from './return-routes';
import { STATISTICS_ROUTES } from './statistics-routes';
import { TRACE_ROUTES } from './trace-routes';
import type { Route } from './route';

export const ROUTES = {
  ...ORDER_ROUTES,
  ...APPROVAL_ROUTES,
  ...RETURN_ROUTES,
  ...PERSONAL_DATA_ROUTES,
  ...OBSERVATION_ROUTES,
  ...TRACE_ROUTES,
  ...STATISTICS_ROUTES,
  ...INFORMATION_ROUTES,
  ...OPERATOR_ROUTES,
  ...INBOX_ROUTES,
  ...INTAKE_ROUTES,
  ...DEAD_LETTER_ROUTES,
  ...BULK_ROUTES,
  ...ORDER_SEARCH_ROUTES,
  ...CONSOLE_ROUTES,
} as const satisfies Readonly<Record<string, Route>>;

export type RouteName = keyof typeof ROUTES;

/** The entries in the order in which documents show them. */
export const routeList: readonly Route[] = Object.values(ROUTES);

/** Every code that a route answers with: those of its entry, and those that follow from what it takes and who may call. */
export function problemsOf(route: Route): readonly HttpErrorCode[] {
  const { params, query, headers, body, caller, problems } = route;
  const codes: HttpErrorCode[] = [...problems];
  if ([params, query, headers, body].some((part) => part !== undefined)) codes.push('VALIDATION_FAILED');
  if (body !== undefined) codes.push('MALFORMED_JSON', 'UNSUPPORTED_MEDIA_TYPE', 'ORDER_TOO_LARGE');
  if (caller !== 'anyone')
    codes.push('CALLER_UNKNOWN', 'ROLE_MISSING', 'TENANT_UNKNOWN', 'STORE_UNAVAILABLE');
  if (asksForKey(caller)) codes.push('TENANT_OVER_QUOTA');
  return [...new Set(codes)].sort();
}
