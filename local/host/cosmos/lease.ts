// One document of the lease container: how far a function has come in one range of a change feed, and who reads it.
// The document has the fields of the .NET change feed processor but an id of its own, since continuations differ.
//
// L1  Every write is guarded by the etag of the one before: of two hosts only one writes.
// L2  Whoever takes the lease last has it: a host that was killed leaves none to wait for, and the one before finds out
//     at its next write.
import type { Container } from '@azure/cosmos';
import type { Clock } from '../../clock';
import { codeOf, type FeedPosition } from './feed-store';

export interface Lease {
  /** Where to go on. */
  readonly position: Exclude<FeedPosition, 'now'>;
  /** Writes how far the function has come. @throws LeaseLost when another host reads now, or what the SDK throws. */
  checkpoint(continuation: string): Promise<void>;
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
  readonly Owner: string;
  readonly ContinuationToken: string | null;
  /** Where to begin as long as there is no continuation. */
  readonly StartTime: string | null;
  readonly timestamp: string;
}

/** Makes `owner` the holder of the lease, creating it if need be (L2). */
export async function takeLease(request: LeaseRequest): Promise<Lease> {
  const { container, id } = request;
  const { resource, etag } = await container.item(id, id).read<LeaseDocument>();
  if (resource === undefined) {
    const position = await request.begin();
    const created = await container.items.create(toDocument(request, position));
    return holdLease(request, position, created.etag);
  }
  const position = positionOf(resource);
  const taken = await container.item(id, id).replace(toDocument(request, position), ifMatch(etag));
  return holdLease(request, position, taken.etag);
}

function holdLease(request: LeaseRequest, position: Lease['position'], firstEtag: string): Lease {
  const { container, id, owner } = request;
  const item = container.item(id, id);
  let etag = firstEtag;
  return {
    position,
    async checkpoint(continuation) {
      try {
        const answer = await item.replace(toDocument(request, { continuation }), ifMatch(etag));
        etag = answer.etag;
      } catch (error) {
        if (codeOf(error) !== 412) throw error;
        const found = await item.read<LeaseDocument>();
        if (found.resource?.Owner !== owner) throw new LeaseLost(id);
        // This host's own write, whose answer was lost.
        etag = found.etag;
        if (found.resource.ContinuationToken !== continuation) throw error;
      }
    },
  };
}

function toDocument(
  { id, rangeName, owner, clock }: LeaseRequest,
  position: Lease['position'],
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

function ifMatch(etag: string): { accessCondition: { type: string; condition: string } } {
  return { accessCondition: { type: 'IfMatch', condition: etag } };
}
