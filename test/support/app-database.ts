// Fixture: the app's database on a Cosmos DB look-alike, as main.ts opens it.
import { emulatorCosmosConnection } from 'azure-local/kit/emulator-connections';
import { createDatabase, type OrdersDatabase } from '../../src/adapters/cosmos-client';

export const DATABASE = 'orders-db';

/** Opens the database of the look-alike at `cosmos`; its containers are made at the first use unless told otherwise. */
export function openAppDatabase(
  cosmos: string,
  { name = DATABASE, createContainers = true } = {},
): OrdersDatabase {
  return createDatabase({
    cosmosConnectionString: emulatorCosmosConnection(cosmos),
    cosmosEndpoint: '',
    cosmosDatabase: name,
    cosmosContainer: 'orders',
    createContainers,
  });
}
