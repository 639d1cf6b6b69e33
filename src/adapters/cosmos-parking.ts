// Parked documents in Cosmos DB: one per source and document, as it came, with the first reason and time.
import { createHash } from 'node:crypto';
import { toIso, type Clock } from '../ports/clock';
import type { Parking } from '../ports/parking';
import { attempt } from './cosmos-attempt';
import type { Connect } from './cosmos-client';

const THERE_ALREADY = 409;
const TOO_LARGE = 413;
/** A reason can name a thousand wrong paths; a page of them is enough to mend the document. */
const MAX_REASON = 4_000;
const MAX_START = 100_000;

/** The parking over the container `parking` that `connect` gives. */
export function createCosmosParking(connect: Connect, clock: Clock): Parking {
  return {
    park: async (source, document, reason) => {
      const text = JSON.stringify(document);
      const parked = { source, reason: reason.slice(0, MAX_REASON), parkedAt: toIso(clock.nowMs()) };
      const whole = { id: idOf(text), ...parked, document };
      const { refused } = await attempt(
        connect,
        ({ items }) => items.create(whole),
        ...[THERE_ALREADY, TOO_LARGE],
      );
      if (refused !== TOO_LARGE) return;
      const start = { id: idOf(text), ...parked, start: text.slice(0, MAX_START), length: text.length };
      await attempt(connect, ({ items }) => items.create(start), THERE_ALREADY);
    },
  };
}

/** The same for the same content: a feed brings it again, and a foreign document's id may hold what Cosmos refuses. */
function idOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
