// Scopes: whose data a call may touch (S19). A scope is the first argument of every store port, so that none is forgotten;
// outside it a store finds nothing. Pure.

/** The data of a tenant, or of one of its customers. */
export interface Scope {
  readonly tenantId: string;
  readonly customerId?: string;
}

/** The data of one customer. */
export interface CustomerScope extends Scope {
  readonly customerId: string;
}

/** The data of a whole tenant. */
export interface TenantScope extends Scope {
  readonly customerId?: never;
}

/** The tenant of whoever is not known by name. */
export const DEFAULT_TENANT: TenantScope = { tenantId: 'default' };

/** The scope of the app's own jobs, which go through the orders of every tenant. No caller has it. */
export const ALL_TENANTS = 'all tenants';

/** The scope of what lists or scans many orders. */
export type Reach = TenantScope | typeof ALL_TENANTS;

/** Whose a document is. */
export type Owner = Readonly<Record<'tenantId' | 'customerId', string>>;

/** Whether what belongs to `owner` is in the scope. */
export function isWithin(scope: Scope, { tenantId, customerId }: Owner): boolean {
  return scope.tenantId === tenantId && (scope.customerId ?? customerId) === customerId;
}

/** Whether what belongs to the tenant `tenantId` is reached. */
export function isReached(reach: Reach, { tenantId }: Pick<Owner, 'tenantId'>): boolean {
  return reach === ALL_TENANTS || reach.tenantId === tenantId;
}

/** The scope of the tenant of an order or event. */
export function tenantOf({ tenantId }: Pick<Owner, 'tenantId'>): TenantScope {
  return { tenantId };
}

/** The part of a scope that is one customer's; undefined when that customer is outside it. */
export function customerWithin(scope: Scope, customerId: string): CustomerScope | undefined {
  const { tenantId } = scope;
  return isWithin(scope, { tenantId, customerId }) ? { tenantId, customerId } : undefined;
}

/** Tenant and customer in one value, as lists are stored under; the separator cannot occur in either id. */
export function customerKey({ tenantId, customerId }: Owner): string {
  return `${tenantId}\n${customerId}`;
}

/** The scope that `customerKey` was made of. */
export function scopeOfKey(key: string): CustomerScope {
  const [tenantId = '', customerId = ''] = key.split('\n');
  return { tenantId, customerId };
}
