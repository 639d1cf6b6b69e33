// Parked documents in Cosmos DB: one per source and document, as it came, with the first reason and time.
import { createHash } from 'node:crypto';
import { toIso, type Clock } from '../ports/clock';
import type { Parking } from '../ports/parking';
import { attempt } from './cosmos-attempt';
import type { Connect } from './cosmos-client';

/** The parking over the container `parking` that `connect` gives. */
export function createCosmosParking(connect: Connect, clock: Clock): Parking {
  return {
    park: async (source, document, reason) => {
      const parked = { id: parkedId(document), source, reason, parkedAt: toIso(clock.nowMs()), document };
      await attempt(connect, ({ items }) => items.create(parked), 409);
    },
  };
}

/** The same for the same content: a feed brings it again, and a foreign document's id may hold what Cosmos refuses. */
function parkedId(document: unknown): string {
  return createHash('sha256').update(JSON.stringify(document)).digest('base64url');
}
