// Keys in use: reads the ring of a tenant or customer, has its keys unwrapped, and keeps them in memory for a while. The vault
// wraps the keys of tenants, and these wrap the keys of customers, so that a new customer asks no vault.
//
// unlocked-keys.K1  A key that is not in the ring that is held is looked for once more in the store: another instance may
//   have made it.
// unlocked-keys.K2  A ring is held for at most `cacheMs`, at most `MAX_RINGS` of them; so long may a key that was destroyed
//   be used by an instance that held it.
import { randomBytes } from 'node:crypto';
import type { Scope } from '../domain/scope';
import { TransientError } from '../errors';
import { toIso, type Clock } from '../ports/clock';
import type { KeyRing, KeyRings, RingKey } from '../ports/key-rings';
import type { KeyVault } from '../ports/key-vault';
import { decrypt, encrypt, KEY_BYTES, unlockedKey, type UnlockedKey } from './cipher-text';
import { createTimedCache } from './timed-cache';

export interface KeyPorts {
  readonly rings: KeyRings;
  readonly vault: KeyVault;
  readonly clock: Clock;
  readonly cacheMs: number;
}

export interface UnlockedRing {
  readonly ring: KeyRing;
  readonly etag: string | undefined;
  readonly keys: ReadonlyMap<string, UnlockedKey>;
}

export interface UnlockedKeys {
  /** The key that new data of the scope is encrypted with; makes one where there is none. */
  current(scope: Scope): Promise<UnlockedKey>;
  /** `erased`: it was destroyed on demand. One that is not there is a TransientError KEY_MISSING. */
  byId(scope: Scope, id: string): Promise<UnlockedKey | 'erased'>;
  /** Every key of the scope. */
  held(scope: Scope): Promise<UnlockedRing>;
  /** What is asked for next is read anew. */
  forget(scope: Scope): void;
}

const MAX_RINGS = 10_000;
/** Each lost race means that another instance has written the ring. */
const MAX_RACES = 8;

export function createUnlockedKeys(ports: KeyPorts): UnlockedKeys {
  const { rings, clock, cacheMs } = ports;
  const cache = createTimedCache<UnlockedRing>({ limit: MAX_RINGS, forMs: cacheMs }, clock);
  const making = new Map<string, Promise<UnlockedRing>>();
  const tenantKeys = (tenantId: string) => ({
    current: () => current({ tenantId }),
    byId: (id: string) => present({ tenantId }, id),
  });

  const load = (scope: Scope): Promise<UnlockedRing> =>
    loadRing(ports, scope, tenantKeys(scope.tenantId).byId);
  const held = (scope: Scope): Promise<UnlockedRing> => cache.get(subjectOf(scope), () => load(scope));

  async function present(scope: Scope, id: string): Promise<UnlockedKey> {
    const key = await byId(scope, id);
    if (key !== 'erased') return key;
    throw new TransientError('KEY_MISSING', `the key ${id} was destroyed`, { outage: true });
  }

  async function byId(scope: Scope, id: string): Promise<UnlockedKey | 'erased'> {
    const known = find(await held(scope), id);
    if (known !== undefined) return known;
    const read = find(await cache.set(subjectOf(scope), load(scope)), id);
    if (read !== undefined) return read;
    throw new TransientError('KEY_MISSING', `the store has no key ${id}`, { outage: true });
  }

  async function current(scope: Scope): Promise<UnlockedKey> {
    const first = await held(scope);
    const key = currentOf(first) ?? currentOf(await madeOnce(scope, first));
    if (key !== undefined) return key;
    throw new TransientError('KEY_MISSING', 'no key could be made', { outage: true });
  }

  /** Whoever needs the same key meanwhile waits for it. */
  function madeOnce(scope: Scope, first: UnlockedRing): Promise<UnlockedRing> {
    const subject = subjectOf(scope);
    const underWay = making.get(subject);
    if (underWay !== undefined) return underWay;
    const begun = made(scope, first).finally(() => making.delete(subject));
    making.set(subject, begun);
    return cache.set(subject, begun);
  }

  async function made(scope: Scope, first: UnlockedRing): Promise<UnlockedRing> {
    let before = first;
    for (let races = 0; races < MAX_RACES && currentOf(before) === undefined; races += 1) {
      const id = newKeyId();
      const bytes = randomBytes(KEY_BYTES);
      const wrapped = await wrapKey(ports.vault, tenantKeys(scope.tenantId).current, scope, { id, bytes });
      const key: RingKey = { id, ...wrapped, createdAt: toIso(clock.nowMs()) };
      const ring: KeyRing = { ...before.ring, current: id, keys: [...before.ring.keys, key] };
      if (await rings.write(scope, ring, before.etag)) {
        // Not asked for again: the etag is the store's, and the next one to write reads it.
        return { ring, etag: undefined, keys: new Map([...before.keys, [id, unlockedKey(id, bytes)]]) };
      }
      before = await load(scope);
    }
    return before;
  }

  return { current, byId, held, forget: (scope) => cache.delete(subjectOf(scope)) };
}

