// The archive of durable histories in Cosmos DB: one document per order, and one that says how far the purge has come.
import { toIso, type Clock } from '../ports/clock';
import type { EndedOrder, EndedOrders, PurgeProgress, SagaArchive } from '../ports/saga-histories';
import { attempt } from './cosmos-attempt';
import type { Connect } from './cosmos-client';
import { endedBetweenQuery } from './cosmos-documents';
import { selectFrom, selectPages } from './cosmos-select';

/** No order is called so: order ids are UUIDs. */
const PROGRESS = 'seen-until';
const [GONE, CONFLICT, CHANGED, TOO_LARGE] = [404, 409, 412, 413];

/** The archive over the container `saga-archive` that `connect` gives. */
export function createCosmosSagaArchive(connect: Connect, clock: Clock): SagaArchive {
  return {
    keep: async (record) => {
      const document = { id: record.orderId, ...record, archivedAt: toIso(clock.nowMs()) };
      const { refused } = await attempt(connect, ({ items }) => items.upsert(document), TOO_LARGE);
      return refused === undefined;
    },
    readProgress: async () => {
      const { answer } = await attempt(connect, (container) =>
        container.item(PROGRESS, PROGRESS).read<Partial<PurgeProgress>>(),
      );
      // Builds before kept no list.
      const { seenUntil = '', kept = [] } = answer?.resource ?? {};
      return { progress: { seenUntil, kept }, etag: answer?.resource?._etag };
    },
    writeProgress: async (progress, etag) => {
      const document = { id: PROGRESS, ...progress };
      const { answer } = await attempt(
        connect,
        (container) =>
          etag === undefined
            ? container.items.create(document)
            : container.item(PROGRESS, PROGRESS).replace(document, {
                accessCondition: { type: 'IfMatch', condition: etag },
              }),
        ...[GONE, CONFLICT, CHANGED],
      );
      return answer?.etag;
    },
  };
}

/** The ended orders in the container that `connect` gives. */
export function createCosmosEndedOrders(connect: Connect): EndedOrders {
  return {
    between: (reach, fromIso, beforeIso) =>
      selectPages<EndedOrder>(connect, endedBetweenQuery(reach, fromIso, beforeIso)),
    has: async (reach, orderId, beforeIso) =>
      (await selectFrom<EndedOrder>(connect, endedBetweenQuery(reach, '', beforeIso), orderId)).length > 0,
  };
}
