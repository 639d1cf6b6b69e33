// Rotation of a tenant's keys: a new key of the tenant, every key of it wrapped anew by the vault's newest key, and the keys of
// its customers wrapped anew by the new key. The keys of customers stay, so whatever they encrypted stays readable.
//
// rotate-keys.O1  Each ring is one guarded write: broken off anywhere, nothing is lost, and the next call goes on where it
//   stopped, without a further key.
import { randomBytes } from 'node:crypto';
import type { Scope, TenantScope } from '../domain/scope';
import { toIso } from '../ports/clock';
import type { KeyRing, RingKey } from '../ports/key-rings';
import { KEY_BYTES } from './cipher-text';
import { emptyRing, newKeyId, unwrapKey, wrapKey, type KeyPorts, type UnlockedKeys } from './unlocked-keys';

export interface Rotated {
  /** Of the tenant, which new data is hashed and new keys are wrapped with. */
  readonly keyId: string;
  /** Rings of customers that were wrapped anew. */
  readonly rewrapped: number;
  /** Whether there are more: call again. */
  readonly isMore: boolean;
}

const BATCH = 100;

/** Rotates the keys of a tenant, or goes on with a rotation that was broken off; up to `limit` customers at once. */
export async function rotateKeys(
  ports: KeyPorts,
  keys: UnlockedKeys,
  { tenantId }: TenantScope,
  limit = 1_000,
): Promise<Rotated> {
  const scope = { tenantId };
  keys.forget(scope);
  let keyId = (await ports.rings.read(scope))?.ring.current ?? null;
  const isUnfinished = keyId !== null && (await ports.rings.notWrappedBy(scope, keyId, 1)).length > 0;
  if (keyId === null || !isUnfinished) keyId = await newTenantKey(ports, scope);
  keys.forget(scope);
  let rewrapped = 0;
  for (;;) {
    const rest = await ports.rings.notWrappedBy(scope, keyId, Math.min(BATCH, limit - rewrapped));
    if (rest.length === 0) return { keyId, rewrapped, isMore: false };
    for (const { customerId = '' } of rest) await rewrap(ports, keys, { tenantId, customerId });
    rewrapped += rest.length;
    if (rewrapped >= limit) return { keyId, rewrapped, isMore: true };
  }
}

async function newTenantKey({ rings, vault, clock }: KeyPorts, scope: TenantScope): Promise<string> {
  for (;;) {
    const stored = await rings.read(scope);
    const ring = stored?.ring ?? emptyRing(scope);
    const id = newKeyId();
    const added: RingKey = {
      id,
      ...(await vault.wrap(randomBytes(KEY_BYTES))),
      createdAt: toIso(clock.nowMs()),
    };
    const old = ring.keys.map(async (key) => ({ ...key, ...(await vault.wrap(await vault.unwrap(key))) }));
    const after: KeyRing = { ...ring, current: id, keys: [...(await Promise.all(old)), added] };
    if (await rings.write(scope, after, stored?.etag)) return id;
  }
}

async function rewrap({ rings, vault }: KeyPorts, keys: UnlockedKeys, scope: Scope): Promise<void> {
  const { tenantId } = scope;
  const tenantKey = async (id: string) => {
    const key = await keys.byId({ tenantId }, id);
    if (key === 'erased') throw new Error(`the key ${id} of a tenant was destroyed`);
    return key;
  };
  for (;;) {
    const stored = await rings.read(scope);
    if (stored === undefined) return;
    const wrapped = stored.ring.keys.map(async (key) => {
      const bytes = await unwrapKey(vault, tenantKey, scope, key);
      return {
        ...key,
        ...(await wrapKey(vault, () => keys.current({ tenantId }), scope, { id: key.id, bytes })),
      };
    });
    const after: KeyRing = { ...stored.ring, keys: await Promise.all(wrapped) };
    if (!(await rings.write(scope, after, stored.etag))) continue;
    keys.forget(scope);
    return;
  }
}
