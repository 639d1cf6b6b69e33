// Connection strings of the look-alikes; their keys are those of the official emulators, published, and guard nothing.

/** The key that every Cosmos DB emulator answers to. */
export const EMULATOR_KEY =
  'C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==';

/** A connection string to the look-alike of Cosmos DB at `cosmos`. */
export const emulatorCosmosConnection = (cosmos: string): string =>
  `AccountEndpoint=${cosmos}/;AccountKey=${EMULATOR_KEY};`;

/** A connection string to the look-alike of Service Bus at `servicebus` (`sb://<host>:<port>`). */
export const emulatorBusConnection = (servicebus: string): string =>
  `Endpoint=${servicebus};SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;`;
