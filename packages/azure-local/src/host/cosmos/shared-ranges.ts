// Lease manager of a change feed's ranges that several hosts share: acquires leases, renews them, gives them back.
// change-feed-processor.ts passes in how a range is read.
//
// shared-ranges.H1  A range is read by the host that holds its lease. One that has lost it ends its reader, whatever
//   that waits for; an invocation that runs by then is not ended, and what it was given comes again at the other host.
// shared-ranges.H2  A lease that was not renewed in time is another host's to take (lease-balance.ts). So is one that
//   this host held before it failed: its own.
// shared-ranges.H3  At the end the leases are given back once their readers have ended, so that no other host waits for them
//   to expire.
import type { FeedRange } from '@azure/cosmos';
import type { Clock } from '../../kit/clock';
import type { HostLogger } from '../../kit/log';
import { pause } from '../pause';
import { leasesToTake } from './lease-balance';
import { LeaseLost, readLease, takeLease, type FoundLease, type Lease, type LeaseRequest } from './lease';
import type { LeaseTimes } from './trigger-options';

export interface SharedRange {
  readonly range: FeedRange;
  readonly request: LeaseRequest;
}

export interface SharedReading {
  readonly functionName: string;
  readonly ranges: readonly SharedRange[];
  readonly times: LeaseTimes;
  readonly clock: Clock;
  readonly log: HostLogger;
  readonly category: string;
  /** The end of the host. */
  readonly closing: AbortSignal;
  /** Reads until the signal or until it fails. */
  read(range: FeedRange, lease: Lease, signal: AbortSignal): Promise<void>;
  /** The leases have been looked at for the first time. */
  onBegun(): void;
}

/**
 * Resolves at the end of the host; rejects, with every reader ended, when one of them failed or the leases cannot be
 * read.
 */
export function readShared(reading: SharedReading): Promise<void> {
  return new SharedRanges(reading).run();
}

interface Reader {
  readonly lease: Lease;
  readonly ended: Promise<void>;
}

class SharedRanges {
  private readonly readers = new Map<string, Reader>();
  private readonly failing = new AbortController();
  private readonly signal: AbortSignal;

  constructor(private readonly reading: SharedReading) {
    this.signal = AbortSignal.any([reading.closing, this.failing.signal]);
  }

  async run(): Promise<void> {
    const { clock, closing, times } = this.reading;
    try {
      do {
        await this.takeShare();
        this.reading.onBegun();
      } while (await pause(clock, times.acquireMs, this.signal));
    } finally {
      this.failing.abort();
      const leases = Array.from(this.readers.values(), ({ lease }) => lease);
      await Promise.all(Array.from(this.readers.values(), ({ ended }) => ended));
      if (closing.aborted) await Promise.all(leases.map(giveBack));
    }
    const { reason } = this.failing.signal as { readonly reason: unknown };
    if (!closing.aborted) throw reason;
  }

  /** shared-ranges.H2. */
  private async takeShare(): Promise<void> {
    const { ranges, log, category, functionName } = this.reading;
    const found = await Promise.all(
      ranges.map(async (range) => ({ ...range, lease: await readLease(range.request) })),
    );
    const [first] = ranges;
    if (first === undefined) return;
    const shared = found.map(({ request, lease }) => ({
      id: request.id,
      owner: this.ownerOf(request, lease),
    }));
    const ids = leasesToTake(shared, first.request.owner);
    for (const { range, request, lease } of found.filter((each) => ids.includes(each.request.id))) {
      const taken = await takeLease(request, lease);
      if (taken === undefined) continue;
      log.write('information', category, `This host reads for ${functionName} now (${request.rangeName}).`);
      this.readers.set(request.id, { lease: taken, ended: this.readRange(request.id, range, taken) });
    }
  }

  private ownerOf({ id, owner, clock }: LeaseRequest, lease: FoundLease | undefined): string | undefined {
    if (lease?.owner === owner) return this.readers.has(id) ? owner : undefined;
    const { expirationMs } = this.reading.times;
    const ageMs = clock.now() - (lease?.renewedMs ?? -Infinity);
    // One from the future was written before the clock was put back.
    return ageMs > expirationMs || ageMs < -expirationMs ? undefined : lease?.owner;
  }

  /** shared-ranges.H1. Never rejects: a failure ends all readers. */
  private async readRange(id: string, range: FeedRange, lease: Lease): Promise<void> {
    const { log, category, functionName } = this.reading;
    const lost = new AbortController();
    const signal = AbortSignal.any([this.signal, lost.signal]);
    const renewing = this.keep(lease, lost, signal);
    try {
      await this.reading.read(range, lease, signal);
    } catch (error) {
      if (error instanceof LeaseLost) lost.abort();
      else this.failing.abort(error);
    }
    if (lost.signal.aborted) {
      this.readers.delete(id);
      log.write('warning', category, `Function ${functionName}: another host has taken the lease ${id}.`);
    }
    await renewing;
  }

  /** Renews until the signal; a store that is away is the reader's to notice. */
  private async keep(lease: Lease, lost: AbortController, signal: AbortSignal): Promise<void> {
    const { clock, times } = this.reading;
    while (await pause(clock, times.renewMs, signal)) {
      try {
        await lease.renew();
      } catch (error) {
        if (error instanceof LeaseLost) lost.abort();
      }
    }
  }
}

/** shared-ranges.H3. Where that fails the lease expires. */
const giveBack = (lease: Lease): Promise<void> => lease.release().catch(() => undefined);
