// Maker of the caller from the headers of a request and the settings. The only place that reads who asks; pure. Called by
// functions/door.ts.
//
// identify.I1  The platform's header `x-ms-client-principal` counts only where the platform signs callers in
//   (`WEBSITE_AUTH_ENABLED`): there it removes the header from what clients send. Elsewhere any client could send it.
// identify.I2  A bearer token that is neither vouched for by that header nor the operator token is refused. It never makes
//   its sender a service.
// identify.I3  A request without either is a service where the platform has checked a function key for the route, unless
//   callers must be signed in. Elsewhere it is refused.
// identify.I4  Whoever is signed in to a tenant stays in it: `X-Tenant-Id` may repeat that tenant, and another one is
//   answered like one that does not exist. Services by key and the holder of the operator token name their tenant.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Caller } from './caller';
import { customerOf, namesOf, parsePrincipal, rolesOf, type ClaimNames } from './principal';
import { findTenant, noSuchTenant, type Tenant } from './tenants';

export interface IdentitySettings {
  /** Whether the platform signs callers in. */
  readonly platformSignsIn: boolean;
  /** Whether, where it does, a function key is not enough. */
  readonly signInRequired: boolean;
  /** Whoever brings it as a bearer token is operator and approver; empty = there is none. */
  readonly operatorToken: string;
  readonly tenants: readonly Tenant[];
  readonly claims: ClaimNames;
}

export interface Asking {
  /** Names of headers are looked up without case. */
  readonly headers: { get(name: string): string | null };
  /** Whether the platform lets nobody in to this route without a function key. */
  readonly isKeyChecked: boolean;
}

/** `unknown`: it cannot be said who asks. `tenantUnknown`: of which tenant, or of one that does not exist. */
export type Identified =
  | { readonly kind: 'known'; readonly caller: Caller }
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'tenantUnknown'; readonly why: string };

export function createIdentify(settings: IdentitySettings): (asking: Asking) => Identified {
  const expected = digest(settings.operatorToken);
  return ({ headers, isKeyChecked }) => {
    const named = headers.get('x-tenant-id')?.trim() || undefined;
    const token = bearerIn(headers.get('authorization') ?? '');
    if (token !== undefined && settings.operatorToken !== '' && timingSafeEqual(digest(token), expected))
      return inTenant(settings, named, { kind: 'service', name: '', roles: ['operator', 'approver'] });
    const principal = settings.platformSignsIn ? headers.get('x-ms-client-principal') : null;
    if (principal !== null) return signedIn(settings, principal, named);
    if (token !== undefined) return { kind: 'unknown', why: 'The bearer token is not valid here' };
    if (!isKeyChecked || (settings.platformSignsIn && settings.signInRequired))
      return { kind: 'unknown', why: 'The request does not say who asks' };
    return inTenant(settings, named, { kind: 'service', name: '', roles: ['service'] });
  };
}

function signedIn(settings: IdentitySettings, header: string, named: string | undefined): Identified {
  const principal = parsePrincipal(header);
  if (principal === undefined) return { kind: 'unknown', why: 'The sign-in of the platform cannot be read' };
  const { tenantIds, name } = namesOf(principal, settings.claims);
  if (tenantIds.length > 1) return { kind: 'tenantUnknown', why: 'The sign-in names several tenants' };
  const home = findTenant(settings.tenants, tenantIds[0]);
  if (home.kind === 'unknown') return { kind: 'tenantUnknown', why: `The sign-in ${home.why}` };
  if (named !== undefined && named !== home.tenantId)
    return { kind: 'tenantUnknown', why: `The request ${noSuchTenant(named).why}` };
  const customerId = customerOf(principal, settings.claims);
  const roles = rolesOf(principal, customerId);
  const { tenantId } = home;
  const caller = { tenantId, kind: 'user' as const, name, roles };
  return { kind: 'known', caller: customerId === undefined ? caller : { ...caller, customerId } };
}

function inTenant(
  { tenants }: Pick<IdentitySettings, 'tenants'>,
  named: string | undefined,
  caller: Omit<Caller, 'tenantId'>,
): Identified {
  const tenant = findTenant(tenants, named);
  return tenant.kind === 'found'
    ? { kind: 'known', caller: { ...caller, tenantId: tenant.tenantId } }
    : { kind: 'tenantUnknown', why: `The request ${tenant.why}` };
}

/** The bearer token; empty for a header that names the scheme and no token. */
function bearerIn(authorization: string): string | undefined {
  const [scheme, ...rest] = authorization.trim().split(' ');
  return scheme?.toLowerCase() === 'bearer' ? rest.join(' ').trim() : undefined;
}

/** Digests have one length, which comparing in constant time needs. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
