// Type of the events that the simulated services publish, in the Event Grid schema.

export interface GridEvent {
  readonly id: string;
  readonly eventType: string;
  readonly subject: string;
  readonly eventTime: string;
  readonly dataVersion: string;
  readonly data: object;
}

/** Resolves when all were taken; rejects when any may not have been, and then all come again. */
export type PublishEvents = (events: readonly GridEvent[], signal: AbortSignal) => Promise<void>;
