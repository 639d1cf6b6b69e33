// Erasure of a customer's personal data: destroys the keys that it is encrypted with, and leaves a proof.
//
// erasure.E1  From the request on, new data is encrypted with a new key. The old ones are destroyed when no instance can hold
//   one of them in memory to encrypt with, and when every order that was placed until then has ended: what runs needs its
//   address.
// erasure.E2  The proof names the keys that were destroyed, who asked and when. It stays; asked again with nothing new to
//   erase, the answer is the same.
// erasure.E3  A restored backup has the keys again. The list of erasures, taken from the store before or from the log, is
//   applied to it: by the ids of the keys, so that newer data stays.
import { ALL_TENANTS, type CustomerScope, type TenantScope } from '../domain/scope';
import type { Clock } from '../ports/clock';
import { toIso } from '../ports/clock';
import type { CustomerData } from '../ports/customer-data';
import type { Erasure, KeyRing, KeyRings, StoredKeyRing } from '../ports/key-rings';
import type { Log } from '../ports/log';

export interface ErasurePorts {
  readonly rings: KeyRings;
  readonly customers: CustomerData;
  readonly clock: Clock;
  /** How long an instance may hold a key in memory. */
  readonly cacheMs: number;
  /** Lets this instance forget the keys that it holds of the customer. */
  readonly forget: (scope: CustomerScope) => void;
  /** For how many years after the last order its invoice has to be kept. */
  readonly invoiceYears: number;
}

export interface ErasureState {
  readonly customerId: string;
  /** `nothingHeld`: no personal data was ever held. `erasing`: it is asked for, and waits. */
  readonly status: 'erased' | 'erasing' | 'nothingHeld';
  readonly erasures: readonly Erasure[];
  /** What `erasing` waits for: a moment, and orders that run. */
  readonly waitsUntil: string | null;
  readonly waitsForOrders: readonly string[];
  /** Invoice data (what was bought, and amounts) names no person but by the opaque id, and is kept until then. */
  readonly invoicesKeptUntil: string | null;
}

const MAX_NAMED = 20;
/** How many customers one run of the job looks at. */
const MAX_FINISHED = 100;
/** The longest list that is applied or answered at once. */
export const MAX_LISTED = 1_000;

/** Requests the erasure of what is held, and finishes it if nothing is left to be waited for. */
export async function eraseCustomer(
  ports: ErasurePorts,
  scope: CustomerScope,
  requestedBy: string,
  log: Log,
): Promise<ErasureState> {
  const ring = await change(ports, scope, (before) => requested(before, ports.clock, requestedBy));
  if (ring === undefined) return stateOf(ports, scope, { erasures: [] });
  return finishErasure(ports, scope, log);
}

/** Destroys the keys whose time has come; says how the erasure stands. */
async function finishErasure(ports: ErasurePorts, scope: CustomerScope, log: Log): Promise<ErasureState> {
  const { rings, clock, customers } = ports;
  const stored = await rings.read(scope);
  const pending = stored?.ring.erasures.filter(({ erasedAt }) => erasedAt === null) ?? [];
  const [first] = pending;
  if (stored === undefined || first === undefined)
    return stateOf(ports, scope, stored?.ring ?? { erasures: [] });
  const last = pending.at(-1) ?? first;
  const dueMs = Date.parse(last.requestedAt) + 2 * ports.cacheMs;
  const waitsForOrders = await customers.running(scope, toIso(dueMs), MAX_NAMED);
  if (clock.nowMs() < dueMs || waitsForOrders.length > 0) {
    const waitsUntil = clock.nowMs() < dueMs ? toIso(dueMs) : null;
    return { ...(await stateOf(ports, scope, stored.ring)), waitsUntil, waitsForOrders };
  }
  const ring = await change(ports, scope, (before) => destroyed(before, pending, toIso(clock.nowMs())));
  for (const { keyIds, requestedBy } of pending) {
    const { tenantId, customerId } = scope;
    log.info('personal data erased', { tenantId, customerId, keyIds: keyIds.join(' '), requestedBy });
  }
  return stateOf(ports, scope, ring ?? stored.ring);
}

/** Finishes what waits, of every tenant; the number of customers that are done. Called by a timer. */
export async function finishErasures(ports: ErasurePorts, log: Log): Promise<{ readonly finished: number }> {
  const waiting = await ports.rings.withErasures(ALL_TENANTS, true, MAX_FINISHED);
  let finished = 0;
  for (const { tenantId, customerId = '' } of waiting) {
    const { status } = await finishErasure(ports, { tenantId, customerId }, log);
    if (status === 'erased') finished += 1;
  }
  return { finished };
}

