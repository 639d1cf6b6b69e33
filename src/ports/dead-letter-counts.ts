// How many dead letters the queues of the app have.

export interface DeadLetterCounts {
  /** By queue; without those that do not answer now. Never rejects. */
  read(): Promise<ReadonlyMap<string, number>>;
}
