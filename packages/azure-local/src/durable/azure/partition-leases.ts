// Partition manager of one host: acquires, renews and gives up leases of control queues. Follows
// DurableTask.AzureStorage, Partitioning/TablePartitionManager.cs: a lease lasts 30 s and is renewed every 10; a host
// takes leases that are free or have expired, then steals until each host has its share; the former holder finishes
// what it has begun and lets go.
//
// partition-leases.K1  A lease only says who reads. Who has lost one without noticing may still be in an episode: the
//   etag of the history decides between the two.
import type { Alarm, Clock } from '../../kit/clock';
import type { HubStorage } from './hub-storage';
import type { Lease } from './lease-table';
import { controlQueue } from './messages';

const LEASE_MS = 30_000;
const RENEW_EVERY_MS = 10_000;
/** How soon it looks again while a partition changes hands. */
const CHANGING_EVERY_MS = 1_000;

export interface PartitionLeasesOptions {
  readonly storage: HubStorage;
  readonly clock: Clock;
  /** Without it there are no other hosts, and every queue is this one's. */
  readonly hostId: string | undefined;
  /** Whether an episode of this queue is going on here. */
  isBusyWith(queue: string): boolean;
  /** Called when this host reads other queues than before. */
  onChange(): void;
  fail(error: unknown): void;
}

/** Made by the engine. */
export class PartitionLeases {
  private owned: readonly string[] = [];
  private alarm: Alarm | undefined;
  private isOpen = false;

  constructor(private readonly options: PartitionLeasesOptions) {}

  start(): void {
    const { hostId, storage } = this.options;
    this.isOpen = true;
    if (hostId === undefined) {
      this.owned = storage.hub.leases.all().map(({ partition }) => controlQueue(partition));
      return;
    }
    void this.manage(hostId);
  }

  /** The queues that this host may read. */
  queues = (): readonly string[] => this.owned;

  /** Gives back every lease, so that others need not wait for its end. */
  async release(): Promise<void> {
    this.close();
    const { hostId, storage } = this.options;
    if (hostId === undefined) return;
    for (const lease of storage.hub.leases.all().filter(({ owner }) => owner === hostId))
      await this.write({ ...lease, owner: null, expiresMs: 0 });
  }

  close(): void {
    this.isOpen = false;
    this.alarm?.cancel();
  }

  private async manage(hostId: string): Promise<void> {
    try {
      const isChanging = await this.look(hostId);
      if (!this.isOpen) return;
      const delayMs = isChanging ? CHANGING_EVERY_MS : RENEW_EVERY_MS;
      const { clock } = this.options;
      this.alarm = clock.alarm(clock.now() + delayMs, () => void this.manage(hostId));
    } catch (error) {
      this.options.fail(error);
    }
  }

  /** Whether a partition is about to change hands. */
  private async look(hostId: string): Promise<boolean> {
    const { storage, clock } = this.options;
    let isChanging = false;
    for (const lease of storage.hub.leases.all()) {
      const mine = this.step(lease, hostId, clock.now());
      if (mine !== undefined) await this.write(mine);
      isChanging ||= lease.nextOwner !== null;
    }
    const stolen = toSteal(storage.hub.leases.all(), hostId, clock.now());
    if (stolen !== undefined) await this.write({ ...stolen, nextOwner: hostId });
    this.setOwned(
      storage.hub.leases
        .all()
        .filter(({ owner, nextOwner }) => owner === hostId && nextOwner === null)
        .map(({ partition }) => controlQueue(partition)),
    );
    return isChanging || stolen !== undefined;
  }

  /** What this host does to a lease; undefined for nothing. */
  private step(lease: Lease, hostId: string, nowMs: number): Lease | undefined {
    const { owner, nextOwner, expiresMs, partition } = lease;
    const mine = { ...lease, owner: hostId, nextOwner: null, expiresMs: nowMs + LEASE_MS };
    if (owner === null) return nextOwner === null || nextOwner === hostId ? mine : undefined;
    if (nowMs >= expiresMs) return mine;
    if (owner !== hostId) return undefined;
    if (nextOwner === null) return mine;
    return this.options.isBusyWith(controlQueue(partition))
      ? { ...lease, expiresMs: nowMs + LEASE_MS }
      : { ...lease, owner: null };
  }

  private async write(lease: Lease): Promise<void> {
    const moment = { name: 'partitionChanged', instanceId: '', what: controlQueue(lease.partition) } as const;
    await this.options.storage.commit(moment, (hub) => hub.leases.write(lease));
  }

  private setOwned(queues: readonly string[]): void {
    const isSame = queues.length === this.owned.length && queues.every((queue) => this.owned.includes(queue));
    this.owned = queues;
    if (!isSame) this.options.onChange();
  }
}

/** One partition of a host that has too many, if this host has too few. */
function toSteal(leases: readonly Lease[], hostId: string, nowMs: number): Lease | undefined {
  const live = leases.filter(({ owner, expiresMs }) => owner !== null && expiresMs > nowMs);
  const holder = ({ owner, nextOwner }: Lease): string => nextOwner ?? owner ?? hostId;
  const counts = new Map<string, number>([[hostId, 0]]);
  for (const lease of live) counts.set(holder(lease), (counts.get(holder(lease)) ?? 0) + 1);
  const mine = counts.get(hostId) ?? 0;
  const [richest, most] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
  if (most - mine < 2) return undefined;
  return live.find(({ owner, nextOwner }) => owner === richest && nextOwner === null);
}
