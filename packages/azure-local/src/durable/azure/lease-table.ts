// Table of a task hub's partition leases: which host reads which control queue. Follows DurableTask.AzureStorage,
// Partitioning/TablePartitionManager.cs. Writers are to be called inside a commit.
import type { SharedFile } from '../../storage/shared-file';

export interface Lease {
  readonly partition: number;
  readonly owner: string | null;
  /** Who waits for the owner to let go. */
  readonly nextOwner: string | null;
  readonly expiresMs: number;
  readonly etag: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS hub_leases (
    partition INTEGER PRIMARY KEY, owner TEXT, next_owner TEXT, expires_ms INTEGER NOT NULL DEFAULT 0, etag INTEGER NOT NULL DEFAULT 0);`;

export type LeaseTable = ReturnType<typeof createLeaseTable>;

/** Opens the table in `file`, or creates it. */
export function createLeaseTable(file: SharedFile) {
  file.schema(SCHEMA);
  return {
    /** Adds the partitions that are missing; their number never changes afterwards, as on Azure. */
    ensure(count: number): void {
      if (file.statement('SELECT 1 AS found FROM hub_leases').get() !== undefined) return;
      for (let partition = 0; partition < count; partition += 1)
        file.statement('INSERT OR IGNORE INTO hub_leases (partition) VALUES (?)').run(partition);
    },

    all: (): Lease[] =>
      file
        .statement(
          'SELECT partition, owner, next_owner AS nextOwner, expires_ms AS expiresMs, etag FROM hub_leases ORDER BY partition',
        )
        .all<Lease>(),

    /** Whether it was still as it was read. */
    write: ({ partition, owner, nextOwner, expiresMs, etag }: Lease): boolean =>
      file
        .statement(
          'UPDATE hub_leases SET owner = ?, next_owner = ?, expires_ms = ?, etag = etag + 1 WHERE partition = ? AND etag = ?',
        )
        .run(owner, nextOwner, expiresMs, partition, etag).changes > 0,
  };
}
