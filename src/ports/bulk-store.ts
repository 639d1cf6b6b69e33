// Bulk operations as they are stored, and the orchestrations that carry them out.
import type { BulkOperation, BulkOrder, BulkProblem } from '../domain/bulk';
import type { TenantScope } from '../domain/scope';

export interface StoredBulk {
  readonly operation: BulkOperation;
  readonly etag: string;
}

/** Outside the scope there is nothing (S19). The store is away: a TransientError with `outage` says so. */
export interface BulkStore {
  /** Stores a new operation, or gives the one that is there already. */
  create(scope: TenantScope, operation: BulkOperation): Promise<StoredBulk>;
  read(scope: TenantScope, id: string): Promise<StoredBulk | undefined>;
  /** The newest first, at most `limit`. */
  list(scope: TenantScope, limit: number): Promise<readonly BulkOperation[]>;
  /**
   * Puts `next` in the place of what has `etag`, together with the problems of its newest page. False, and nothing is changed,
   * when it has moved on.
   */
  write(
    scope: TenantScope,
    next: BulkOperation,
    etag: string,
    problems?: readonly BulkProblem[],
  ): Promise<boolean>;
  /** The orders that were not acted on, those of the first pages first, at most about `limit`. */
  problems(scope: TenantScope, id: string, limit: number): Promise<readonly BulkProblem[]>;
}

/** The task hub is away: a TransientError with `outage` says so. */
export interface BulkRuns {
  /** Starts the orchestration of an operation that has not ended, unless it runs. */
  start(order: BulkOrder): Promise<void>;
}

/** The task hub is away: a TransientError with `outage` says so. */
export interface SagaRestarts {
  /** Lets a saga that failed or was terminated begin again under its id. */
  restart(orderId: string): Promise<void>;
}
