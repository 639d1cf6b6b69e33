// Bulk operations: one act on all orders that a filter selects, page by page. Pure.
import type { OrderStatus } from './order-status';

/**
 * `cancel`: as a customer cancels. `compensate`: undo what nothing carries on any more. `restart`: begin a saga again that failed
 * or was terminated. `purge`: archive the durable history of an ended order now.
 */
export const BULK_ACTS = ['cancel', 'compensate', 'restart', 'purge'] as const;
export type BulkAct = (typeof BULK_ACTS)[number];

/** Which orders of the list of a tenant. */
export interface BulkFilter {
  readonly status?: OrderStatus | undefined;
  readonly statuses?: readonly OrderStatus[] | undefined;
  readonly needsIntervention?: boolean | undefined;
  readonly customerId?: string | undefined;
  readonly fromIso?: string | undefined;
  readonly toIso?: string | undefined;
}

/** What is asked for; it never changes. */
export interface BulkOrder {
  readonly id: string;
  readonly tenantId: string;
  readonly act: BulkAct;
  readonly filter: BulkFilter;
  readonly reason: string;
  readonly operator: string;
  /** Orders that were placed at this moment or later are not touched. */
  readonly cutOff: string;
  /** How many orders there were at the start; with `isAtLeast`, that many or more. */
  readonly matched: number;
  readonly isAtLeast: boolean;
  readonly startedAt: string;
}

export type BulkState = 'running' | 'stopped' | 'completed';

/** A bulk operation and how far it is. */
export interface BulkOperation extends BulkOrder {
  readonly state: BulkState;
  /** Pages that are done, and the last order of them in the list. */
  readonly pages: number;
  readonly after: { readonly createdAt: string; readonly id: string } | null;
  readonly done: number;
  /** What could not be done: the order forbids it. */
  readonly refused: number;
  /** What went wrong. */
  readonly failed: number;
  readonly stopRequestedBy: string | null;
  readonly endedAt: string | null;
}

export type BulkOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string };

/** An order that was not acted on. */
export interface BulkProblem {
  readonly orderId: string;
  readonly kind: 'refused' | 'failed';
  readonly why: string;
}

/** What a page answers: its operation (S22), and what comes next. */
export interface BulkPageAnswer {
  readonly id: string;
  /** `wait`: the store or the task hub is away, so that the page is to be tried again. */
  readonly next: 'page' | 'wait' | 'end';
}

/** The input of the orchestration, which goes with it from run to run. */
export interface BulkInput {
  readonly order: BulkOrder;
}

export function openBulk(order: BulkOrder): BulkOperation {
  return {
    ...order,
    ...{ state: 'running', pages: 0, after: null, done: 0, refused: 0, failed: 0 },
    ...{ stopRequestedBy: null, endedAt: null },
  };
}

/** The operation after a page; the last one ends it. */
export function afterPage(
  operation: BulkOperation,
  page: {
    readonly last: BulkOperation['after'];
    readonly outcomes: readonly BulkOutcome[];
    readonly isEnd: boolean;
    readonly atIso: string;
  },
): BulkOperation {
  const count = (kind: BulkOutcome['kind']): number =>
    page.outcomes.filter((outcome) => outcome.kind === kind).length;
  return {
    ...operation,
    pages: operation.pages + 1,
    after: page.last ?? operation.after,
    done: operation.done + count('done'),
    refused: operation.refused + count('refused'),
    failed: operation.failed + count('failed'),
    ...(page.isEnd ? { state: 'completed', endedAt: page.atIso } : {}),
  };
}

/** How many orders are still to be acted on; null while that is not known. */
export function remainingOf({
  state,
  matched,
  isAtLeast,
  done,
  refused,
  failed,
}: BulkOperation): number | null {
  if (state === 'completed') return 0;
  return isAtLeast ? null : Math.max(0, matched - done - refused - failed);
}