async function loadRing(
  { rings, vault }: KeyPorts,
  scope: Scope,
  tenantKey: (id: string) => Promise<UnlockedKey>,
): Promise<UnlockedRing> {
  const stored = await rings.read(scope);
  const ring = stored?.ring ?? emptyRing(scope);
  const keys = await Promise.all(
    ring.keys.map(async (key) => unlockedKey(key.id, await unwrapKey(vault, tenantKey, scope, key))),
  );
  return { ring, etag: stored?.etag, keys: new Map(keys.map((key) => [key.id, key])) };
}

export function newKeyId(): string {
  return randomBytes(9).toString('base64url');
}

export function emptyRing({ tenantId, customerId }: Scope): KeyRing {
  const owner = customerId === undefined ? { tenantId } : { tenantId, customerId };
  return { ...owner, current: null, keys: [], erasures: [] };
}

type Wrapped = Pick<RingKey, 'wrapped' | 'wrappedBy'>;

/** Wraps a key of a tenant with the vault, one of a customer with the tenant's `current` key. */
export async function wrapKey(
  vault: KeyVault,
  current: () => Promise<UnlockedKey>,
  scope: Scope,
  { id, bytes }: { readonly id: string; readonly bytes: Uint8Array },
): Promise<Wrapped> {
  if (scope.customerId === undefined) return vault.wrap(bytes);
  const tenantKey = await current();
  return { wrapped: encrypt(tenantKey, placeOf(scope, id), bytes), wrappedBy: tenantKey.id };
}

/** The bytes of a key; of a customer's with the key of the tenant that wrapped it. */
export async function unwrapKey(
  vault: KeyVault,
  tenantKey: (id: string) => Promise<UnlockedKey>,
  scope: Scope,
  key: RingKey,
): Promise<Uint8Array> {
  if (scope.customerId === undefined) return vault.unwrap(key);
  return decrypt(await tenantKey(key.wrappedBy), placeOf(scope, key.id), key.wrapped);
}

function placeOf({ tenantId, customerId = '' }: Scope, keyId: string): readonly string[] {
  return ['key', tenantId, customerId, keyId];
}

function subjectOf({ tenantId, customerId }: Scope): string {
  return customerId === undefined ? tenantId : `${tenantId}\n${customerId}`;
}

function find({ ring, keys }: UnlockedRing, id: string): UnlockedKey | 'erased' | undefined {
  return keys.get(id) ?? (isErased(ring, id) ? 'erased' : undefined);
}

function currentOf({ ring, keys }: UnlockedRing): UnlockedKey | undefined {
  return ring.current === null ? undefined : keys.get(ring.current);
}

/** Whether the key was destroyed on demand. */
export function isErased({ erasures }: KeyRing, id: string): boolean {
  return erasures.some(({ keyIds, erasedAt }) => erasedAt !== null && keyIds.includes(id));
}
