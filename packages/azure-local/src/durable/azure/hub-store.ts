// Reads and purges of a hub's instances, for the client API (client.ts).
import type { HubStore } from '../hub';
import type { HubStorage } from './hub-storage';

/** The store of the client's calls over one host's storage. */
export function createHubStore(storage: HubStorage): HubStore {
  const { file, history, instances } = storage.hub;
  return {
    find: (id) => instances.find(id),
    status: (id) => Promise.resolve(instances.find(id)),
    history(key) {
      const row = instances.byKey(key);
      const rows = row === undefined ? [] : history.load(row.id, row.executionId).rows;
      return Promise.resolve(rows.length === 0 ? [] : [rows.map(({ event }) => event).join(',')]);
    },
    list: (filter, limit) => Promise.resolve(instances.list(filter, limit)),
    onDisk: () => file.commit(() => undefined),
    async purge(keys) {
      for (const key of keys) {
        const row = instances.byKey(key);
        if (row === undefined) continue;
        await storage.commit({ name: 'purged', instanceId: row.id }, (hub) => {
          hub.history.drop(row.id);
          hub.instances.drop(row.id);
        });
      }
    },
  };
}
