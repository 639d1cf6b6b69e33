// Vault that wraps the keys of tenants: whoever has the store alone has ciphertext alone.

/** A key as it may lie in a store. */
export interface WrappedKey {
  readonly wrapped: string;
  /** Which key of the vault wrapped it: that one unwraps it, also after the vault's key was rotated. */
  readonly wrappedBy: string;
}

/**
 * A vault that is away is a TransientError VAULT_UNAVAILABLE with `outage`; a key that it does not have any more, or does not
 * let be used, is a TerminalError VAULT_REFUSED.
 */
export interface KeyVault {
  /** Wraps with the newest key of the vault. */
  wrap(key: Uint8Array): Promise<WrappedKey>;
  unwrap(wrapped: WrappedKey): Promise<Uint8Array>;
}
