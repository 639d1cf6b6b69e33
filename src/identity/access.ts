// Table of who may call which routes, and the scope that a call then has. Pure. A route names the least role that may call it
// (`caller` of its entry in the route table); functions/door.ts asks here for every call.
import type { Scope, TenantScope } from '../domain/scope';
import type { Caller, Role } from './caller';

/**
 * `anyone`: not even a caller is asked for. `customer`: customers for what is their own, services and operators for their
 * tenant; readers and approvers may look and change nothing. `personal`: the same for personal data, at which readers and
 * approvers may not even look. `reader`: whoever may see what is of a whole tenant.
 * `approver`, `operator`: that role only.
 */
export type Access = 'anyone' | 'customer' | 'personal' | 'reader' | 'approver' | 'operator';

interface Admitted {
  /** Roles that may look (GET). */
  readonly look: readonly Role[];
  /** Roles that may change something (any other method). */
  readonly change: readonly Role[];
}

const WHOLE_TENANT: readonly Role[] = ['service', 'operator', 'approver', 'reader'];

/** Who may see and change personal data: customers their own, the others that of their tenant. */
const PERSONAL: readonly Role[] = ['customer', 'service', 'operator'];

const ADMITTED: Readonly<Record<Exclude<Access, 'anyone'>, Admitted>> = {
  customer: { look: ['customer', ...WHOLE_TENANT], change: PERSONAL },
  personal: { look: PERSONAL, change: PERSONAL },
  reader: { look: WHOLE_TENANT, change: ['service', 'operator'] },
  approver: { look: ['approver'], change: ['approver'] },
  operator: { look: ['operator'], change: ['operator'] },
};

/** The roles that may call a route; undefined where nobody is asked. */
export function rolesFor(access: Access, method: string): readonly Role[] | undefined {
  if (access === 'anyone') return undefined;
  return ADMITTED[access][method === 'GET' ? 'look' : 'change'];
}

/** Whether the platform asks for a function key: services have one, operators and approvers have roles. */
export function asksForKey(access: Access): boolean {
  return access === 'customer' || access === 'personal' || access === 'reader';
}

/** Whether the caller is shown personal data among what else is shown. */
export function maySeePersonalData({ roles }: Caller): boolean {
  return roles.some((role) => PERSONAL.includes(role));
}

/** The scope of the call; undefined when none of the caller's roles is admitted. Customers alone have one customer's. */
export function scopeFor(roles: readonly Role[], caller: Caller): Scope | undefined {
  const held = caller.roles.filter((role) => roles.includes(role));
  if (held.length === 0) return undefined;
  const tenant: TenantScope = { tenantId: caller.tenantId };
  if (held.some((role) => role !== 'customer')) return tenant;
  const { customerId } = caller;
  return customerId === undefined ? undefined : { ...tenant, customerId };
}
