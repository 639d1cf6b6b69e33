// Encryption over keys in memory: the app's own, with a store and a vault that count what they are asked.
import { randomBytes } from 'node:crypto';
import { decrypt, encrypt, unlockedKey } from '../../src/identity/cipher-text';
import { createFieldCipher } from '../../src/identity/field-cipher';
import { createUnlockedKeys, type KeyPorts, type UnlockedKeys } from '../../src/identity/unlocked-keys';
import { isReached, type Scope } from '../../src/domain/scope';
import type { FieldCipher } from '../../src/ports/field-cipher';
import type { KeyRing, KeyRings } from '../../src/ports/key-rings';
import type { KeyVault } from '../../src/ports/key-vault';

export interface MemoryKeyRings extends KeyRings {
  readonly requests: Record<'read' | 'write', number>;
  /** Every ring that is there, as text. */
  dump(): string;
}

export function createMemoryKeyRings(): MemoryKeyRings {
  const rings = new Map<string, { ring: KeyRing; etag: string }>();
  const subjectOf = ({ tenantId, customerId = '' }: Scope): string => `${tenantId}\n${customerId}`;
  const requests = { read: 0, write: 0 };
  const customers = (): KeyRing[] =>
    [...rings.values()].map(({ ring }) => ring).filter(({ customerId }) => customerId !== undefined);
  let writes = 0;
  return {
    requests,
    dump: () => JSON.stringify([...rings.values()]),
    read: (scope) => {
      requests.read += 1;
      return Promise.resolve(rings.get(subjectOf(scope)));
    },
    write: (scope, ring, etag) => {
      requests.write += 1;
      if (rings.get(subjectOf(scope))?.etag !== etag) return Promise.resolve(false);
      rings.set(subjectOf(scope), { ring: structuredClone(ring), etag: `etag-${++writes}` });
      return Promise.resolve(true);
    },
    withErasures: (reach, pending, limit) =>
      Promise.resolve(
        customers()
          .filter((ring) => isReached(reach, ring))
          .filter(({ erasures }) => erasures.some(({ erasedAt }) => !pending || erasedAt === null))
          .slice(0, limit),
      ),
    notWrappedBy: ({ tenantId }, wrappedBy, limit) =>
      Promise.resolve(
        customers()
          .filter((ring) => ring.tenantId === tenantId)
          .filter(({ keys }) => keys.some((key) => key.wrappedBy !== wrappedBy))
          .slice(0, limit),
      ),
  };
}

export interface MemoryVault extends KeyVault {
  readonly calls: Record<'wrap' | 'unwrap', number>;
  /** What is wrapped from now on is wrapped by another key; what was stays readable. */
  rotate(): void;
}

function createMemoryVault(): MemoryVault {
  const keys = [unlockedKey('vault-1', randomBytes(32))];
  const calls = { wrap: 0, unwrap: 0 };
  return {
    calls,
    rotate: () => void keys.unshift(unlockedKey(`vault-${keys.length + 1}`, randomBytes(32))),
    wrap: (key) => {
      calls.wrap += 1;
      const [newest] = keys;
      if (newest === undefined) throw new Error('there is no key');
      return Promise.resolve({ wrapped: encrypt(newest, [], key), wrappedBy: newest.id });
    },
    unwrap: ({ wrapped, wrappedBy }) => {
      calls.unwrap += 1;
      const key = keys.find(({ id }) => id === wrappedBy);
      if (key === undefined) throw new Error(`there is no key ${wrappedBy}`);
      return Promise.resolve(decrypt(key, [], wrapped));
    },
  };
}

export interface MemoryEncryption {
  readonly cipher: FieldCipher;
  readonly keys: UnlockedKeys;
  readonly ports: KeyPorts & { readonly rings: MemoryKeyRings; readonly vault: MemoryVault };
}

/** Another instance of the app is one with the same rings and vault. */
export function openEncryption(more: Partial<MemoryEncryption['ports']> = {}): MemoryEncryption {
  const ports = {
    rings: createMemoryKeyRings(),
    vault: createMemoryVault(),
    clock: { nowMs: () => Date.UTC(2026, 0, 1) },
    cacheMs: 300_000,
    ...more,
  };
  const keys = createUnlockedKeys(ports);
  return { cipher: createFieldCipher(keys), keys, ports };
}

/** For tests of something else: every world in one process has the same keys. */
export const { cipher: sharedCipher } = openEncryption();
