// The histories that the task hub keeps. The instance id is the order id (S6).
import { z } from 'zod';
import type { FoundHistory, SagaHistories } from '../ports/saga-histories';
import { asked, isLive } from './durable-saga-control';
import type { HttpAnswer } from './http-exchange';
import type { TaskHub } from './task-hub';

export function createDurableSagaHistories(hub: TaskHub): SagaHistories {
  return {
    find: (orderId) => asked(async () => toFound(orderId, await hub.history(orderId))),
    purge: (orderId) => asked(() => hub.purge(orderId)),
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

function toFound(orderId: string, { status, text }: HttpAnswer): FoundHistory {
  if (status === 404) return { kind: 'none' };
  // The extension answers so for a history that it cannot show itself.
  if (status === 400) return { kind: 'unfit', why: 'the task hub cannot show its history' };
  if (status !== 200 && status !== 202) throw new Error(`HTTP ${status}`);
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
