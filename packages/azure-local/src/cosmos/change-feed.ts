// Reader of a container's change feed in "latest version" mode: documents in the order of their last change. The etag
// of a page is an LSN (log sequence number).
//
// change-feed.F1  LSNs are given in the order in which changes become visible, so a reader that goes on from an LSN
//   misses nothing.
import { feedCharge, REFUSED_CHARGE } from './charge';
import type { Container } from './container';
import { CosmosError } from './protocol/errors';

export interface ChangeFeedRequest {
  readonly pk: string | undefined;
  /** `If-None-Match`: an etag of this feed, `*` for "from now on", undefined for the beginning. */
  readonly ifNoneMatch: string | undefined;
  /** `If-Modified-Since`, an HTTP date; an etag takes precedence. */
  readonly ifModifiedSince: string | undefined;
  readonly itemsAtMost: number;
  readonly seconds: number;
}

export interface ChangeFeedPage {
  /** 304 when nothing is new. */
  readonly status: 200 | 304;
  readonly items: readonly string[];
  readonly etag: string;
  readonly charge: number;
}

function startOf({ documents }: Container, { ifNoneMatch, ifModifiedSince }: ChangeFeedRequest): number {
  if (ifNoneMatch === '*') return documents.lsn;
  if (ifNoneMatch !== undefined) {
    const lsn = Number(ifNoneMatch.replaceAll('"', ''));
    if (!Number.isSafeInteger(lsn))
      throw new CosmosError(400, `If-None-Match ${ifNoneMatch} is not an etag of this change feed.`);
    return lsn;
  }
  if (ifModifiedSince === undefined) return 0;
  const since = Date.parse(ifModifiedSince);
  if (Number.isNaN(since))
    throw new CosmosError(400, `If-Modified-Since '${ifModifiedSince}' is not a date.`);
  return documents.lsnBefore(Math.floor(since / 1000));
}

export function readChanges(container: Container, request: ChangeFeedRequest): ChangeFeedPage {
  const { pk, itemsAtMost, seconds } = request;
  const rows = container.documents.changes(pk, startOf(container, request), itemsAtMost);
  const items = rows
    .filter(({ expires }) => expires === null || expires > seconds)
    .map(({ body, lsn }) => `${body.slice(0, -1)},"_lsn":${lsn}}`);
  const last = rows.length < itemsAtMost ? container.documents.lsn : rows.at(-1)?.lsn;
  const etag = `"${last ?? 0}"`;
  if (items.length === 0 && rows.length < itemsAtMost)
    return { status: 304, items, etag, charge: REFUSED_CHARGE };
  const bytes = items.reduce((sum, item) => sum + item.length, 0);
  return { status: 200, items, etag, charge: feedCharge(items.length, bytes) };
}
