// Pump of an outbox: takes rows from a table in batches, publishes them, deletes them, and tries again while the topic is
// away. Knows no table and no event; used by stock-outbox.ts and parcel-outbox.ts.
import { elapse } from './calls';
import type { GridEvent, PublishEvents } from './grid-event';
import type { Clock } from 'azure-local/kit/clock';
import type { HostLog } from 'azure-local/kit/host-log';
import type { Journal } from 'azure-local/storage/journal';

/** What every outbox is made with. */
export interface OutboxParts {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: HostLog;
  readonly publish: PublishEvents;
  readonly lifetime: AbortSignal;
}

/** The table of an outbox. `forget` leaves a row that was replaced since. */
export interface OutboxTable<Row> {
  readonly what: string;
  /** The next rows that may go out, oldest first. */
  first(limit: number): readonly Row[];
  toEvent(row: Row): GridEvent;
  forget(row: Row): void;
}

export interface OutboxPump {
  /** Publishes what may go out; to be called after every change of the table. */
  wake(): void;
  /** Resolves when nothing is under way any more. */
  ended(): Promise<void>;
}

const BATCH = 500;
/** Bounds the load: batches are at least so far apart. */
const INTERVAL_MS = 50;
const RETRY_MS = 1_000;

export function createOutboxPump<Row>(
  { journal, clock, log, publish, lifetime }: OutboxParts,
  table: OutboxTable<Row>,
): OutboxPump {
  let changed = false;
  let working: Promise<void> | undefined;
  let isAway = false;

  /** How long to wait for the next batch; undefined when everything is published. */
  async function publishNext(): Promise<number | undefined> {
    try {
      const rows = await journal.read(() => table.first(BATCH));
      if (rows.length === 0) return undefined;
      await publish(
        rows.map((row) => table.toEvent(row)),
        lifetime,
      );
      await journal.write(() => rows.forEach((row) => table.forget(row)));
      isAway = false;
      return INTERVAL_MS;
    } catch (error) {
      if (!isAway && !lifetime.aborted) {
        const why = error instanceof Error ? error.message : String(error);
        log.warn(
          `Simulated services: ${table.what} could not be published (${why}); trying again every second.`,
        );
      }
      isAway = true;
      return RETRY_MS;
    }
  }

  async function work(): Promise<void> {
    while (changed) {
      changed = false;
      const pauseMs = await publishNext();
      if (pauseMs === undefined) continue;
      changed = true;
      if (!(await elapse(clock, pauseMs, lifetime))) return;
    }
    working = undefined;
  }

  return {
    wake() {
      changed = true;
      // Not inside the write that woke it: that may yet be taken back.
      if (!lifetime.aborted) working ??= Promise.resolve().then(work);
    },
    ended: async () => working,
  };
}
