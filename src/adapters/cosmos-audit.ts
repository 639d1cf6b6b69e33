// Acts of operators in Cosmos DB, in the container `operations`: one document each, written once. What was there before and
// after may be the body of a message, so it is encrypted.
import type { Audit, OperatorAct } from '../ports/audit';
import type { FieldCipher } from '../ports/field-cipher';
import { attempt } from './cosmos-attempt';
import type { Connect } from './cosmos-client';
import { given, selectFrom, withoutSystemProperties, type StoredDocument } from './cosmos-select';

const THERE_ALREADY = 409;
/** A body may be as large as a message; a document holds two of them. */
const MAX_TEXT = 300_000;

type Cipher = Pick<FieldCipher, 'sealDocument' | 'openDocument'>;

/** The audit over the container that `connect` gives. */
export function createCosmosAudit(connect: Connect, cipher: Cipher): Audit {
  return {
    record: async ({ tenantId }, act) => {
      const seal = async (text: string | null): Promise<string | null> =>
        text === null ? null : cipher.sealDocument(tenantId, placeOf(act), text.slice(0, MAX_TEXT));
      const document = { ...act, tenantId, before: await seal(act.before), after: await seal(act.after) };
      await attempt(connect, ({ items }) => items.create(document), THERE_ALREADY);
    },
    list: async ({ tenantId }, limit) => {
      const found = await selectFrom<StoredDocument>(connect, {
        query:
          'SELECT * FROM c WHERE c.tenantId = @tenantId AND IS_DEFINED(c.action) ORDER BY c.at DESC OFFSET 0 LIMIT @limit',
        parameters: given({ tenantId, limit }),
      });
      return Promise.all(
        found.map(toAct).map(async (act) => {
          const open = async (text: string | null): Promise<string | null> =>
            text === null ? null : String(await cipher.openDocument(tenantId, placeOf(act), text));
          return { ...act, before: await open(act.before), after: await open(act.after) };
        }),
      );
    },
  };
}

function placeOf({ id, subject }: Pick<OperatorAct, 'id' | 'subject'>): string {
  return `act ${subject} ${id}`;
}

/** Only this adapter writes these documents, so they are taken at their word. */
function toAct(document: StoredDocument): OperatorAct {
  const { tenantId: _, ...act } = withoutSystemProperties(document);
  return act as unknown as OperatorAct;
}
