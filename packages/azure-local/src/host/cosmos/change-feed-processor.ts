// Change feed processor of one function: delivers the changes of one container to it and checkpoints its position.
// Several on one container go on independently, each with leases under its own prefix.
//
// change-feed-processor.C1  Changes of a range come in the order of the feed, one batch at a time; ranges go side by
//   side.
// change-feed-processor.C2  A checkpoint is written only after the invocation has ended, retries included: what a crash
//   cuts off comes again.
// change-feed-processor.C3  It is also written after an invocation that failed for good, as on the platform: that batch
//   is lost, and said so.
// change-feed-processor.C4  Only an empty page is followed by a wait.
// change-feed-processor.C5  A host that is alone takes every lease at once: its former owner has ended. Several share
//   them (shared-ranges.ts).
import { randomUUID } from 'node:crypto';
import type { ChangeFeedPullModelIterator, FeedRange } from '@azure/cosmos';
import type { Clock } from '../../kit/clock';
import type { HostedFunction } from '../hosted-function';
import type { Invoke } from '../invocation';
import type { HostLogger } from '../../kit/log';
import { pause } from '../pause';
import { RetriesCutOff, retrying } from '../retrying';
import type { HostListener } from '../trigger-kind';
import { codeOf, MissingContainer, openFeedStore, type FeedStore } from './feed-store';
import { LeaseLost, readLease, takeLease, type Lease, type LeaseRequest } from './lease';
import { createOutage, type Outage } from './outage';
import { readShared } from './shared-ranges';
import type { CosmosTriggerOptions } from './trigger-options';

export interface ProcessorServices {
  readonly clock: Clock;
  readonly log: HostLogger;
  readonly invoke: Invoke;
  /** change-feed-processor.C5. */
  readonly isShared: boolean;
}

const CATEGORY = 'Host.Triggers.CosmosDB';

