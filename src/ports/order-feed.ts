// The changes of all orders as a feed that a reader follows at its own pace.
import type { Reach } from '../domain/scope';

/** Where a reader begins: where it stopped, at a moment, or with what happens from now on. */
export type FeedStart =
  | { readonly kind: 'continuation'; readonly token: string }
  | { readonly kind: 'moment'; readonly iso: string }
  | { readonly kind: 'now' };

/** The next part of the feed. */
export interface FeedPage {
  /** Event documents in reach as they were written; those of one order by sequence. May be none although more follows. */
  readonly events: readonly unknown[];
  /** Where the reader goes on, on any instance and after any restart. */
  readonly continuation: string;
}

/** Reads page by page; a store that is away is a TransientError with `outage`. */
export interface FeedReader {
  next(): Promise<FeedPage>;
}

export interface OrderFeed {
  /** A reader of the events in reach; undefined when `start` is no continuation of this feed. */
  open(reach: Reach, start: FeedStart): Promise<FeedReader | undefined>;
}
