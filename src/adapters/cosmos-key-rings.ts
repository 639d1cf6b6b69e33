// Rings of wrapped keys in Cosmos DB, in the container `keys`: one document each, in a partition of its own, so that a point
// read finds every key of a customer.
import type { KeyRing, KeyRings } from '../ports/key-rings';
import { ALL_TENANTS, type Reach, type Scope } from '../domain/scope';
import { attempt } from './cosmos-attempt';
import type { Connect } from './cosmos-client';
import { given, selectFrom, withoutSystemProperties, type StoredDocument } from './cosmos-select';
import { requireWithin } from './scope-check';

const ID = 'keys';
const NOT_THERE = 404;
const THERE_ALREADY = 409;
const MOVED_ON = 412;

/** The rings over the container that `connect` gives. */
export function createCosmosKeyRings(connect: Connect): KeyRings {
  const select = async (query: string, values: Parameters<typeof given>[0]): Promise<readonly KeyRing[]> =>
    (await selectFrom<StoredDocument>(connect, { query, parameters: given(values) })).map(toRing);
  return {
    read: async (scope) => {
      const { answer } = await attempt(
        connect,
        (container) => container.item(ID, subjectOf(scope)).read<StoredDocument>(),
        NOT_THERE,
      );
      const document = answer?.resource;
      return document === undefined ? undefined : { ring: toRing(document), etag: document._etag };
    },
    write: async (scope, ring, etag) => {
      requireWithin(scope, { tenantId: ring.tenantId, customerId: ring.customerId ?? '' }, 'a ring of keys');
      const document = toDocument(scope, ring);
      const { refused } = await attempt(
        connect,
        (container): Promise<unknown> =>
          etag === undefined
            ? container.items.create(document)
            : container
                .item(ID, document.subject)
                .replace(document, { accessCondition: { type: 'IfMatch', condition: etag } }),
        ...[NOT_THERE, THERE_ALREADY, MOVED_ON],
      );
      return refused === undefined;
    },
    withErasures: (reach, pending, limit) =>
      select(
        `SELECT * FROM c WHERE c.${pending ? 'isErasing' : 'hasErasures'} = true${andTenant(reach)} OFFSET 0 LIMIT @limit`,
        { limit, ...tenantIn(reach) },
      ),
    notWrappedBy: ({ tenantId }, wrappedBy, limit) =>
      select(
        'SELECT * FROM c WHERE c.tenantId = @tenantId AND IS_DEFINED(c.customerId) AND IS_DEFINED(c.wrappedBy) AND c.wrappedBy != @wrappedBy OFFSET 0 LIMIT @limit',
        { tenantId, wrappedBy, limit },
      ),
  };
}

/** Ids have no line break: no customer is called as a tenant is. */
function subjectOf({ tenantId, customerId }: Scope): string {
  return customerId === undefined ? tenantId : `${tenantId}\n${customerId}`;
}

interface RingDocument extends KeyRing {
  readonly id: string;
  readonly subject: string;
  readonly isErasing: boolean;
  readonly hasErasures: boolean;
  /** Of its keys; several where a rotation was broken off, which a later one then finds. */
  readonly wrappedBy?: string;
}

function toDocument(scope: Scope, ring: KeyRing): RingDocument {
  const wrappedBy = [...new Set(ring.keys.map((key) => key.wrappedBy))].sort().join(' ');
  return {
    id: ID,
    subject: subjectOf(scope),
    ...ring,
    isErasing: ring.erasures.some(({ erasedAt }) => erasedAt === null),
    hasErasures: ring.erasures.length > 0,
    ...(wrappedBy === '' ? {} : { wrappedBy }),
  };
}

/** Only this adapter writes these documents, so they are taken at their word. */
function toRing(document: StoredDocument): KeyRing {
  const { id, subject, isErasing, hasErasures, wrappedBy, ...ring } = withoutSystemProperties(document);
  return ring as unknown as KeyRing;
}

function andTenant(reach: Reach): string {
  return reach === ALL_TENANTS ? '' : ' AND c.tenantId = @tenantId';
}

function tenantIn(reach: Reach): { readonly tenantId?: string } {
  return reach === ALL_TENANTS ? {} : { tenantId: reach.tenantId };
}
