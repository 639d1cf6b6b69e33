// Where documents go that cannot be processed, so that what comes behind them can be.

export interface Parking {
  /**
   * Keeps `document` under `source` (who could not process it) with the reason, or its beginning when it is too large to
   * be kept: never does a document stand in the way because it cannot be parked. Parking the same again changes nothing.
   * A store that is away is a TransientError with `outage`.
   */
  park(source: string, document: unknown, reason: string): Promise<void>;
}
