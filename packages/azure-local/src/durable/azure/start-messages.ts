// Deduplication of start messages: one counts only if the instances table names the same execution; others wait, or
// are discarded. Follows DurableTask.AzureStorage, OrchestrationSessionManager.cs
// (DedupeExecutionStartedMessagesAsync).
import type { Clock } from '../../kit/clock';
import type { InstanceRow } from '../stored-rows';
import { abandonedMs } from './held-messages';
import type { HubStorage } from './hub-storage';
import type { ControlMessage } from './messages';

const DELIVERIES_AT_MOST = 10;

/** The messages that are to be heard. */
export async function screenStarts(
  messages: readonly ControlMessage[],
  storage: HubStorage,
  clock: Clock,
): Promise<readonly ControlMessage[]> {
  const heard: ControlMessage[] = [];
  for (const message of messages) {
    const { instanceId, dequeueCount } = message;
    const verdict = verdictOn(message, storage.hub.instances.find(instanceId));
    if (verdict === 'heard') heard.push(message);
    else if (verdict === 'deleted')
      await storage.commit({ name: 'controlMessageDeleted', instanceId, what: 'start' }, (hub) =>
        hub.messages.delete(message),
      );
    else
      await storage.commit({ name: 'controlMessageAbandoned', instanceId, what: 'start' }, (hub) =>
        hub.messages.hideUntil(message, clock.now() + abandonedMs(dequeueCount)),
      );
  }
  return heard;
}

function verdictOn(
  { body, executionId, dequeueCount, insertedMs }: ControlMessage,
  row: InstanceRow | undefined,
): 'heard' | 'deleted' | 'abandoned' {
  if (body.kind !== 'start' || body.facts?.parent !== undefined) return 'heard';
  if (row?.executionId === executionId) return 'heard';
  const isOfSameGeneration = row !== undefined && row.generation === body.facts?.generation;
  // Another start of the same generation has won.
  if (isOfSameGeneration && row.status === 'Pending' && row.createdMs < insertedMs) return 'deleted';
  return dequeueCount >= DELIVERIES_AT_MOST ? 'deleted' : 'abandoned';
}
