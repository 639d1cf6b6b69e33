// The feed of all orders over the change feed of their container, read by whoever watches it (pull model): no leases, so any
// number of readers on any number of instances, each with a continuation of its own.
import {
  ChangeFeedStartFrom,
  type ChangeFeedIteratorOptions,
  type ChangeFeedIteratorResponse,
} from '@azure/cosmos';
import { z } from 'zod';
import { isReached, type Reach } from '../domain/scope';
import type { FeedStart, OrderFeed } from '../ports/order-feed';
import { storeOperation, type Connect } from './cosmos-client';
import { withoutSystemProperties, type StoredDocument } from './cosmos-select';

const PAGE_SIZE = 100;

/** As the SDK writes it; it believes what it is given, so it is checked before. */
const continuation = z.strictObject({
  rid: z.string(),
  Continuation: z
    .array(
      z.strictObject({
        minInclusive: z.string(),
        maxExclusive: z.string(),
        continuationToken: z.string().regex(/^"?[\d:#.-]*"?$/),
      }),
    )
    .min(1),
});

type Changes = ChangeFeedIteratorResponse<readonly StoredDocument[]>;

/** The feed of the container that `connect` gives. */
export function createCosmosOrderFeed(connect: Connect): OrderFeed {
  return {
    open: async (reach, start) => {
      if (start.kind === 'continuation' && !(await isOurs(connect, start.token))) return undefined;
      const { items } = await storeOperation(connect);
      const pages = items.getChangeFeedIterator<StoredDocument>({
        ...startFrom(start),
        maxItemCount: PAGE_SIZE,
      });
      return {
        next: async () => {
          const { result, continuationToken } = (await storeOperation(() =>
            pages.readNext(),
          )) as unknown as Changes;
          return { events: eventsIn(reach, result), continuation: continuationToken };
        },
      };
    },
  };
}

/** A container that was made anew has another feed. */
async function isOurs(connect: Connect, token: string): Promise<boolean> {
  const parsed = continuation.safeParse(parseJson(token));
  if (!parsed.success) return false;
  const container = await storeOperation(connect);
  const { resource } = await storeOperation(() => container.read());
  return parsed.data.rid === (resource as { readonly _rid?: string } | undefined)?._rid;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment -- the SDK does not declare what its factory makes as such */
function startFrom(start: FeedStart): ChangeFeedIteratorOptions {
  switch (start.kind) {
    case 'continuation':
      return { changeFeedStartFrom: ChangeFeedStartFrom.Continuation(start.token) };
    case 'moment':
      return { changeFeedStartFrom: ChangeFeedStartFrom.Time(new Date(start.iso)) };
    case 'now':
      return { changeFeedStartFrom: ChangeFeedStartFrom.Now() };
  }
}
/* eslint-enable @typescript-eslint/no-unsafe-class-instance-assignment */

/** The feed also brings orders and snapshots, and does not keep the order within one transaction. */
function eventsIn(reach: Reach, documents: readonly StoredDocument[]): readonly unknown[] {
  return documents
    .filter(({ kind, tenantId }) => kind === 'event' && isReached(reach, { tenantId: String(tenantId) }))
    .sort((a, b) => Number(a['sequence']) - Number(b['sequence']))
    .map((document) => {
      const { id, kind, _lsn, ...event } = withoutSystemProperties(document);
      return event;
    });
}