export class ChangeFeedProcessor implements HostListener {
  private readonly owner = randomUUID();
  private readonly closing = new AbortController();
  private readonly outage: Outage;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly fn: HostedFunction,
    private readonly options: CosmosTriggerOptions,
    private readonly services: ProcessorServices,
  ) {
    this.outage = createOutage(services.log, CATEGORY, fn.name, this.reads);
  }

  /** Resolves when reading has begun or has failed once: the host starts without a store that is away. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.running = this.run(resolve);
    });
  }

  /** Ends waits at once, and resolves when the running invocation has ended and is checkpointed. Idempotent. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  private get reads(): string {
    const { database, container } = this.options.monitored;
    return `${database}/${container}`;
  }

  private async run(onTried: () => void): Promise<void> {
    const { clock, log } = this.services;
    const startedMs = clock.now();
    let { startFrom } = this.options;
    while (!this.closing.signal.aborted) {
      try {
        await this.readUntilFailure(startFrom, onTried);
      } catch (error) {
        if (error instanceof LeaseLost) {
          const advice =
            'This host reads it no more: stop the other one, and start this one again to take it back.';
          log.write('warning', CATEGORY, `Function ${this.fn.name}: ${error.message} ${advice}`);
          return;
        }
        // "Now" is the start of the host, also when its first look comes late: a container made since is all new.
        if (startFrom === 'now')
          startFrom =
            error instanceof MissingContainer && error.address === this.options.monitored ? 0 : startedMs;
        const waitMs = this.outage.failed(error);
        onTried();
        await pause(clock, waitMs, this.closing.signal);
      }
    }
  }

  private async readUntilFailure(
    startFrom: CosmosTriggerOptions['startFrom'],
    onBegun: () => void,
  ): Promise<void> {
    const store = await openFeedStore(this.options);
    try {
      if (this.services.isShared) await this.readTogether(store, startFrom, onBegun);
      else await this.readAlone(store, startFrom, onBegun);
    } finally {
      store.close();
    }
  }

  private readTogether(
    store: FeedStore,
    startFrom: CosmosTriggerOptions['startFrom'],
    onBegun: () => void,
  ): Promise<void> {
    const { clock, log } = this.services;
    return readShared({
      functionName: this.fn.name,
      ranges: store.ranges.map((range) => ({ range, request: this.request(store, range, startFrom) })),
      times: this.options.leaseTimes,
      clock,
      log,
      category: CATEGORY,
      closing: this.closing.signal,
      read: (range, lease, signal) => this.readRange(store.read(range, lease.position), lease, signal),
      onBegun,
    });
  }

  private async readAlone(
    store: FeedStore,
    startFrom: CosmosTriggerOptions['startFrom'],
    onBegun: () => void,
  ): Promise<void> {
    const leases = await Promise.all(
      store.ranges.map(async (range) => {
        const request = this.request(store, range, startFrom);
        const lease = await takeLease(request, await readLease(request));
        if (lease === undefined) throw new Error(`The lease ${request.id} was written by another host.`);
        return { range, lease };
      }),
    );
    onBegun();
    const failed = new AbortController();
    const signal = AbortSignal.any([this.closing.signal, failed.signal]);
    const readers = leases.map(({ range, lease }) =>
      this.readRange(store.read(range, lease.position), lease, signal).catch((error: unknown) => {
        failed.abort();
        throw error;
      }),
    );
    // No reader is left behind: the next ones begin where these have stopped.
    await Promise.allSettled(readers);
    await Promise.all(readers);
  }

  private request(
    store: FeedStore,
    range: FeedRange,
    startFrom: CosmosTriggerOptions['startFrom'],
  ): LeaseRequest {
    const { monitored, leasePrefix } = this.options;
    const rangeName = `${range.minInclusive}-${range.maxExclusive}`;
    return {
      container: store.leases,
      id: `${leasePrefix}${monitored.hostname}_${store.identity}.local.${rangeName}`,
      rangeName,
      owner: this.owner,
      clock: this.services.clock,
      begin: async () =>
        startFrom === 'now'
          ? { continuation: (await store.read(range, 'now').readNext()).continuationToken }
          : { startMs: startFrom },
    };
  }

  private async readRange(
    feed: ChangeFeedPullModelIterator<unknown>,
    lease: Lease,
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      const { statusCode, result, continuationToken } = await feed.readNext();
      this.outage.over();
      if (signal.aborted) return;
      if (statusCode === 304) {
        if (!(await pause(this.services.clock, this.options.feedPollDelayMs, signal))) return;
      } else if (result.length > 0) {
        if (!(await this.deliver(result, signal))) return;
        await this.checkpoint(lease, continuationToken, signal);
      }
    }
  }

  /** Whether the batch is done with; false when the end of the reader cut its retries off. */
  private async deliver(documents: readonly unknown[], signal: AbortSignal): Promise<boolean> {
    const { fn, services, options } = this;
    const event = {
      data: { json: JSON.stringify(documents) },
      reason: `New changes on container ${options.monitored.container} at ${new Date(services.clock.now()).toISOString()}`,
    };
    try {
      await retrying(services.invoke, { ...services, signal })(fn, event);
    } catch (error) {
      if (error instanceof RetriesCutOff) return false;
      services.log.write('error', CATEGORY, this.lostBatch(documents.length));
    }
    return true;
  }

  private lostBatch(count: number): string {
    const { name, retryPolicy } = this.fn;
    const [why, advice] =
      retryPolicy === undefined
        ? ['has no retry policy', 'Give it one ("retry" in app.cosmosDB; maxRetryCount -1 never gives up)']
        : [`has used up its ${retryPolicy.maxRetryCount} retries`, 'Raise maxRetryCount (-1 never gives up)'];
    return (
      `Function ${name} failed on ${count} changes of ${this.reads} and ${why}: they are lost, since the platform goes on ` +
      `behind a batch that failed, and so does this host. ${advice}, and let the handler itself put aside what it can never process.`
    );
  }

  /** Writes until it is written (change-feed-processor.C2), or the reader ends: then the batch comes again. */
  private async checkpoint(lease: Lease, continuation: string, signal: AbortSignal): Promise<void> {
    const { clock } = this.services;
    for (;;) {
      try {
        await lease.checkpoint(continuation);
        this.outage.over();
        return;
      } catch (error) {
        if (error instanceof LeaseLost || codeOf(error) === 404) throw error;
        if (!(await pause(clock, this.outage.failed(error), signal))) return;
      }
    }
  }
}
