// Tenants: the list in the settings, and which of them a request or message belongs to. Called by identify.ts and by the
// queue handler.
//
// tenants.T1  Where one tenant is listed, what names no tenant is of that one. Where several are listed, a tenant has to
//   be named.
// tenants.T2  A tenant that is not listed does not exist, whoever names it.
import { z } from 'zod';
import { pathIdProblem } from '../domain/ids';
import { DEFAULT_TENANT, type TenantScope } from '../domain/scope';

export interface Tenant {
  readonly id: string;
  /** Requests per second that one instance of the app takes; unbounded unless given. */
  readonly ratePerSecond?: number | undefined;
  /** Requests that one instance answers at the same time; unbounded unless given. */
  readonly inFlight?: number | undefined;
  /** The topic of its events; that of the setting `OrderEventsTopic` unless given. */
  readonly topic?: string | undefined;
}

const tenant = z.strictObject({
  id: z.string().refine((id) => pathIdProblem(id) === undefined, {
    error: ({ input }) => pathIdProblem(String(input)),
  }),
  ratePerSecond: z.number().gt(0).max(100_000).optional(),
  inFlight: z.int().min(1).max(100_000).optional(),
  topic: z.string().trim().min(1).max(260).optional(),
}) satisfies z.ZodType<Tenant>;

export const tenantsSchema: z.ZodType<readonly Tenant[]> = z
  .array(tenant)
  .min(1)
  .superRefine((tenants, context) => {
    const ids = tenants.map(({ id }) => id);
    for (const [index, id] of ids.entries())
      if (ids.indexOf(id) !== index)
        context.addIssue({ code: 'custom', path: [index, 'id'], message: `${id} is listed twice` });
  });

/** The tenants of an app whose settings list none. */
export const DEFAULT_TENANTS: readonly Tenant[] = [{ id: DEFAULT_TENANT.tenantId }];

/** `unknown`: none is named and several are listed, or the named one is not listed (tenants.T1, tenants.T2). */
export type FoundTenant =
  ({ readonly kind: 'found' } & TenantScope) | { readonly kind: 'unknown'; readonly why: string };

/** The tenant that `named` stands for; undefined and empty name none. */
export function findTenant(tenants: readonly Tenant[], named: string | undefined): FoundTenant {
  const [only, ...others] = tenants;
  if (named === undefined || named === '') {
    return only !== undefined && others.length === 0
      ? { kind: 'found', tenantId: only.id }
      : { kind: 'unknown', why: 'names no tenant, and there are several' };
  }
  return tenants.some(({ id }) => id === named) ? { kind: 'found', tenantId: named } : noSuchTenant(named);
}

/** What is found of a tenant that does not exist, or does not for whoever names it. */
export function noSuchTenant(named: string): FoundTenant & { readonly kind: 'unknown' } {
  return { kind: 'unknown', why: `names a tenant that does not exist: ${named.slice(0, 64)}` };
}
