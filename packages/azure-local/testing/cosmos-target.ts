// Fixture: the Cosmos DB that the contract suites are pointed at.
import { target } from './contract-target';
import { connectCosmos } from './cosmos-emulator';
import { openCosmos, type Cosmos } from './cosmos-fixture';

/** A look-alike, unless AZURE_EMULATORS names another server. */
export const openCosmosTarget = (): Promise<Cosmos> =>
  target.cosmos === undefined ? openCosmos() : Promise.resolve(connectCosmos(target.cosmos));