/** One line of the list of erasures. */
export interface ErasedKeys extends Erasure {
  readonly customerId: string;
}

/** The erasures of a tenant, to be applied to a restored backup. */
export async function listErasures(
  { rings }: ErasurePorts,
  scope: TenantScope,
): Promise<readonly ErasedKeys[]> {
  const found = await rings.withErasures(scope, false, MAX_LISTED);
  return found.flatMap(({ customerId = '', erasures }) =>
    erasures.map((erasure) => ({ customerId, ...erasure })),
  );
}

/** erasure.E3. How many of the keys were there and are destroyed now. */
export async function applyErasures(
  ports: ErasurePorts,
  { tenantId }: TenantScope,
  list: readonly ErasedKeys[],
  log: Log,
): Promise<{ readonly applied: number }> {
  let applied = 0;
  for (const { customerId, ...erasure } of list) {
    const scope = { tenantId, customerId };
    const stored = await ports.rings.read(scope);
    const there = stored?.ring.keys.filter(({ id }) => erasure.keyIds.includes(id)) ?? [];
    if (there.length === 0) continue;
    const erasedAt = erasure.erasedAt ?? toIso(ports.clock.nowMs());
    await change(ports, scope, (before) =>
      destroyed(withErasure(before, { ...erasure, erasedAt: null }), [erasure], erasedAt),
    );
    applied += there.length;
    log.info('personal data erased', { tenantId, customerId, keyIds: erasure.keyIds.join(' '), again: true });
  }
  return { applied };
}

function requested(ring: KeyRing, clock: Clock, requestedBy: string): KeyRing {
  const pending = new Set(ring.erasures.flatMap(({ keyIds }) => keyIds));
  const keyIds = ring.keys.map(({ id }) => id).filter((id) => !pending.has(id));
  if (keyIds.length === 0) return ring;
  const erasure = { keyIds, requestedAt: toIso(clock.nowMs()), requestedBy, erasedAt: null };
  return { ...withErasure(ring, erasure), current: null };
}

function withErasure(ring: KeyRing, erasure: Erasure): KeyRing {
  const isKnown = ring.erasures.some(({ keyIds }) => keyIds.join() === erasure.keyIds.join());
  return isKnown ? ring : { ...ring, erasures: [...ring.erasures, erasure] };
}

function destroyed(ring: KeyRing, due: readonly Pick<Erasure, 'keyIds'>[], erasedAt: string): KeyRing {
  const gone = new Set(due.flatMap(({ keyIds }) => keyIds));
  return {
    ...ring,
    current: ring.current !== null && gone.has(ring.current) ? null : ring.current,
    keys: ring.keys.filter(({ id }) => !gone.has(id)),
    erasures: ring.erasures.map((erasure) =>
      erasure.erasedAt === null && erasure.keyIds.every((id) => gone.has(id))
        ? { ...erasure, erasedAt }
        : erasure,
    ),
  };
}

/** Writes what `next` makes of the ring; undefined where there is none. */
async function change(
  { rings, forget }: ErasurePorts,
  scope: CustomerScope,
  next: (ring: KeyRing) => KeyRing,
): Promise<KeyRing | undefined> {
  for (;;) {
    const stored: StoredKeyRing | undefined = await rings.read(scope);
    if (stored === undefined) return undefined;
    const ring = next(stored.ring);
    const isDone = ring === stored.ring || (await rings.write(scope, ring, stored.etag));
    if (!isDone) continue;
    forget(scope);
    return ring;
  }
}

async function stateOf(
  { customers, invoiceYears }: ErasurePorts,
  scope: CustomerScope,
  { erasures }: Pick<KeyRing, 'erasures'>,
): Promise<ErasureState> {
  const newest = await customers.newestAt(scope);
  const status = erasures.some(({ erasedAt }) => erasedAt === null)
    ? 'erasing'
    : erasures.length > 0
      ? 'erased'
      : 'nothingHeld';
  return {
    customerId: scope.customerId,
    ...{ status, erasures, waitsUntil: null, waitsForOrders: [] },
    invoicesKeptUntil: newest === undefined ? null : yearsLater(newest, invoiceYears),
  };
}

function yearsLater(iso: string, years: number): string {
  return `${String(Number(iso.slice(0, 4)) + years).padStart(4, '0')}${iso.slice(4, 10)}`;
}
