// Replica lag, injected by the control API: a point read without a session token, or with one older than the write,
// sees an earlier state, as the consistency level Session allows. Queries and the change feed never lag. Kept in
// memory.
//
// lagging-replica.R1  A write is seen at once by a client that shows a session token that covers it, and by everyone once it
//   is `lagMs` old.
// lagging-replica.R2  What is read else is a state that was there: the one before the first write that is not seen.
import { z } from 'zod';
import type { Clock } from '../kit/clock';
import type { StoredDocument } from './document-table';
import { CosmosError } from './protocol/errors';

const settings = z.strictObject({
  /** 0: no read is behind. */
  lagMs: z.int().min(0).max(3_600_000),
  /** Of all containers when absent. */
  container: z.string().min(1).optional(),
});

export type ReplicaLag = z.infer<typeof settings>;

export interface DocumentAddress {
  /** The id of its container, and what tells that one from others of this id. */
  readonly container: string;
  readonly rid: string;
  readonly pk: string;
  readonly id: string;
}

export interface Seen {
  readonly document: StoredDocument | undefined;
  /** How far the replica has come that has answered; absent: to the end. */
  readonly asOfLsn?: number;
}

interface Write {
  readonly lsn: number;
  readonly atMs: number;
  readonly before: StoredDocument | undefined;
}

/** Documents with notes; beyond it those written longest ago are seen as they are. */
const DOCUMENTS_AT_MOST = 20_000;

export class LaggingReplica {
  private lag: ReplicaLag = { lagMs: 0 };
  private readonly writes = new Map<string, readonly Write[]>();

  constructor(private readonly clock: Clock) {}

  get current(): ReplicaLag {
    return this.lag;
  }

  /** @throws CosmosError (400) */
  replace(text: string): void {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      throw new CosmosError(400, 'The lag of the replica is not JSON.');
    }
    const parsed = settings.safeParse(json);
    if (!parsed.success)
      throw new CosmosError(
        400,
        `The lag of the replica must be { "lagMs": …, "container"?: … }: ${z.prettifyError(parsed.error)}`,
      );
    this.lag = parsed.data;
    this.writes.clear();
  }

  /** `before` is what the write at `lsn` replaces. */
  note(address: DocumentAddress, lsn: number, before: StoredDocument | undefined): void {
    if (!this.isBehind(address)) return;
    const key = keyOf(address);
    const recent = this.recent(key);
    this.writes.delete(key);
    this.writes.set(key, [...recent, { lsn, atMs: this.clock.now(), before }]);
    const [oldest] = this.writes.keys();
    if (this.writes.size > DOCUMENTS_AT_MOST && oldest !== undefined) this.writes.delete(oldest);
  }

  /** What a read sees of a document that now is `stored` (lagging-replica.R1, lagging-replica.R2). */
  seen(address: DocumentAddress, stored: StoredDocument | undefined, token: string | undefined): Seen {
    if (!this.isBehind(address)) return { document: stored };
    const covered = lsnOf(token);
    const unseen = this.recent(keyOf(address)).find(({ lsn }) => lsn > covered);
    return unseen === undefined ? { document: stored } : { document: unseen.before, asOfLsn: unseen.lsn - 1 };
  }

  private isBehind({ container }: DocumentAddress): boolean {
    return this.lag.lagMs > 0 && (this.lag.container ?? container) === container;
  }

  private recent(key: string): readonly Write[] {
    const sinceMs = this.clock.now() - this.lag.lagMs;
    return (this.writes.get(key) ?? []).filter(({ atMs }) => atMs > sinceMs);
  }
}

const keyOf = ({ rid, pk, id }: DocumentAddress): string => JSON.stringify([rid, pk, id]);

/** `<range>:<version>#<lsn>`; without one nothing is covered. */
function lsnOf(token = ''): number {
  return Number(/^[^:]*:[^#]*#(\d+)/.exec(token)?.[1] ?? -1);
}
