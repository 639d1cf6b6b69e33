// Job that moves the events of orders that ended long ago, and their archived histories, into files of the day on which they
// ended: `events/<day>/<part>.jsonl.gz` and `histories/<day>/<part>.jsonl.gz`. Called by a timer.
//
// export-old.E1  What is to be moved is in its files, and the places of all of it are in the mark, before anything is taken from
//   the store. A crash after that is gone on with by the next run, from the mark.
// export-old.E2  Which events and histories a part has is in the mark before its files are written, so the next run after a crash
//   writes the same files. Files never change: one that is there is taken if it is the same; if not, the next number is.
// export-old.E3  The mark is written under its etag: of two runs at once one ends before it takes anything away.
// export-old.E4  Only orders that have ended with all their returns and need no operator are looked at, of days that are over;
//   where the setting is less than a day, up to that moment.
// export-old.E5  Only orders that the purge of histories has passed: their histories are in the archive, and go along.
import { ALL_TENANTS } from '../domain/scope';
import type { EventEnvelope } from '../domain/event-envelope';
import { toIso, type Clock } from '../ports/clock';
import type { ExportedEvents, ExportFiles, ExportSources } from '../ports/exports';
import type { Log } from '../ports/log';
import type { Marks } from '../ports/marks';
import type { EndedOrder, EndedOrders, SagaArchive, SagaRecord } from '../ports/saga-histories';
import { returnInstanceId } from '../saga/returns/return-saga';
import {
  fromMark,
  toMark,
  type ExportProgress,
  type PendingRemoval,
  type PlannedPart,
} from './export-progress';

