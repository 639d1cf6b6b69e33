// The archive of durable histories in Cosmos DB: one document per order, and one that says how far orders were seen.
import { toIso, type Clock } from '../ports/clock';
import type { EndedOrder, EndedOrders, SagaArchive } from '../ports/saga-histories';
import { attempt } from './cosmos-attempt';
import type { Connect } from './cosmos-client';
import { endedBetweenQuery } from './cosmos-documents';
import { selectPages } from './cosmos-select';

/** No order is called so: order ids are UUIDs. */
const MARK = 'seen-until';
const TOO_LARGE = 413;

/** The archive over the container `saga-archive` that `connect` gives. */
export function createCosmosSagaArchive(connect: Connect, clock: Clock): SagaArchive {
  const upsert = (document: { readonly id: string }): ReturnType<typeof attempt> =>
    attempt(connect, ({ items }) => items.upsert(document), TOO_LARGE);
  return {
    keep: async (record) => {
      const document = { id: record.orderId, ...record, archivedAt: toIso(clock.nowMs()) };
      return (await upsert(document)).refused === undefined;
    },
    seenUntil: async () => {
      const { answer } = await attempt(connect, (container) =>
        container.item(MARK, MARK).read<{ readonly seenUntil: string }>(),
      );
      return answer?.resource?.seenUntil ?? '';
    },
    see: async (seenUntil) => {
      await upsert({ id: MARK, ...{ seenUntil } });
    },
  };
}

/** The ended orders in the container that `connect` gives. */
export function createCosmosEndedOrders(connect: Connect): EndedOrders {
  return {
    between: (fromIso, beforeIso) => selectPages<EndedOrder>(connect, endedBetweenQuery(fromIso, beforeIso)),
  };
}
