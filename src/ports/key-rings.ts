// Where wrapped keys lie: one ring for each tenant, and one for each customer whose personal data is held.
import type { Reach, Scope, TenantScope } from '../domain/scope';
import type { WrappedKey } from './key-vault';

/** A key that data is encrypted or hashed with; of a tenant wrapped by the vault, of a customer by a key of the tenant. */
export interface RingKey extends WrappedKey {
  readonly id: string;
  readonly createdAt: string;
}

/** One request to erase: which keys are to be destroyed, and when they were. The proof of it once `erasedAt` is there. */
export interface Erasure {
  readonly keyIds: readonly string[];
  readonly requestedAt: string;
  readonly requestedBy: string;
  /** Null as long as orders that need the keys run, or another instance may still have one in memory. */
  readonly erasedAt: string | null;
}

export interface KeyRing {
  readonly tenantId: string;
  /** Undefined on the ring of the tenant itself. */
  readonly customerId?: string | undefined;
  /** The key that new data is encrypted with; null when the next data makes a new one. */
  readonly current: string | null;
  readonly keys: readonly RingKey[];
  /** Oldest first. */
  readonly erasures: readonly Erasure[];
}

export interface StoredKeyRing {
  readonly ring: KeyRing;
  readonly etag: string;
}

/** A store that is away is a TransientError with `outage`. */
export interface KeyRings {
  /** The ring of a tenant, or of a customer where the scope names one. */
  read(scope: Scope): Promise<StoredKeyRing | undefined>;
  /**
   * Writes a ring: a new one without `etag`, else in the place of the one that has it. False, and nothing is written, when
   * another writer was first.
   */
  write(scope: Scope, ring: KeyRing, etag: string | undefined): Promise<boolean>;
  /** Rings of customers with an erasure; `pending`: only those that have one to be finished. At most `limit`. */
  withErasures(reach: Reach, pending: boolean, limit: number): Promise<readonly KeyRing[]>;
  /** Rings of customers of the tenant with a key that is not wrapped by `wrappedBy`. At most `limit`. */
  notWrappedBy(scope: TenantScope, wrappedBy: string, limit: number): Promise<readonly KeyRing[]>;
}
