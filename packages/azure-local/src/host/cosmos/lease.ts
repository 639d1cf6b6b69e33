// Lease document of one range of a change feed: the position a function has reached there, and the host that reads it.
// It has the fields of the .NET change feed processor but an id of its own, since continuations differ.
//
// feed-lease.L1  Every write is guarded by the etag of the one before: of two hosts only one writes.
// feed-lease.L2  Whoever takes the lease last has it; the one before finds out at its next write. Whether a lease of
//   another host may be taken is for the caller to say.
// feed-lease.L3  A lease that is given back has no owner, and its position is kept.
import type { Container } from '@azure/cosmos';
import type { Clock } from '../../kit/clock';
import { codeOf, type FeedPosition } from './feed-store';

export interface Lease {
  /** Where to go on. */
  readonly position: Exclude<FeedPosition, 'now'>;
  /** Writes how far the function has come. @throws LeaseLost when another host reads now, or what the SDK throws. */
  checkpoint(continuation: string): Promise<void>;
  /** Says that this host still reads. @throws as `checkpoint` */
  renew(): Promise<void>;
  /** feed-lease.L3. @throws as `checkpoint` */
  release(): Promise<void>;
}

export interface LeaseRequest {
  readonly container: Container;
  readonly id: string;
  readonly rangeName: string;
  readonly owner: string;
  readonly clock: Clock;
  /** Where a lease that is not there yet begins. */
  begin(): Promise<Lease['position']>;
}

/** A lease as it was read. */
export interface FoundLease {
  readonly owner: string | undefined;
  readonly renewedMs: number;
  readonly position: Lease['position'];
  readonly etag: string;
}

/** Another host has taken the lease. */
export class LeaseLost extends Error {
  constructor(id: string) {
    super(`The lease ${id} was taken by another host.`);
    this.name = 'LeaseLost';
  }
}

interface LeaseDocument {
  readonly id: string;
  readonly LeaseToken: string;
  readonly Owner: string | null;
  readonly ContinuationToken: string | null;
  /** Where to begin as long as there is no continuation. */
  readonly StartTime: string | null;
  /** When it was written last, by the clock of its owner. */
  readonly timestamp: string;
}

export async function readLease({ container, id }: LeaseRequest): Promise<FoundLease | undefined> {
  const { resource, etag } = await container.item(id, id).read<LeaseDocument>();
  if (resource === undefined) return undefined;
  return {
    owner: resource.Owner ?? undefined,
    renewedMs: Date.parse(resource.timestamp),
    position: positionOf(resource),
    etag,
  };
}

/**
 * Makes `owner` the holder of the lease that was found, or of a new one (feed-lease.L2); undefined when another host
 * was faster.
 */
export async function takeLease(
  request: LeaseRequest,
  found: FoundLease | undefined,
): Promise<Lease | undefined> {
  const { container, id, owner } = request;
  try {
    if (found === undefined) {
      const position = await request.begin();
      const created = await container.items.create(toDocument(request, position, owner));
      return holdLease(request, position, created.etag);
    }
    const document = toDocument(request, found.position, owner);
    const taken = await container.item(id, id).replace(document, ifMatch(found.etag));
    return holdLease(request, found.position, taken.etag);
  } catch (error) {
    if (codeOf(error) === 409 || codeOf(error) === 412) return undefined;
    throw error;
  }
}

function holdLease(request: LeaseRequest, position: Lease['position'], firstEtag: string): Lease {
  const { container, id, owner } = request;
  const item = container.item(id, id);
  let etag = firstEtag;
  let reached = position;
  let last: Promise<unknown> = Promise.resolve();
  const replace = async (next: Lease['position'], nextOwner: string | null): Promise<void> => {
    try {
      const answer = await item.replace(toDocument(request, next, nextOwner), ifMatch(etag));
      etag = answer.etag;
      reached = next;
    } catch (error) {
      if (codeOf(error) !== 412) throw error;
      const found = await item.read<LeaseDocument>();
      if (found.resource?.Owner !== owner) throw new LeaseLost(id);
      // This host's own write, whose answer was lost.
      etag = found.etag;
      reached = positionOf(found.resource);
      if (!isSame(reached, next)) throw error;
    }
  };
  /** A renewal and a checkpoint go one after the other: each needs the etag of the one before. */
  const inTurn = (write: () => Promise<void>): Promise<void> => {
    const written = last.then(write);
    last = written.catch(() => undefined);
    return written;
  };
  return {
    position,
    checkpoint: (continuation) => inTurn(() => replace({ continuation }, owner)),
    renew: () => inTurn(() => replace(reached, owner)),
    release: () => inTurn(() => replace(reached, null)),
  };
}

function toDocument(
  { id, rangeName, clock }: LeaseRequest,
  position: Lease['position'],
  owner: string | null,
): LeaseDocument {
  const isBegun = 'continuation' in position;
  return {
    id,
    LeaseToken: rangeName,
    Owner: owner,
    ContinuationToken: isBegun ? position.continuation : null,
    StartTime: isBegun ? null : new Date(position.startMs).toISOString(),
    timestamp: new Date(clock.now()).toISOString(),
  };
}

function positionOf({ ContinuationToken, StartTime }: LeaseDocument): Lease['position'] {
  return ContinuationToken === null
    ? { startMs: Date.parse(String(StartTime)) }
    : { continuation: ContinuationToken };
}

function isSame(one: Lease['position'], other: Lease['position']): boolean {
  return 'continuation' in one
    ? 'continuation' in other && one.continuation === other.continuation
    : 'startMs' in other && one.startMs === other.startMs;
}

function ifMatch(etag: string): { accessCondition: { type: string; condition: string } } {
  return { accessCondition: { type: 'IfMatch', condition: etag } };
}
