// Quotas of tenants: how many requests one instance of the app takes for each, per second and at the same time. Admission at
// the door, counted in the memory of this process: with N instances a tenant gets up to N times as much. It does not share
// one queue fairly: what is admitted waits in the same places as everybody's.
import type { Tenant } from './tenants';

/** `refused`: over its quota; a request that comes `retryAfterMs` later may be admitted. */
export type Entry =
  | { readonly kind: 'admitted'; leave(): void }
  | { readonly kind: 'refused'; readonly retryAfterMs: number; readonly why: string };

export interface Quotas {
  /** Counts a request of the tenant; whoever is admitted leaves once. */
  enter(tenantId: string): Entry;
}

/** When a request ends is not known, so this is a guess. */
const RETRY_AFTER_MS = 1_000;

export function createQuotas(tenants: readonly Tenant[], clock: { readonly nowMs: () => number }): Quotas {
  const gates = new Map(tenants.map((tenant) => [tenant.id, createGate(tenant, clock)]));
  return { enter: (tenantId) => gates.get(tenantId)?.() ?? FREE };
}

const FREE: Entry = { kind: 'admitted', leave: () => undefined };

/** A bucket of tokens that holds those of one second, and a count of what is in flight. */
function createGate(
  { ratePerSecond = Infinity, inFlight = Infinity }: Tenant,
  { nowMs }: { readonly nowMs: () => number },
): () => Entry {
  const full = Math.max(1, ratePerSecond);
  let tokens = full;
  let filledMs = nowMs();
  let entered = 0;
  return () => {
    const now = nowMs();
    // A clock that is put back fills nothing.
    const gained = (Math.max(0, now - filledMs) / 1_000) * ratePerSecond;
    if (gained > 0) tokens = Math.min(full, tokens + gained);
    filledMs = now;
    if (entered >= inFlight) {
      const why = `${inFlight} requests of the tenant are under way`;
      return { kind: 'refused', retryAfterMs: RETRY_AFTER_MS, why };
    }
    if (tokens < 1) {
      const retryAfterMs = Math.ceil(((1 - tokens) / ratePerSecond) * 1_000);
      return { kind: 'refused', retryAfterMs, why: `The tenant may ask ${ratePerSecond} times a second` };
    }
    tokens -= 1;
    entered += 1;
    let isIn = true;
    const leave = (): void => {
      if (isIn) entered -= 1;
      isIn = false;
    };
    return { kind: 'admitted', leave };
  };
}
