// Who is told of failed orders.
import type { CompensationRecord } from '../domain/saga-state';
import type { Unsendable } from './event-publisher';

/** What another team needs to know of an order that failed. */
export interface OrderFailure {
  readonly orderId: string;
  readonly tenantId: string;
  readonly customerId: string;
  readonly failedAt: string;
  readonly failedStep: string | null;
  readonly failureCode: string;
  readonly failureDetailCode: string;
  readonly failureReason: string;
  /** What was undone, and whether that worked. */
  readonly compensations: readonly CompensationRecord[];
  readonly needsIntervention: boolean;
  readonly correlationId: string;
  readonly traceparent: string;
}

export interface OrderFailures {
  /**
   * Tells of each failure; resolves when all are accepted but those that fit into no message, which it gives back. Telling
   * again sends the same message id, which the queue drops within its detection window. A TransientError with `outage`
   * when the broker is away; then any part may have gone out.
   */
  publish(failures: readonly OrderFailure[]): Promise<readonly Unsendable<OrderFailure>[]>;
}
