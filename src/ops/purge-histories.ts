// Takes the durable histories of orders that ended long ago out of the task hub and into the archive.
//
// P1  A history is in the archive before it leaves the task hub. A crash in between leaves it in both; the next run
//     archives the same once more and takes it out.
// P2  Only orders that have ended and need no operator are looked at, and only instances that have ended are purged.
// P3  The mark moves only behind orders that were seen to the end, so what a run had no time for is the next one's.
import { toIso, type Clock } from '../ports/clock';
import type { Log } from '../ports/log';
import type {
  EndedOrder,
  EndedOrders,
  SagaArchive,
  SagaHistories,
  SagaRecord,
} from '../ports/saga-histories';

export interface PurgePorts {
  readonly endedOrders: EndedOrders;
  readonly histories: SagaHistories;
  readonly archive: SagaArchive;
  readonly clock: Clock;
  readonly log: Log;
}

export interface PurgeLimits {
  /** How long after its last change an order keeps its history in the task hub. */
  readonly retentionMs: number;
  /** A run begins no more after this time. */
  readonly budgetMs: number;
}

export interface Purged {
  /** In the archive, and no longer in the task hub. */
  readonly purged: number;
  /** Left where they are: still live, not to be read, or too large for the archive. */
  readonly kept: number;
  /** False when the time was up before everything was seen. */
  readonly finished: boolean;
}

/** At one time: live orders use the same task hub. */
const AT_ONCE = 16;

/** One run. Throws what the stores throw; the next run goes on where this one stood. */
export async function purgeHistories(
  ports: PurgePorts,
  { retentionMs, budgetMs }: PurgeLimits,
): Promise<Purged> {
  const { endedOrders, archive, clock } = ports;
  const startedMs = clock.nowMs();
  let [purged, kept] = [0, 0];
  const pages = endedOrders.between(await archive.seenUntil(), toIso(startedMs - retentionMs));
  for await (const page of pages) {
    for (let from = 0; from < page.length; from += AT_ONCE) {
      if (clock.nowMs() - startedMs >= budgetMs) return { purged, kept, finished: false };
      const some = page.slice(from, from + AT_ONCE);
      const results = await Promise.all(some.map((order) => purge(ports, order)));
      purged += results.filter((result) => result === 'purged').length;
      kept += results.filter((result) => result === 'kept').length;
      await archive.see(some.at(-1)?.updatedAt ?? '');
    }
  }
  return { purged, kept, finished: true };
}

async function purge(
  { histories, archive, log }: PurgePorts,
  { orderId }: EndedOrder,
): Promise<'purged' | 'kept' | 'gone'> {
  const found = await histories.find(orderId);
  if (found.kind === 'none') return 'gone';
  const why = found.kind === 'unfit' ? found.why : await unkept(archive, found.record);
  if (why !== undefined) {
    log.warn('history not archived', { orderId, why });
    return 'kept';
  }
  await histories.purge(orderId);
  return 'purged';
}

async function unkept(archive: SagaArchive, record: SagaRecord): Promise<string | undefined> {
  return (await archive.keep(record)) ? undefined : 'it is too large for the archive';
}
