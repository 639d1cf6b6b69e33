// Job that moves the durable histories of orders that ended long ago, and of their returns, from the task hub to the archive. Called by a timer.
//
// purge-histories.P1  A history is in the archive before it leaves the task hub. A crash in between leaves it in both;
//   the next run archives the same once more and takes it out.
// purge-histories.P2  Only orders that have ended and need no operator are looked at, and only instances that have
//   ended are purged.
// purge-histories.P3  The progress moves only behind orders that were seen to the end, so what a run had no time for is
//   the next one's.
// purge-histories.P4  A history that could not be archived (its instance is live, it cannot be read, it is too large)
//   is listed in the progress before that passes its order, and is looked at again every day until it is archived or
//   gone.
// purge-histories.P5  Progress is written under its etag: of two runs at once one ends.
import { ALL_TENANTS } from '../domain/scope';
import { toIso, type Clock } from '../ports/clock';
import type { Log } from '../ports/log';
import { returnInstanceId } from '../saga/returns/return-saga';
import type {
  EndedOrder,
  EndedOrders,
  KeptHistory,
  PurgeProgress,
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
  /** False when the time was up before everything was seen, or the list of kept histories is full. */
  readonly finished: boolean;
}

/** An ended order, and how many returns it has. */
type Ended = Pick<EndedOrder, 'orderId' | 'returns'>;

/** At one time: live orders use the same task hub. */
const AT_ONCE = 16;
const LOOK_AGAIN_MS = 86_400_000;
/** All in one document, of some 150 bytes each; with more than these an operator has to look. */
const KEPT_AT_MOST = 1_000;

/** One run. Throws what the stores throw; the next run goes on where this one stood. */
export async function purgeHistories(
  ports: PurgePorts,
  { retentionMs, budgetMs }: PurgeLimits,
): Promise<Purged> {
  const { progress, etag } = await ports.archive.readProgress();
  const startedMs = ports.clock.nowMs();
  const run: Run = {
    ...{ ports, startedMs, endsAtMs: startedMs + budgetMs, etag, seenUntil: progress.seenUntil },
    ...{ kept: new Map(progress.kept.map((one) => [one.orderId, one])), purged: 0, keptNow: 0 },
  };
  const beforeIso = toIso(startedMs - retentionMs);
  const finished = (await lookAgain(run, beforeIso)) && (await goOn(run, beforeIso));
  return { purged: run.purged, kept: run.keptNow, finished };
}

interface Run {
  readonly ports: PurgePorts;
  readonly startedMs: number;
  readonly endsAtMs: number;
  readonly kept: Map<string, KeptHistory>;
  etag: string | undefined;
  seenUntil: string;
  purged: number;
  keptNow: number;
}

/** Looks at the kept histories that are due (purge-histories.P4); false when the run has to end. */
async function lookAgain(run: Run, beforeIso: string): Promise<boolean> {
  const now = toIso(run.startedMs);
  const due = [...run.kept.values()].filter(({ lookAgainAt }) => lookAgainAt <= now);
  for (let from = 0; from < due.length; from += AT_ONCE) {
    const some = due.slice(from, from + AT_ONCE);
    if (!(await lookAt(run, await dropChanged(run, some, beforeIso), run.seenUntil))) return false;
  }
  return true;
}

/** Without those that have changed meanwhile (purge-histories.P2): they come again behind the progress. */
async function dropChanged(
  { ports, kept }: Run,
  some: readonly KeptHistory[],
  beforeIso: string,
): Promise<readonly KeptHistory[]> {
  const has = await Promise.all(
    some.map(({ orderId }) => ports.endedOrders.has(ALL_TENANTS, orderId, beforeIso)),
  );
  some.filter((_, index) => has[index] === false).forEach(({ orderId }) => kept.delete(orderId));
  return some.filter((_, index) => has[index] === true);
}

/** Looks at the orders behind the progress; false when the run has to end. */
async function goOn(run: Run, beforeIso: string): Promise<boolean> {
  const { endedOrders, log } = run.ports;
  for await (const page of endedOrders.between(ALL_TENANTS, run.seenUntil, beforeIso)) {
    for (let from = 0; from < page.length; from += AT_ONCE) {
      if (run.kept.size + AT_ONCE > KEPT_AT_MOST) {
        log.error('too many histories cannot be archived', { kept: run.kept.size });
        return false;
      }
      const some = page.slice(from, from + AT_ONCE);
      // Those at the very moment of the progress come once more.
      const others = some.filter(({ orderId }) => !run.kept.has(orderId));
      if (!(await lookAt(run, others, some.at(-1)?.updatedAt ?? ''))) return false;
    }
  }
  return true;
}

/**
 * Purges what can be of these orders and writes the progress; false when the time is up or another run goes on
 * (purge-histories.P5).
 */
async function lookAt(run: Run, orders: readonly Ended[], seenUntil: string): Promise<boolean> {
  const { clock, archive, log } = run.ports;
  if (clock.nowMs() >= run.endsAtMs) return false;
  const lookAgainAt = toIso(run.startedMs + LOOK_AGAIN_MS);
  await Promise.all(
    orders.map(async (order) => {
      const { orderId, returns } = order;
      const result = await archiveHistory(run.ports, order);
      if (result.kind === 'kept') {
        run.keptNow += 1;
        const more = returns === undefined ? {} : { returns };
        run.kept.set(orderId, { orderId, ...more, why: result.why.slice(0, 100), lookAgainAt });
      } else {
        run.kept.delete(orderId);
        if (result.kind === 'purged') run.purged += 1;
      }
    }),
  );
  run.seenUntil = seenUntil;
  const progress: PurgeProgress = { seenUntil, kept: [...run.kept.values()] };
  run.etag = await archive.writeProgress(progress, run.etag);
  if (run.etag === undefined) log.warn('another run archives histories: this one ends', {});
  return run.etag !== undefined;
}

type Looked = { readonly kind: 'purged' | 'gone' } | { readonly kind: 'kept'; readonly why: string };

/** The history of the order, then those of its returns; what cannot be archived holds up none of the others. */
export async function archiveHistory(
  ports: Pick<PurgePorts, 'histories' | 'archive' | 'log'>,
  { orderId, returns = 0 }: Ended,
): Promise<Looked> {
  const numbers = Array.from({ length: returns }, (_, index) => index + 1);
  const looked: Looked[] = [];
  for (const id of [orderId, ...numbers.map((number) => returnInstanceId(orderId, number))])
    looked.push(await purgeInstance(ports, id));
  const kept = looked.find(({ kind }) => kind === 'kept');
  const purged = looked.find(({ kind }) => kind === 'purged');
  return kept ?? purged ?? { kind: 'gone' };
}

async function purgeInstance(
  { histories, archive, log }: Pick<PurgePorts, 'histories' | 'archive' | 'log'>,
  orderId: string,
): Promise<Looked> {
  const found = await histories.find(orderId);
  if (found.kind === 'none') return { kind: 'gone' };
  const why = found.kind === 'unfit' ? found.why : await unkept(archive, found.record);
  if (why !== undefined) {
    log.warn('history not archived', { orderId, why });
    return { kind: 'kept', why };
  }
  await histories.purge(orderId);
  return { kind: 'purged' };
}

async function unkept(archive: SagaArchive, record: SagaRecord): Promise<string | undefined> {
  return (await archive.keep(record)) ? undefined : 'it is too large for the archive';
}