export interface ExportPorts {
  readonly endedOrders: EndedOrders;
  /** Says how far the purge has come. */
  readonly archive: Pick<SagaArchive, 'readProgress'>;
  readonly sources: ExportSources;
  readonly files: ExportFiles;
  readonly marks: Marks;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Exported {
  readonly orders: number;
  /** False when the time was up, or another run went on. */
  readonly finished: boolean;
}

const JOB = 'export-old';
const DAY_MS = 86_400_000;
/** Orders of one part, and how many of them are read or moved at one time. */
const PART = 100;
const AT_ONCE = 16;
/** Cosmos takes 100 operations in one batch, one of which says where the events are. */
const EVENTS_OF_A_BATCH = 90;

interface Run {
  readonly ports: ExportPorts;
  readonly endsAtMs: number;
  progress: ExportProgress;
  etag: string | undefined;
  orders: number;
}

/** One run. Throws what the stores throw; the next run goes on where this one stood. */
export async function exportOld(
  ports: ExportPorts,
  { afterMs, budgetMs }: { readonly afterMs: number; readonly budgetMs: number },
): Promise<Exported> {
  const { mark, etag } = await ports.marks.read(JOB);
  const startedMs = ports.clock.nowMs();
  const run: Run = { ports, endsAtMs: startedMs + budgetMs, progress: fromMark(mark), etag, orders: 0 };
  const before = await seenBefore(ports, startedMs - afterMs, afterMs >= DAY_MS);
  const finished = (await endPart(run)) && (await goOn(run, before));
  return { orders: run.orders, finished };
}

/** Up to which moment orders are exported (export-old.E4, export-old.E5). */
async function seenBefore({ archive }: ExportPorts, moment: number, wholeDaysOnly: boolean): Promise<string> {
  const { seenUntil } = (await archive.readProgress()).progress;
  const purged = seenUntil === '' ? '' : toIso(Date.parse(seenUntil) + 1);
  const old = wholeDaysOnly ? `${toIso(moment).slice(0, 10)}T00:00:00.000Z` : toIso(moment);
  return purged < old ? purged : old;
}

/** Ends what an earlier run has left; false when another run goes on. */
async function endPart(run: Run): Promise<boolean> {
  const { planned } = run.progress;
  if (planned === null) return movePending(run);
  return carryOut(run, planned, await contentOf(run, planned));
}

async function goOn(run: Run, beforeIso: string): Promise<boolean> {
  const { endedOrders, clock } = run.ports;
  if (run.progress.seenUntil >= beforeIso) return true;
  for await (const page of endedOrders.between(ALL_TENANTS, run.progress.seenUntil, beforeIso)) {
    for (const some of ofOneDay(page)) {
      if (clock.nowMs() >= run.endsAtMs) return false;
      if (!(await exportPart(run, some))) return false;
    }
  }
  return true;
}

/** Consecutive orders that ended on one day, as many as a part takes. */
function ofOneDay(page: readonly EndedOrder[]): readonly (readonly EndedOrder[])[] {
  const parts: EndedOrder[][] = [];
  for (const order of page) {
    const last = parts.at(-1);
    if (last !== undefined && last.length < PART && dayOf(last[0]) === dayOf(order)) last.push(order);
    else parts.push([order]);
  }
  return parts;
}

const dayOf = (order: EndedOrder | undefined): string => order?.updatedAt.slice(0, 10) ?? '';

/** What a part has. */
interface Content {
  readonly streams: readonly (readonly EventEnvelope[])[];
  readonly histories: readonly SagaRecord[];
}

/** False when another run goes on. */
async function exportPart(run: Run, orders: readonly EndedOrder[]): Promise<boolean> {
  const { sources } = run.ports;
  const streams = (await inTurn(orders, ({ orderId }) => sources.events(orderId))).filter(
    // What has its first event only was exported before.
    ([, second]) => second !== undefined,
  );
  const histories = await historiesOf(run, orders.flatMap(instancesOf));
  const seenUntil = orders.at(-1)?.updatedAt ?? run.progress.seenUntil;
  if (streams.length === 0 && histories.length === 0)
    return seenUntil === run.progress.seenUntil || write(run, { ...run.progress, seenUntil });
  const planned: PlannedPart = {
    ...{ seenUntil, day: dayOf(orders[0]) },
    orders: streams.map((events) => ({
      ...{ orderId: events[0]?.orderId ?? '', upTo: events.at(-1)?.sequence ?? 0 },
    })),
    histories: histories.map(({ orderId }) => orderId),
  };
  if (!(await write(run, { ...run.progress, planned }))) return false;
  return carryOut(run, planned, { streams, histories });
}

/** What was planned, read once more: events and archived histories do not change. */
async function contentOf(run: Run, { orders, histories }: PlannedPart): Promise<Content> {
  const { sources } = run.ports;
  const streams = await inTurn(orders, async ({ orderId, upTo }) =>
    (await sources.events(orderId)).filter(({ sequence }) => sequence <= upTo),
  );
  return { streams, histories: await historiesOf(run, histories) };
}

async function historiesOf({ ports }: Run, instances: readonly string[]): Promise<readonly SagaRecord[]> {
  return (await inTurn(instances, (id) => ports.sources.history(id))).filter(
    (record) => record !== undefined,
  );
}

/** Writes the files of a part, and takes from the store what is in them; false when another run goes on. */
async function carryOut(
  run: Run,
  { seenUntil, day, orders }: PlannedPart,
  content: Content,
): Promise<boolean> {
  const { part, pending } = await writeFiles(run, day, content);
  if (!(await write(run, { seenUntil, part, planned: null, pending }))) return false;
  run.orders += orders.length;
  return movePending(run);
}

/** The instances of an order: of itself, and of each of its returns. */
function instancesOf({ orderId, returns = 0 }: EndedOrder): readonly string[] {
  return [orderId, ...Array.from({ length: returns }, (_, index) => returnInstanceId(orderId, index + 1))];
}

/** export-old.E2. */
async function writeFiles(
  { ports: { files }, progress }: Run,
  day: string,
  { streams, histories }: Content,
): Promise<{ readonly part: string; readonly pending: PendingRemoval }> {
  const groups = streams.flatMap(inBatches);
  const [lastDay, lastNumber] = progress.part.split('/');
  for (let number = lastDay === day ? Number(lastNumber) + 1 : 1; ; number += 1) {
    const part = `${day}/${String(number).padStart(4, '0')}`;
    const places = await files.create(`events/${part}.jsonl.gz`, groups);
    if (places === undefined) continue;
    const records = histories.map((record) => [record]);
    if (records.length > 0 && (await files.create(`histories/${part}.jsonl.gz`, records)) === undefined)
      continue;
    const events = groups.flatMap((group, index): readonly ExportedEvents[] => {
      const place = places[index];
      const moved = group.filter(({ sequence }) => sequence > 1);
      const [first, last] = [moved[0], moved.at(-1)];
      if (place === undefined || first === undefined || last === undefined) return [];
      return [
        {
          ...place,
          tenantId: first.tenantId,
          orderId: first.orderId,
          from: first.sequence,
          to: last.sequence,
        },
      ];
    });
    return { part, pending: { events, histories: histories.map(({ orderId }) => orderId) } };
  }
}

function inBatches(events: readonly EventEnvelope[]): readonly (readonly EventEnvelope[])[] {
  return Array.from({ length: Math.ceil(events.length / EVENTS_OF_A_BATCH) }, (_, index) =>
    events.slice(index * EVENTS_OF_A_BATCH, (index + 1) * EVENTS_OF_A_BATCH),
  );
}

/** Takes from the store what is in its files (export-old.E1); false when another run goes on. */
async function movePending(run: Run): Promise<boolean> {
  const { ports, progress } = run;
  const { pending, ...rest } = progress;
  if (pending === null) return true;
  await inTurn(pending.events, (events) => ports.sources.moveEvents(events));
  await inTurn(pending.histories, (id) => ports.sources.removeHistory(id));
  return write(run, { ...rest, pending: null });
}

/** export-old.E3. */
async function write(run: Run, progress: ExportProgress): Promise<boolean> {
  const { marks, log } = run.ports;
  if (!(await marks.write(JOB, toMark(progress), run.etag))) {
    log.warn('another run exports: this one ends', {});
    return false;
  }
  const { mark, etag } = await marks.read(JOB);
  // Another run may have gone on from here already.
  if (JSON.stringify(fromMark(mark)) !== JSON.stringify(progress)) return false;
  run.progress = progress;
  run.etag = etag;
  return true;
}

async function inTurn<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE)
    results.push(...(await Promise.all(all.slice(from, from + AT_ONCE).map(work))));
  return results;
}
