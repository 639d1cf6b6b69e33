// Types of the rows that store.ts reads.
import type { EventText } from './history-events';
import type { RuntimeStatus } from './instance';

/** One run of an instance as the status calls need it. JSON columns are JSON text. */
export interface InstanceRow {
  readonly key: number;
  readonly id: string;
  readonly executionId: string;
  readonly name: string;
  readonly version: string | null;
  readonly generation: number | null;
  readonly input: string | null;
  readonly status: RuntimeStatus;
  readonly ended: number;
  readonly customStatus: string | null;
  readonly output: string | null;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** JSON text of `ParentFacts`. */
  readonly parent: string | null;
  /** The instance that it is a restart of, under another id. */
  readonly source: string | null;
  readonly continued: number;
}

export interface EpisodeRow {
  readonly history: EventText;
  /** JSON text of `Work`. */
  readonly work: string | null;
}
