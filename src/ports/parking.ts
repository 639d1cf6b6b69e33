// Where documents go that cannot be processed, so that what comes behind them can be.

export interface Parking {
  /**
   * Keeps `document` under `source` (who could not process it) with the reason. Parking the same again changes nothing.
   * A store that is away is a TransientError with `outage`.
   */
  park(source: string, document: unknown, reason: string): Promise<void>;
}
