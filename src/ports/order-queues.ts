// Orders that wait for an operator or make no progress, as the store of orders lists them. Pages go by order id.
import type { OrderHead } from '../domain/order';
import type { TenantScope } from '../domain/scope';

export interface QueuePage {
  /** Only orders whose id comes behind it. */
  readonly afterId?: string | undefined;
  readonly limit: number;
}

export interface OrderQueues {
  /** Orders with a return that has not ended. */
  withOpenReturns(scope: TenantScope, page: QueuePage): Promise<readonly OrderHead[]>;
  /**
   * Orders that have not ended, that nothing happened to since `beforeIso`, and that wait neither for their time, nor for an
   * approval, nor for an operator.
   */
  withoutProgress(scope: TenantScope, beforeIso: string, page: QueuePage): Promise<readonly OrderHead[]>;
  /** How many these are over all tenants. */
  countWithoutProgress(beforeIso: string): Promise<number>;
}
