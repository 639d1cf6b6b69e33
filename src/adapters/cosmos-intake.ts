// Whether intake is paused, in Cosmos DB: one document per tenant in the container `operations`.
import type { IntakeState, IntakeStore } from '../ports/intake';
import { attempt } from './cosmos-attempt';
import type { Connect } from './cosmos-client';

interface IntakeDocument {
  readonly id: string;
  readonly subject: string;
  readonly intake: IntakeState;
}

const ID = 'intake';
const NEVER_PAUSED: IntakeState = { paused: false, by: null, at: null, reason: null };

/** The store over the container `operations` that `connect` gives. */
export function createCosmosIntake(connect: Connect): IntakeStore {
  const subjectOf = (tenantId: string): string => `intake-state:${tenantId}`;
  return {
    read: async ({ tenantId }) => {
      const { answer } = await attempt(connect, (container) =>
        container.item(ID, subjectOf(tenantId)).read<IntakeDocument>(),
      );
      return { state: answer?.resource?.intake ?? NEVER_PAUSED, etag: answer?.resource?._etag };
    },
    write: async ({ tenantId }, intake, etag) => {
      const document: IntakeDocument = { id: ID, subject: subjectOf(tenantId), intake };
      const { refused } = await attempt(
        connect,
        (container): Promise<unknown> =>
          etag === undefined
            ? container.items.create(document)
            : container.item(ID, document.subject).replace(document, {
                accessCondition: { type: 'IfMatch', condition: etag },
              }),
        ...[404, 409, 412],
      );
      return refused === undefined;
    },
  };
}
