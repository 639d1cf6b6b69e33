// Deduplication of start messages: one counts only if the instances table names the same execution; others wait, or
// are discarded. Follows DurableTask.AzureStorage, OrchestrationSessionManager.cs
// (DedupeExecutionStartedMessagesAsync).
import type { Clock } from '../../kit/clock';
import type { InstanceRow } from '../stored-rows';
import { abandonedMs } from './held-messages';
import type { HubStorage } from './hub-storage';
import type { ControlMessage } from './messages';

const DELIVERIES_AT_MOST = 10;

/** The messages that are to be accepted. */
export async function screenStarts(
  messages: readonly ControlMessage[],
  storage: HubStorage,
  clock: Clock,
): Promise<readonly ControlMessage[]> {
  const accepted: ControlMessage[] = [];
  for (const message of messages) {
    const { instanceId, dequeueCount } = message;
    const disposition = dispositionOf(message, storage.hub.instances.find(instanceId));
    if (disposition === 'accepted') accepted.push(message);
    else if (disposition === 'deleted')
      await storage.commit({ name: 'controlMessageDeleted', instanceId, what: 'start' }, (hub) =>
        hub.messages.delete(message),
      );
    else
      await storage.commit({ name: 'controlMessageAbandoned', instanceId, what: 'start' }, (hub) =>
        hub.messages.hideUntil(message, clock.now() + abandonedMs(dequeueCount)),
      );
  }
  return accepted;
}

function dispositionOf(
  { body, executionId, dequeueCount, insertedMs }: ControlMessage,
  row: InstanceRow | undefined,
): 'accepted' | 'deleted' | 'abandoned' {
  if (body.kind !== 'start' || body.facts?.parent !== undefined) return 'accepted';
  if (row?.executionId === executionId) return 'accepted';
  const isOfSameGeneration = row !== undefined && row.generation === body.facts?.generation;
  // Another start of the same generation has won.
  if (isOfSameGeneration && row.status === 'Pending' && row.createdMs < insertedMs) return 'deleted';
  return dequeueCount >= DELIVERIES_AT_MOST ? 'deleted' : 'abandoned';
}
