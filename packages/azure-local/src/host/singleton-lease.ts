// Singleton leases: one of several hosts holds each, as the platform keeps them in blobs of the storage account. They
// lie in a file that the hosts have open together.
import type { Clock } from '../kit/clock';
import type { SharedFile } from '../storage/shared-file';

export interface SingletonLease {
  /** Takes it where it is free or has expired, or renews it; whether this host has it from now on for `periodMs`. */
  hold(): Promise<boolean>;
  /** Gives it back at once. Idempotent. */
  release(): Promise<void>;
}

export interface SingletonLeases {
  readonly periodMs: number;
  lease(name: string): SingletonLease;
}

export interface SingletonLeaseOptions {
  /** Tells this process from every other, also from the one before it in the same place. */
  readonly owner: string;
  readonly periodMs: number;
  readonly clock: Clock;
}

/** The leases in `file`. */
export function createSingletonLeases(file: SharedFile, options: SingletonLeaseOptions): SingletonLeases {
  const { owner, periodMs, clock } = options;
  file.schema(
    `CREATE TABLE IF NOT EXISTS host_leases
       (name TEXT PRIMARY KEY, owner TEXT NOT NULL, until_ms INTEGER NOT NULL)`,
  );
  // One that ends later than any can was taken before the clock was put back.
  const take = file.statement(
    `INSERT INTO host_leases (name, owner, until_ms) VALUES (?1, ?2, ?3)
     ON CONFLICT (name) DO UPDATE SET owner = ?2, until_ms = ?3
     WHERE owner = ?2 OR until_ms <= ?4 OR until_ms > ?5`,
  );
  const drop = file.statement('DELETE FROM host_leases WHERE name = ? AND owner = ?');
  return {
    periodMs,
    lease: (name) => ({
      hold: () =>
        file.commit(() => {
          const nowMs = clock.now();
          const untilMs = nowMs + periodMs;
          return take.run(name, owner, untilMs, nowMs, nowMs + LONGEST_MS).changes === 1;
        }),
      async release() {
        await file.commit(() => drop.run(name, owner));
      },
    }),
  };
}

/** The longest period that the platform takes. */
const LONGEST_MS = 60_000;
