// Paging over orders by their last change, several orders at a time, for the reconciler and the late look-up.
import { toIso } from '../ports/clock';

export interface Walk<T> {
  /** The orders whose last change was at `fromIso` or later, oldest first. */
  readonly list: (fromIso: string, limit: number) => Promise<readonly T[]>;
  readonly isWanted: (order: T) => boolean;
  readonly visit: (order: T) => Promise<void>;
  /** Asked before every visit of some: nothing more is begun once it says so. */
  readonly isOver: () => boolean;
}

export interface Walked {
  readonly listed: number;
  /** The last change of the first order that was not visited; undefined when all were. */
  readonly stoppedAt: string | undefined;
}

const PAGE = 500;
/** At one time: live orders use the same store, task hub and services. */
const AT_ONCE = 8;

/** Visits the wanted orders of the list from `fromIso` on. One may be visited twice: at the edge of two pages or runs. */
export async function walkOrders<T extends { readonly updatedAt: string }>(
  fromIso: string,
  { list, isWanted, visit, isOver }: Walk<T>,
): Promise<Walked> {
  let listed = 0;
  for (let from: string | undefined = fromIso; from !== undefined;) {
    if (isOver()) return { listed, stoppedAt: from };
    const page: readonly T[] = await list(from, PAGE);
    listed += page.length;
    const wanted = page.filter(isWanted);
    for (let index = 0; index < wanted.length; index += AT_ONCE) {
      const some = wanted.slice(index, index + AT_ONCE);
      if (isOver()) return { listed, stoppedAt: some[0]?.updatedAt };
      await Promise.all(some.map(visit));
    }
    from = nextFrom(page, from);
  }
  return { listed, stoppedAt: undefined };
}

/** Orders of the same millisecond as the last are listed again, unless they fill a page. */
function nextFrom(page: readonly { readonly updatedAt: string }[], from: string): string | undefined {
  const last = page.length < PAGE ? undefined : page.at(-1)?.updatedAt;
  return last === undefined || last !== from ? last : toIso(Date.parse(last) + 1);
}
