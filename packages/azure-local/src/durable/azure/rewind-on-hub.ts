// Rewind on a hub: rewrites the history in place, then sends the messages that make the affected runs go on
// (DurableTask.AzureStorage, AzureTableTrackingStore.RewindHistoryAsync).
import { genericEvent, timestamp } from '../history-events';
import { rewindTree, type RewindOutcome } from '../rewind';
import type { InstanceRow } from '../stored-rows';
import type { HubStorage } from './hub-storage';

export async function rewindOnHub(
  row: InstanceRow,
  reason: string | null,
  storage: HubStorage,
  nowMs: number,
  queueOf: (id: string) => string,
): Promise<RewindOutcome> {
  const { history, instances } = storage.hub;
  const rowsOf = (key: number) => {
    const of = instances.byKey(key);
    return of === undefined ? [] : history.load(of.id, of.executionId).rows;
  };
  const runs = rewindTree(row, {
    find: (id) => instances.find(id),
    episodes: (key) => rowsOf(key).map(({ event, work }) => ({ history: event, work })),
  });
  if (typeof runs === 'string') return { kind: 'refused', why: runs };
  for (const { id, episodes } of runs) {
    await storage.commit({ name: 'rewound', instanceId: id }, (hub) => {
      hub.history.rewrite(
        id,
        episodes.map(({ history: event, work }) => ({ event, work })),
      );
      hub.instances.reopen(id, nowMs);
    });
  }
  for (const { id } of runs.filter(({ isLeaf }) => isLeaf)) {
    const body = { kind: 'rewind', event: genericEvent(reason, timestamp(nowMs)) } as const;
    await storage.commit({ name: 'eventSent', instanceId: id, what: 'rewind' }, (hub) =>
      hub.messages.add({ queue: queueOf(id), instanceId: id, executionId: null, body }, nowMs),
    );
  }
  return { kind: 'rewound' };
}
