// Composition of the encryption of personal data.
import { createAzureKeyVault } from '../adapters/azure-key-vault';
import type { OrdersDatabase } from '../adapters/cosmos-client';
import { createCosmosKeyRings } from '../adapters/cosmos-key-rings';
import { createFileKeyVault } from '../adapters/file-key-vault';
import type { Config } from '../config';
import { createFieldCipher } from '../identity/field-cipher';
import { createUnlockedKeys, type KeyPorts, type UnlockedKeys } from '../identity/unlocked-keys';
import type { Clock } from '../ports/clock';
import type { FieldCipher } from '../ports/field-cipher';

export interface Encryption {
  readonly cipher: FieldCipher;
  readonly keys: UnlockedKeys;
  readonly keyPorts: KeyPorts;
}

export function createEncryption(
  { encryptionKey, keyCacheSeconds }: Pick<Config, 'encryptionKey' | 'keyCacheSeconds'>,
  database: OrdersDatabase,
  clock: Clock,
): Encryption {
  const keyPorts = {
    rings: createCosmosKeyRings(database.container('keys')),
    vault: encryptionKey.startsWith('https:')
      ? createAzureKeyVault(encryptionKey)
      : createFileKeyVault(encryptionKey),
    clock,
    cacheMs: keyCacheSeconds * 1_000,
  };
  const keys = createUnlockedKeys(keyPorts);
  return { cipher: createFieldCipher(keys), keys, keyPorts };
}
