// The histories that the task hub keeps. The instance id is the order id (S6). Read over the management API, because the
// client of durable-functions 3.5.0 drops the history from the answer (it looks for `history`; the field is `historyEvents`).
import type { DurableClient } from 'durable-functions';
import { z } from 'zod';
import type { FoundHistory, SagaHistories } from '../ports/saga-histories';
import { hubAway, isLive } from './durable-saga-control';

const READ_TIMEOUT_MS = 30_000;

export function createDurableSagaHistories(client: DurableClient): SagaHistories {
  return {
    async find(orderId) {
      const { statusQueryGetUri } = client.createHttpManagementPayload(orderId);
      const url = new URL(statusQueryGetUri);
      for (const part of ['showInput', 'showHistory', 'showHistoryOutput'])
        url.searchParams.set(part, 'true');
      try {
        return await toFound(orderId, await fetch(url, { signal: AbortSignal.timeout(READ_TIMEOUT_MS) }));
      } catch (error) {
        throw hubAway(error);
      }
    },
    async purge(orderId) {
      try {
        await client.purgeInstanceHistory(orderId);
      } catch (error) {
        throw hubAway(error);
      }
    },
  };
}

const instance = z.object({
  name: z.string(),
  runtimeStatus: z.string(),
  createdTime: z.string(),
  lastUpdatedTime: z.string(),
  input: z.unknown(),
  output: z.unknown(),
  customStatus: z.unknown(),
  historyEvents: z.array(z.unknown()),
});

async function toFound(orderId: string, response: Response): Promise<FoundHistory> {
  const text = await response.text();
  if (response.status === 404) return { kind: 'none' };
  // The extension answers so for a history that it cannot show itself.
  if (response.status === 400) return { kind: 'unfit', why: 'the task hub cannot show its history' };
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const parsed = instance.safeParse(JSON.parse(text));
  // Asked again it would be the same, and it would stand before everything behind it.
  if (!parsed.success)
    return { kind: 'unfit', why: `its history cannot be read: ${z.prettifyError(parsed.error)}` };
  const found = parsed.data;
  if (isLive(found)) return { kind: 'unfit', why: `it is ${found.runtimeStatus}` };
  return {
    kind: 'ended',
    record: {
      orderId,
      orchestrator: found.name,
      runtimeStatus: found.runtimeStatus,
      createdAt: found.createdTime,
      endedAt: found.lastUpdatedTime,
      input: found.input ?? null,
      output: found.output ?? null,
      customStatus: found.customStatus ?? null,
      history: found.historyEvents,
    },
  };
}
