// Fixture: the parts of the Cosmos DB fixture on a server that already listens, such as the official emulator.
import { randomUUID } from 'node:crypto';
import { Agent } from 'node:https';
import { CosmosClient } from '@azure/cosmos';
import { EMULATOR_KEY } from '../src/kit/emulator-connections';
import { notThere } from './contract-target';
import { rawRequest, type Cosmos } from './cosmos-fixture';

/** Every container is in a database of its own with a fresh name; `close` deletes them. */
export function connectCosmos(url: string): Cosmos {
  const isSecure = url.startsWith('https:');
  // The certificate of the emulator is of its own making. `fetch` takes no agent: it reads this variable.
  if (isSecure) process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  const client = new CosmosClient({
    endpoint: url,
    key: EMULATOR_KEY,
    // What it tells clients to come back to may be an address inside a container.
    connectionPolicy: { enableEndpointDiscovery: false },
    ...(isSecure && { agent: new Agent({ rejectUnauthorized: false }) }),
  });
  const databases: string[] = [];
  return {
    client,
    url,
    get server() {
      return notThere('server object');
    },
    get clock() {
      return notThere('manual clock');
    },
    get folder() {
      return notThere('folder');
    },
    ask: () => notThere('control path'),
    raw: (method, below, signed, { headers = {}, body } = {}) =>
      rawRequest(url, method, below, signed, {
        headers: { 'x-ms-version': '2018-12-31', ...headers },
        ...(body !== undefined && { body }),
      }),
    async container(partitionKey, more = {}) {
      const { database } = await client.databases.create({ id: `contract-${randomUUID()}` });
      databases.push(database.id);
      const { container } = await database.containers.create({ id: 'things', partitionKey, ...more });
      return container;
    },
    async close() {
      for (const id of databases) await client.database(id).delete();
      client.dispose();
    },
  };
}
