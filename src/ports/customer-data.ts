// What is held on one customer, over all their orders: for the export of it and before it is erased.
import type { OrderHead } from '../domain/order';
import type { CustomerScope } from '../domain/scope';

/** A store that is away is a TransientError with `outage`. */
export interface CustomerData {
  /** The ids of orders placed before `beforeIso` that have not ended; at most `limit`. */
  running(scope: CustomerScope, beforeIso: string, limit: number): Promise<readonly string[]>;
  /** Orders by their ids, after the one with the id `after`; at most `limit`. */
  orders(scope: CustomerScope, after: string, limit: number): Promise<readonly OrderHead[]>;
  /** When the newest order was placed. */
  newestAt(scope: CustomerScope): Promise<string | undefined>;
}
