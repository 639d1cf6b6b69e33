// The durable histories of sagas in the task hub, and the archive they go to.
import type { Reach } from '../domain/scope';

/** An ended orchestration as the task hub tells it. */
export interface SagaRecord {
  /** The id of the instance: of the order or, of one of its returns, `<orderId>:return:<n>`. */
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
  /** By instance: that of an order, or of one of its returns. */
  find(instanceId: string): Promise<FoundHistory>;
  /** Forgets an ended instance; one that is not there is forgotten already. */
  purge(instanceId: string): Promise<void>;
}

/** The store is away: a TransientError with `outage` says so. */
export interface SagaArchive {
  /** Keeps a record under its order; keeping it again changes nothing. False when it is too large to be kept. */
  keep(record: SagaRecord): Promise<boolean>;
  /** How far the purge has come, and the etag of that; nothing seen and no etag before the first run. */
  readProgress(): Promise<{ readonly progress: PurgeProgress; readonly etag: string | undefined }>;
  /** Writes it and gives the new etag; undefined, and nothing written, when it is not the one with `etag` any more. */
  writeProgress(progress: PurgeProgress, etag: string | undefined): Promise<string | undefined>;
}

export interface PurgeProgress {
  /** Up to which moment ended orders have been seen; the empty string before the first. */
  readonly seenUntil: string;
  /** Orders among them whose history could not be archived then, each to be looked at again. */
  readonly kept: readonly KeptHistory[];
}

export interface KeptHistory {
  readonly orderId: string;
  readonly returns?: number;
  readonly why: string;
  readonly lookAgainAt: string;
}

export interface EndedOrder {
  readonly orderId: string;
  /** How many returns it has, each with a history of its own. */
  readonly returns?: number;
  readonly updatedAt: string;
}

export interface EndedOrders {
  /** Orders that have ended with all their returns, need no operator and changed last in [fromIso, beforeIso): page by page, oldest first. */
  between(reach: Reach, fromIso: string, beforeIso: string): AsyncIterable<readonly EndedOrder[]>;
  /** Whether it is one that has ended, needs no operator and changed last before `beforeIso`. */
  has(reach: Reach, orderId: string, beforeIso: string): Promise<boolean>;
}
