// Snapshots of orders at every hundredth event, which bound how much history a read folds. Pure but for the checksum.
//
// snapshots.N1  A snapshot is the fold of its stream up to its sequence: nothing is lost when there is none.
// snapshots.N2  One that does not match its checksum is as good as none.
import { createHash } from 'node:crypto';
import type { EventEnvelope } from '../domain/event-envelope';
import { evolve, headOf, type OrderHead } from '../domain/order';
import type { Snapshot } from '../ports/order-store';

const SNAPSHOT_EVERY = 100;

/** The snapshots to write with `events`, which follow `before`: one per multiple of a hundred that they reach. */
export function snapshotsDue(before: OrderHead, events: readonly EventEnvelope[]): readonly Snapshot[] {
  const last = events.at(-1)?.sequence ?? before.version;
  if (Math.floor(last / SNAPSHOT_EVERY) === Math.floor(before.version / SNAPSHOT_EVERY)) return [];
  let head = headOf(before);
  return events.flatMap((event) => {
    head = evolve(head, event);
    return head.version % SNAPSHOT_EVERY === 0 ? [snapshotOf(head)] : [];
  });
}

function snapshotOf(head: OrderHead): Snapshot {
  const { orderId, version: sequence, updatedAt } = head;
  return { orderId, sequence, updatedAt, head, checksum: checksumOf(head) };
}

/** Whether the head is the one that was written. */
export function isWhole({ sequence, head, checksum }: Snapshot): boolean {
  return checksum === checksumOf(head) && head.version === sequence;
}

function checksumOf(head: unknown): string {
  return createHash('sha256').update(canonical({ head })).digest('base64url');
}

/** JSON with its keys in order: a store may give them back in another. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
