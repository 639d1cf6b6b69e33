// Acts of operators in Cosmos DB, in the container `operations`: one document each, written once.
import type { Audit, OperatorAct } from '../ports/audit';
import { attempt } from './cosmos-attempt';
import type { Connect } from './cosmos-client';
import { given, selectFrom, withoutSystemProperties, type StoredDocument } from './cosmos-select';

const THERE_ALREADY = 409;
/** A body may be as large as a message; a document holds two of them. */
const MAX_TEXT = 300_000;

/** The audit over the container that `connect` gives. */
export function createCosmosAudit(connect: Connect): Audit {
  return {
    record: async ({ tenantId }, act) => {
      const document = { ...act, tenantId, before: cut(act.before), after: cut(act.after) };
      await attempt(connect, ({ items }) => items.create(document), THERE_ALREADY);
    },
    list: async ({ tenantId }, limit) => {
      const found = await selectFrom<StoredDocument>(connect, {
        query:
          'SELECT * FROM c WHERE c.tenantId = @tenantId AND IS_DEFINED(c.action) ORDER BY c.at DESC OFFSET 0 LIMIT @limit',
        parameters: given({ tenantId, limit }),
      });
      return found.map(toAct);
    },
  };
}

function cut(text: string | null): string | null {
  return text === null ? null : text.slice(0, MAX_TEXT);
}

/** Only this adapter writes these documents, so they are taken at their word. */
function toAct(document: StoredDocument): OperatorAct {
  const { tenantId: _, ...act } = withoutSystemProperties(document);
  return act as unknown as OperatorAct;
}
