// How far jobs are, in Cosmos DB: one document per job, beside the archive's own. No order is called so: order ids are UUIDs.
import { attempt } from './cosmos-attempt';
import type { Connect } from './cosmos-client';
import type { Mark, Marks } from '../ports/marks';

interface MarkDocument {
  readonly id: string;
  readonly mark: Mark;
}

/** The marks over the container `saga-archive` that `connect` gives. */
export function createCosmosMarks(connect: Connect): Marks {
  return {
    read: async (job) => {
      const { answer } = await attempt(connect, (container) => container.item(job, job).read<MarkDocument>());
      return { mark: answer?.resource?.mark ?? {}, etag: answer?.resource?._etag };
    },
    write: async (job, mark, etag) => {
      const document: MarkDocument = { id: job, mark };
      const { refused } = await attempt(
        connect,
        (container): Promise<unknown> =>
          etag === undefined
            ? container.items.create(document)
            : container.item(job, job).replace(document, {
                accessCondition: { type: 'IfMatch', condition: etag },
              }),
        ...[404, 409, 412],
      );
      return refused === undefined;
    },
  };
}
