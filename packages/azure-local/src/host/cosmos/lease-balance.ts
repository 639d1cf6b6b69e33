// Load balancing of change feed leases: which of them one host takes when several share them. Pure; the
// equal-partitions strategy of the change feed processor in the Cosmos DB SDK for .NET, which the platform runs.

export interface SharedLease {
  readonly id: string;
  /** Whose it is by its last renewal; undefined: without an owner, or of a host that has not renewed it in time. */
  readonly owner: string | undefined;
}

/**
 * The ids that `me` takes now: leases without an owner up to its equal share, one at least; where there is none, and it has
 * less than its share, one of the host that has the most beyond it.
 */
export function leasesToTake(leases: readonly SharedLease[], me: string): readonly string[] {
  const counts = new Map<string, number>([[me, 0]]);
  for (const { owner } of leases) {
    if (owner !== undefined) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  const share = Math.ceil(leases.length / counts.size);
  const missing = share - (counts.get(me) ?? 0);
  const free = leases.filter(({ owner }) => owner === undefined);
  if (free.length > 0) return free.slice(0, Math.max(1, missing)).map(({ id }) => id);
  if (missing <= 0) return [];
  const [richest, most] = [...counts].reduce((one, other) => (other[1] > one[1] ? other : one));
  const isBeyondShare = most > (missing > 1 ? share - 1 : share);
  const stolen = leases.find(({ owner }) => owner === richest);
  return richest !== me && isBeyondShare && stolen !== undefined ? [stolen.id] : [];
}
