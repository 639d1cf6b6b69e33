// Counts dead letters by peeking, which takes nothing, locks nothing and needs no right but to listen. Of more than
// MAX_COUNTED only so many are told: whether there are any is what an operator is alarmed by.
import Long from 'long';
import type { ServiceBusClient, ServiceBusReceiver } from '@azure/service-bus';
import type { Clock } from '../ports/clock';
import type { DeadLetterCounts } from '../ports/dead-letter-counts';
import { brokerOperation } from './service-bus-client';

const MAX_COUNTED = 100;

/** Each peeked message is a credit: whoever asks more often is answered from memory. */
const KEEP_MS = 10_000;

/** The counts of `queues`, over the client that `connect` gives. */
export function createDeadLetterCounts(
  connect: () => Promise<ServiceBusClient>,
  queues: readonly string[],
  clock: Clock,
): DeadLetterCounts {
  let asked: { readonly atMs: number; readonly counts: Promise<ReadonlyMap<string, number>> } | undefined;
  return {
    read() {
      const nowMs = clock.nowMs();
      if (asked === undefined || Math.abs(nowMs - asked.atMs) >= KEEP_MS)
        asked = { atMs: nowMs, counts: countAll(connect, queues) };
      return asked.counts;
    },
  };
}

async function countAll(
  connect: () => Promise<ServiceBusClient>,
  queues: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const counts = await Promise.all(
    queues.map(async (queue) => {
      try {
        return [[queue, await countOf(await connect(), queue)] as const];
      } catch {
        // The health endpoint tells of a broker that is away.
        return [];
      }
    }),
  );
  return new Map(counts.flat());
}

/** From the first message on: the client remembers, over all its receivers of a queue, how far it has peeked. */
async function countOf(client: ServiceBusClient, queue: string): Promise<number> {
  const receiver: ServiceBusReceiver = client.createReceiver(queue, { subQueueType: 'deadLetter' });
  try {
    return (
      await brokerOperation(() => receiver.peekMessages(MAX_COUNTED, { fromSequenceNumber: Long.ZERO }))
    ).length;
  } finally {
    await receiver.close();
  }
}
