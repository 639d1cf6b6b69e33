// Composition of the export and the erasure of personal data.
import { createCosmosCustomerData } from '../adapters/cosmos-customer-data';
import { registerErasureTimer } from '../functions/finish-erasures.timer';
import { registerPersonalData } from '../functions/personal-data.http';
import { rotateKeys } from '../identity/rotate-keys';
import type { ErasurePorts } from '../operations/erase-customer';
import type { Parts } from './parts';

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
