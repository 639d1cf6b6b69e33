// Files of what has left the order store: events of orders that ended long ago, and their durable histories.
import type { EventEnvelope } from '../domain/event-envelope';
import type { SagaRecord } from './saga-histories';

/** Where something lies in a file: each is compressed by itself, so that it can be read without the rest. */
export interface FilePlace {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

/** The store is away: a TransientError with `outage` says so. */
export interface ExportFiles {
  /**
   * Writes a file of lines in JSON, group by group; the places of the groups. A file never changes: undefined, and nothing is
   * written, when there is another one of that name. The same once more is no other.
   */
  create(file: string, groups: readonly (readonly unknown[])[]): Promise<readonly FilePlace[] | undefined>;
  /** The group at a place. */
  read(place: FilePlace): Promise<readonly unknown[]>;
}

/** Events of one order, of which those from `from` to `to` are in a file only. */
export interface ExportedEvents extends FilePlace {
  readonly tenantId: string;
  readonly orderId: string;
  readonly from: number;
  readonly to: number;
}

/** The store is away: a TransientError with `outage` says so. */
export interface ExportSources {
  /** The events of an order that are in the store, oldest first. */
  events(orderId: string): Promise<readonly EventEnvelope[]>;
  /** Takes events from the store and says there where they are, both or neither; once more is no change. */
  moveEvents(events: ExportedEvents): Promise<void>;
  /** The archived history of an instance; undefined when there is none. */
  history(instanceId: string): Promise<SagaRecord | undefined>;
  /** Takes it from the archive; one that is not there is gone already. */
  removeHistory(instanceId: string): Promise<void>;
}
