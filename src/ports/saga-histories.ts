// The durable histories of sagas in the task hub, and the archive they go to.

/** An ended orchestration as the task hub tells it. */
export interface SagaRecord {
  readonly orderId: string;
  readonly orchestrator: string;
  readonly runtimeStatus: string;
  readonly createdAt: string;
  readonly endedAt: string;
  readonly input: unknown;
  readonly output: unknown;
  readonly customStatus: unknown;
  readonly history: readonly unknown[];
}

export type FoundHistory =
  | { readonly kind: 'ended'; readonly record: SagaRecord }
  /** It must stay where it is: still live, or not to be read. */
  | { readonly kind: 'unfit'; readonly why: string }
  | { readonly kind: 'none' };

/** The task hub is away: a TransientError with `outage` says so. */
export interface SagaHistories {
  find(orderId: string): Promise<FoundHistory>;
  /** Forgets an ended instance; one that is not there is forgotten already. */
  purge(orderId: string): Promise<void>;
}

/** The store is away: a TransientError with `outage` says so. */
export interface SagaArchive {
  /** Keeps a record under its order; keeping it again changes nothing. False when it is too large to be kept. */
  keep(record: SagaRecord): Promise<boolean>;
  /** Up to which moment ended orders have been seen; the empty string before the first. */
  seenUntil(): Promise<string>;
  see(iso: string): Promise<void>;
}

export interface EndedOrder {
  readonly orderId: string;
  readonly updatedAt: string;
}

export interface EndedOrders {
  /** Orders that have ended, need no operator and changed last in [fromIso, beforeIso): page by page, oldest first. */
  between(fromIso: string, beforeIso: string): AsyncIterable<readonly EndedOrder[]>;
}
