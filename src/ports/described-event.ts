// Shape of an entry in the catalogue of log events (log-events.ts).

export type LogLevel = 'info' | 'warn' | 'error';

export interface DescribedEvent {
  readonly levels: readonly LogLevel[];
  readonly when: string;
  /** Beside `traceId`, which every line may have. */
  readonly fields: readonly string[];
}
