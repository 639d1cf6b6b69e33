// Parked documents in Cosmos DB: one per source and document, encrypted, with the first reason and time.
import { DEFAULT_TENANT, type Owner } from '../domain/scope';
import { toIso, type Clock } from '../ports/clock';
import type { FieldCipher } from '../ports/field-cipher';
import type { ParkedDocument, ParkedDocuments, Parking } from '../ports/parking';
import { attempt } from './cosmos-attempt';
import type { Connect } from './cosmos-client';
import { given, selectFrom } from './cosmos-select';

const THERE_ALREADY = 409;
const TOO_LARGE = 413;
/** A reason can name a thousand wrong paths; a page of them is enough to mend the document. */
const MAX_REASON = 4_000;
const MAX_START = 100_000;

export interface ParkingPorts {
  readonly cipher: Pick<FieldCipher, 'hash' | 'sealDocument' | 'openDocument'>;
  readonly clock: Clock;
  /** The first counts for documents that name none of them. */
  readonly tenantIds: readonly string[];
}

interface Stored extends Pick<Owner, 'tenantId'> {
  readonly source: string;
  readonly reason: string;
  readonly parkedAt: string;
  readonly sealed: string;
}

/** The parking over the container `parking` that `connect` gives. */
export function createCosmosParking(
  connect: Connect,
  { cipher, clock, tenantIds }: ParkingPorts,
): Parking & ParkedDocuments {
  return {
    park: async (source, document, reason) => {
      const text = JSON.stringify(document);
      const tenantId = tenantOf(document, tenantIds);
      // The same for the same content: a feed brings it again, and a foreign document's id may hold what Cosmos refuses.
      const id = (await cipher.hash({ tenantId }, text)).text;
      const parked = { id, source, tenantId, reason: reason.slice(0, MAX_REASON) };
      const create = async (kept: string): Promise<number | undefined> => {
        const sealed = await cipher.sealDocument(tenantId, placeOf(source), kept);
        const stored = { ...parked, parkedAt: toIso(clock.nowMs()), length: text.length, sealed };
        const { refused } = await attempt(
          connect,
          ({ items }) => items.create(stored),
          ...[THERE_ALREADY, TOO_LARGE],
        );
        return refused;
      };
      if ((await create(text)) === TOO_LARGE) await create(text.slice(0, MAX_START));
    },
    list: async ({ tenantId }, limit) => {
      const found = await selectFrom<Stored>(connect, {
        query:
          'SELECT c.source, c.reason, c.parkedAt, c.sealed FROM c WHERE c.tenantId = @tenantId ORDER BY c.parkedAt DESC OFFSET 0 LIMIT @limit',
        parameters: given({ tenantId, limit }),
      });
      return Promise.all(
        found.map(async ({ sealed, ...parked }): Promise<ParkedDocument> => {
          const text = await cipher.openDocument(tenantId, placeOf(parked.source), sealed);
          return { ...parked, text: String(text) };
        }),
      );
    },
  };
}

function placeOf(source: string): string {
  return `parking ${source}`;
}

function tenantOf(document: unknown, tenantIds: ParkingPorts['tenantIds']): string {
  const named =
    typeof document === 'object' && document !== null && 'tenantId' in document
      ? document.tenantId
      : undefined;
  return tenantIds.find((id) => id === named) ?? tenantIds[0] ?? DEFAULT_TENANT.tenantId;
}
