// Encryption of personal data, field by field (S20), and keyed hashes of bodies. Whoever writes at an edge seals; whoever
// needs the data at the other edge opens; everyone between carries what is sealed.
import type { Sealed } from '../domain/personal-data';
import type { Owner, Scope } from '../domain/scope';

/** The place that a ciphertext belongs to: in any other it cannot be opened. */
export interface FieldPlace extends Owner {
  readonly orderId: string;
  readonly field: string;
}

/** `erased`: the key was destroyed, on demand of the customer. */
export type Opened = { readonly kind: 'opened'; readonly value: unknown } | { readonly kind: 'erased' };

export interface BodyHash {
  /** With the id of its key before it. */
  readonly text: string;
  /** Whether a hash that was stored is of the same body. One whose key was destroyed cannot be told from it. */
  readonly matches: (stored: string) => boolean;
}

/**
 * Each call may need keys of the store and the vault: one that is away is a TransientError with `outage`, and so is a key that
 * is not there (KEY_MISSING), because a replica may be behind.
 */
export interface FieldCipher {
  /** Encrypts with the customer's current key; makes one for a customer who has none. */
  seal(place: FieldPlace, value: unknown): Promise<Sealed>;
  /** Throws a TerminalError CIPHERTEXT_INVALID for what was sealed for another place, or changed. */
  open(place: FieldPlace, sealed: Sealed): Promise<Opened>;
  /** Encrypts a document that belongs to no order, under a key of the tenant. */
  sealDocument(tenantId: string, place: string, value: unknown): Promise<Sealed>;
  openDocument(tenantId: string, place: string, sealed: Sealed): Promise<unknown>;
  /** Hashes `body` with a key of the customer, or of the tenant where the scope names no customer. */
  hash(scope: Scope, body: string): Promise<BodyHash>;
}
