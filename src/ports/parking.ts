// Where documents go that cannot be processed, so that what comes behind them can be.
import type { TenantScope } from '../domain/scope';

export interface Parking {
  /**
   * Keeps `document` under `source` (who could not process it) with the reason, or its beginning when it is too large to
   * be kept: never does a document stand in the way because it cannot be parked. Parking the same again changes nothing.
   * It may hold anything, so it is encrypted. A store that is away is a TransientError with `outage`.
   */
  park(source: string, document: unknown, reason: string): Promise<void>;
}

export interface ParkedDocument {
  readonly source: string;
  readonly reason: string;
  readonly parkedAt: string;
  /** As JSON; only its beginning where it was too large. */
  readonly text: string;
}

export interface ParkedDocuments {
  /** What was parked for a tenant, newest first; what names no tenant counts as of the first one. At most `limit`. */
  list(scope: TenantScope, limit: number): Promise<readonly ParkedDocument[]>;
}
