// Interface that the client API (client.ts, management.ts) has of the two kinds of engine: `atomic`, which writes an
// episode and all it leads to at once (engine.ts), and `azure`, which behaves as Azure Storage (azure/).
import type { Clock } from '../kit/clock';
import type { EntityRequest } from './entity-messages';
import type { EventText, StartFacts } from './history-events';
import type { Message, RuntimeStatus } from './instance';
import type { InstanceFilter } from './instance-filter';
import type { RewindOutcome } from './rewind';
import type { InstanceRow } from './stored-rows';

/** How the engine keeps its task hub. */
export const STORAGE_MODES = ['atomic', 'azure'] as const;
export type StorageMode = (typeof STORAGE_MODES)[number];

/** What status calls and purges need of the storage. */
export interface HubStore {
  /** The instance as it is now, on disk or about to be. */
  find(id: string): InstanceRow | undefined;
  /** The instance as it is on disk. */
  status(id: string): Promise<InstanceRow | undefined>;
  /** The history of a run: texts of events, joined by commas. */
  history(key: number): Promise<EventText[]>;
  /** Rows by id, ascending, at most `limit`. */
  list(filter: InstanceFilter, limit: number): Promise<InstanceRow[]>;
  /** Resolves when everything written so far is on disk. */
  onDisk(): Promise<void>;
  /** Forgets ended runs. */
  purge(keys: readonly number[]): Promise<void>;
}

/** A run that has not ended. */
export interface UnfinishedRun {
  readonly status: RuntimeStatus;
  /** An episode is queued or running. */
  readonly busy: boolean;
}

/** A durable engine, whichever its storage. */
export interface DurableHub {
  readonly hubName: string;
  readonly clock: Clock;
  /** The version of instances that are started without one. */
  readonly defaultVersion: string | null;
  readonly store: HubStore;
  /** Whether client calls are taken: started and not closing. */
  readonly isRunning: boolean;
  /** Goes on with what was unfinished. To be called once, when the app's functions are registered. */
  start(): void;
  /** Takes no more work, waits a while for what is in flight, and lets go. Idempotent. */
  close(): Promise<void>;
  /** Resolves when nothing can go on without time passing or a client. */
  idle(): Promise<void>;
  unfinished(id: string): UnfinishedRun | undefined;
  /** Resolves when no unfinished instance has this id and what it ended with is on disk. */
  ended(id: string): Promise<void>;
  /** Begins a run; `replacedKey` is the ended run under the same id. Resolves when it is on disk. */
  begin(facts: StartFacts, replacedKey: number | undefined): Promise<void>;
  /** Hands a client's message to an unfinished instance; resolves when it is on disk. */
  send(id: string, message: Message): Promise<void>;
  /** The names of the app's entities. */
  entityNames(): readonly string[];
  /** Sends an operation to the entity with this id; resolves when it is on disk. */
  signal(id: string, request: Omit<EntityRequest, 'id'>): Promise<void>;
  /** Takes back the failures of a failed run and lets it go on; resolves when that is on disk. */
  rewind(row: InstanceRow, reason: string | null): Promise<RewindOutcome>;
}
