// Composition of the encryption of personal data.
import { createAzureKeyVault } from '../adapters/azure-key-vault';
import { createCosmosCustomerData } from '../adapters/cosmos-customer-data';
import type { OrdersDatabase } from '../adapters/cosmos-client';
import { createCosmosKeyRings } from '../adapters/cosmos-key-rings';
import { createFileKeyVault } from '../adapters/file-key-vault';
import type { Config } from '../config';
import { registerErasureTimer } from '../functions/finish-erasures.timer';
import { registerPersonalData } from '../functions/personal-data.http';
import { createFieldCipher } from '../identity/field-cipher';
import { rotateKeys } from '../identity/rotate-keys';
import { createUnlockedKeys, type KeyPorts, type UnlockedKeys } from '../identity/unlocked-keys';
import type { ErasurePorts } from '../operations/erase-customer';
import type { Clock } from '../ports/clock';
import type { FieldCipher } from '../ports/field-cipher';
import type { Parts } from './parts';

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

/** Registers the export and the erasure of personal data. */
export function registerPersonalDataOf({
  config,
  clock,
  encryption,
  database,
  orders,
  registerRoute,
}: Parts): void {
  const { cipher, keys, keyPorts } = encryption;
  const erasing: ErasurePorts = {
    ...{ rings: keyPorts.rings, cacheMs: keyPorts.cacheMs, clock },
    customers: createCosmosCustomerData(database.orders),
    forget: (scope) => keys.forget(scope),
    invoiceYears: config.invoiceRetentionYears,
  };
  registerPersonalData(
    { ...erasing, orders, cipher, rotate: (scope) => rotateKeys(keyPorts, keys, scope) },
    registerRoute,
  );
  registerErasureTimer(erasing, config.erasureSchedule);
}
