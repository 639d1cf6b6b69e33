// Port of what operators look for among the orders of a tenant: how many there are of a kind, and whose an id is. A store
// that is away is a TransientError with `outage`.
import type { OrderStatus } from '../domain/order-status';
import type { TenantScope } from '../domain/scope';

/** What an id was found as. */
export const MATCHES = ['order', 'customer', 'tracking', 'transaction', 'correlation', 'message'] as const;

export interface FoundOrder {
  readonly orderId: string;
  readonly customerId: string;
  readonly by: (typeof MATCHES)[number];
}

/** A choice among the orders of a tenant. */
export interface OrderChoice {
  /** Only orders that an operator has to look at (true), or only the others. */
  readonly needsIntervention?: boolean | undefined;
  /** Only orders to which nothing has happened since then. */
  readonly changedBeforeIso?: string | undefined;
  /** Only orders in one of these statuses. */
  readonly statuses?: readonly OrderStatus[] | undefined;
}

export interface OrderSearch {
  count(scope: TenantScope, choice: OrderChoice): Promise<number>;
  /** The orders of which `id` is an id, at most `limit` of each kind; ids are compared as they are. */
  find(scope: TenantScope, id: string, limit: number): Promise<readonly FoundOrder[]>;
}
