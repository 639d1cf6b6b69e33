// Program behind `npm run tool:watchers`: what those who watch orders cost a running system and its store. Each watcher asks
// for the events of one order that waits for its time, again and again with the last id, as a browser does.
import { runCommand } from '../../test/support/command-line';
import { findRunning } from 'azure-local/supervisor/run-file';

const USAGE = `npm run tool:watchers -- [watchers, such as 100,500,1000] [seconds for each] [data folder]
  Watches that many orders of a running system (npm start) at once.`;

interface Options {
  readonly counts: readonly number[];
  readonly seconds: number;
  readonly dataDir: string;
}

const WAIT_SECONDS = 5;
const PLACED_AT_ONCE = 32;

const read = ([counts = '100,500,1000', seconds = '20', dataDir = '.local']: readonly string[]): Options => ({
  dataDir,
  counts: counts.split(',').map(Number),
  seconds: Number(seconds),
});

async function place(api: string): Promise<string> {
  const notBefore = new Date(Date.now() + 86_400_000).toISOString();
  const items = [{ productId: 'lamp', productName: 'Desk lamp', quantity: 1, unitPrice: 1 }];
  const response = await fetch(`${api}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ customerId: 'watched', items, notBefore }),
  });
  return ((await response.json()) as { readonly id: string }).id;
}

interface Watched {
  answers: number;
  failed: number;
  /** How much later than asked an answer without events came. */
  readonly lateMs: number[];
}

async function watch(api: string, id: string, untilMs: number, watched: Watched): Promise<void> {
  while (performance.now() < untilMs) {
    const startedMs = performance.now();
    const path = `orders/${id}/events/stream?wait=${WAIT_SECONDS}`;
    const response = await fetch(`${api}/api/${path}`, { headers: { 'last-event-id': '9' } });
    await response.text();
    watched.answers += 1;
    if (response.status !== 200) watched.failed += 1;
    watched.lateMs.push(performance.now() - startedMs - WAIT_SECONDS * 1_000);
  }
}

type Counters = Readonly<
  Record<string, Readonly<Record<string, { readonly requests: number; readonly requestUnits: number }>>>
>;

/** Of the container of the orders: what is read by id. */
async function reads(cosmos: string): Promise<{ readonly requests: number; readonly requestUnits: number }> {
  const counters = (await (await fetch(`${cosmos}/_lookalike/counters/containers`)).json()) as Counters;
  return counters['orders']?.['read'] ?? { requests: 0, requestUnits: 0 };
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor(sorted.length * share)] ?? 0;

async function measure({ counts, seconds, dataDir }: Options): Promise<number> {
  const urls = findRunning(dataDir)?.urls;
  if (urls === undefined) {
    console.error(`No system runs with the data in ${dataDir}. Start one with \`npm start\`.`);
    return 1;
  }
  const ids: string[] = [];
  const most = Math.max(...counts);
  while (ids.length < most)
    ids.push(...(await Promise.all(Array.from({ length: PLACED_AT_ONCE }, () => place(urls.api)))));
  console.log('watchers  answers  failed  late p50  late p95  reads/s each  units/min each');
  for (const count of counts) {
    const before = await reads(urls.cosmos);
    const watched: Watched = { answers: 0, failed: 0, lateMs: [] };
    const startedMs = performance.now();
    await Promise.all(
      ids.slice(0, count).map((id) => watch(urls.api, id, startedMs + seconds * 1_000, watched)),
    );
    const tookS = (performance.now() - startedMs) / 1_000;
    const after = await reads(urls.cosmos);
    const late = [...watched.lateMs].sort((a, b) => a - b);
    const each = (value: number): string => (value / count / tookS).toFixed(2);
    console.log(
      [
        ...[count, watched.answers, watched.failed],
        ...[`${Math.round(at(late, 0.5))} ms`, `${Math.round(at(late, 0.95))} ms`],
        ...[each(after.requests - before.requests), each((after.requestUnits - before.requestUnits) * 60)],
      ].join('\t'),
    );
  }
  return 0;
}

void runCommand({ usage: USAGE, read, run: measure }, process.argv.slice(2)).then((code) =>
  process.exit(code),
);
