// Parser of the platform's sign-in, the header `x-ms-client-principal`: Base64 of JSON with the claims of whoever is signed
// in. Which claims name the tenant and the customer is a setting, because every identity provider has its own.
import { z } from 'zod';
import { pathIdProblem } from '../domain/ids';
import { ROLES, type Role } from './caller';

/** Types of the claims that say whose orders the caller may see. */
export interface ClaimNames {
  readonly tenant: string;
  readonly customer: string;
}

const principal = z.object({
  claims: z.array(z.object({ typ: z.string(), val: z.string() })).default([]),
  name_typ: z.string().default('name'),
  role_typ: z.string().default('roles'),
});

export type Principal = z.output<typeof principal>;

const MAX_NAME = 200;

/** Undefined for what is no principal. */
export function parsePrincipal(header: string): Principal | undefined {
  try {
    return principal.parse(JSON.parse(Buffer.from(header, 'base64').toString('utf8')));
  } catch {
    return undefined;
  }
}

/** The name, and every tenant that the claims name. */
export function namesOf(
  given: Principal,
  claims: ClaimNames,
): { readonly name: string; readonly tenantIds: readonly string[] } {
  const [name = ''] = valuesOf(given, given.name_typ);
  return { name: name.slice(0, MAX_NAME), tenantIds: valuesOf(given, claims.tenant) };
}

/** The customer that the claims name. Undefined where they name several, or what can be no id: that owns nothing. */
export function customerOf(given: Principal, claims: ClaimNames): string | undefined {
  const [customerId, ...others] = valuesOf(given, claims.customer);
  if (customerId === undefined || others.length > 0) return undefined;
  return pathIdProblem(customerId) === undefined ? customerId : undefined;
}

/** The known roles that the claims name; `customer` follows from having a customer id alone. */
export function rolesOf(given: Principal, customerId: string | undefined): readonly Role[] {
  const named = new Set([...valuesOf(given, given.role_typ), ...valuesOf(given, 'roles')]);
  return ROLES.filter((role) => (role === 'customer' ? customerId !== undefined : named.has(role)));
}

function valuesOf({ claims }: Principal, type: string): readonly string[] {
  return [...new Set(claims.filter(({ typ }) => typ === type).map(({ val }) => val))];
}
