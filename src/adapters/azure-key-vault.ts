// Vault over a key in Azure Key Vault: tenants' keys are wrapped and unwrapped there by RSA-OAEP-256, and the vault's key never
// leaves it. The SDK is loaded at the first use.
import type { CryptographyClient } from '@azure/keyvault-keys';
import { TerminalError, TransientError } from '../errors';
import type { KeyVault } from '../ports/key-vault';

const ALGORITHM = 'RSA-OAEP-256';
const TIMEOUT_MS = 5_000;
/** A key of the vault without its version: `<vault>/keys/<name>`. */
const VERSION = /^(https:\/\/[^/]+\/keys\/[^/]+)\/[^/]+$/;

/** What of the vault is used: for tests. */
export interface VaultClient {
  /** The id of the newest version of the key. */
  newest(): Promise<string>;
  client(keyId: string): Promise<Pick<CryptographyClient, 'wrapKey' | 'unwrapKey'>>;
}

/** The vault behind the key with the id `url` (`https://<vault>.vault.azure.net/keys/<name>`). */
export function createAzureKeyVault(url: string, using: VaultClient = sdkClient(url)): KeyVault {
  return {
    wrap: (key) =>
      vaultOperation(async () => {
        const keyId = await using.newest();
        const { result } = await (await using.client(keyId)).wrapKey(ALGORITHM, key, within());
        return { wrapped: Buffer.from(result).toString('base64url'), wrappedBy: keyId };
      }),
    unwrap: ({ wrapped, wrappedBy }) =>
      vaultOperation(async () => {
        if (VERSION.exec(wrappedBy)?.[1] !== url)
          throw new TerminalError(
            'VAULT_REFUSED',
            `a key of the store was wrapped by ${wrappedBy}, not by ${url} (OrderProcessing:EncryptionKey)`,
          );
        const client = await using.client(wrappedBy);
        return (await client.unwrapKey(ALGORITHM, Buffer.from(wrapped, 'base64url'), within())).result;
      }),
  };
}

const within = (): { readonly abortSignal: AbortSignal } => ({
  abortSignal: AbortSignal.timeout(TIMEOUT_MS),
});

/** Loaded only where it is needed: it would cost every cold start. */
function sdkClient(url: string): VaultClient {
  const [, vaultUrl = '', name = ''] = /^(https:\/\/[^/]+)\/keys\/([^/]+)$/.exec(url) ?? [];
  const load = async () => {
    const [{ CryptographyClient, KeyClient }, { DefaultAzureCredential }] = await Promise.all([
      import('@azure/keyvault-keys'),
      import('@azure/identity'),
    ]);
    const credential = new DefaultAzureCredential();
    return {
      keys: new KeyClient(vaultUrl, credential),
      cryptography: (keyId: string) => new CryptographyClient(keyId, credential),
    };
  };
  let loading: ReturnType<typeof load> | undefined;
  const loaded = (): ReturnType<typeof load> => (loading ??= load());
  return {
    newest: async () => (await (await loaded()).keys.getKey(name, within())).id ?? '',
    client: async (keyId) => (await loaded()).cryptography(keyId),
  };
}

/** Statuses that waiting does not cure: the key is not there, disabled, or not to be used by this identity. */
const REFUSALS: readonly unknown[] = [400, 401, 403, 404];

async function vaultOperation<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TerminalError) throw error;
    const status =
      typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : 0;
    const told = error instanceof Error ? error.message : String(error);
    if (REFUSALS.includes(status))
      throw new TerminalError('VAULT_REFUSED', `the vault refuses its key: ${told}`, error);
    throw new TransientError('VAULT_UNAVAILABLE', `the vault does not answer: ${told}`, {
      outage: true,
      retryAfterMs: 1_000,
      cause: error,
    });
  }
}
