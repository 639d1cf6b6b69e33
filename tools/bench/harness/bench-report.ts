// Report of `npm run tool:bench`: the table, and below it the further figures of orders.
import os from 'node:os';
import type { StoreCount } from './order-counts';
import type { OrderFigures } from './order-figures';
import { sumOfValues, type Spread } from './quantile';
import { aligned, figure, tableText, type BenchRow } from './table';

export interface BenchResult {
  readonly inFlight: number;
  readonly rows: readonly BenchRow[];
  readonly floor: OrderFigures;
  readonly http: OrderFigures;
  readonly queue: OrderFigures;
  /** From the start of `npm start`, after the build, to the first completed order. */
  readonly startMs: number;
  /** Where the floor does not make the calls of the full order. */
  readonly differences: readonly string[];
}

export function benchText(result: BenchResult): string {
  const { rows, inFlight, floor, http, queue, startMs, differences } = result;
  const share = (of: (figures: OrderFigures) => number): string =>
    `${Math.round((of(http) / of(floor)) * 100)} %`;
  return [
    machine(),
    '',
    tableText(rows, inFlight),
    '',
    `Full order over HTTP against the wire floor: ${share(({ perSecond }) => perSecond)} of its rate at ${inFlight} in flight, ` +
      `${share(({ oneAtATime }) => oneAtATime.p50Ms)} of its p50 one at a time, ${share(({ cpuMs }) => sumOfValues(cpuMs))} of its CPU.`,
    `Completed, not yet drained, at ${inFlight}: ${[http, queue, floor].map(({ name, completedPerSecond }) => `${name} ${figure(completedPerSecond)}/s`).join(', ')}.`,
    `From completed to the topic at ${inFlight}: ${[http, queue, floor].map(({ name, relayLag }) => `${name} ${spread(relayLag)}`).join(', ')}.`,
    `Start to the first completed order: ${Math.round(startMs)} ms.`,
    '',
    storeText([http, queue, floor], inFlight),
    '',
    ...(differences.length === 0
      ? ['The floor makes the calls of the full order: same requests, service calls and messages per order.']
      : [
          'THE FLOOR DOES NOT MAKE THE CALLS OF THE FULL ORDER, so its percentage is worth nothing:',
          ...differences,
        ]),
  ].join('\n');
}

function machine(): string {
  const cpus = os.cpus();
  return `${new Date().toISOString().slice(0, 16)}Z, Node.js ${process.versions.node}, ${cpus.length} × ${cpus[0]?.model.trim() ?? 'CPU'}, load ${figure(os.loadavg()[0])} at the end`;
}

function spread({ p50Ms, p99Ms }: Spread): string {
  return `p50 ${figure(p50Ms)} ms, p99 ${figure(p99Ms)} ms`;
}

/** Requests per order and kind, the targets side by side. */
function storeText(targets: readonly OrderFigures[], inFlight: number): string {
  const kinds = [...new Set(targets.flatMap(({ store }) => Object.keys(store)))].sort();
  const cells = (count: StoreCount | undefined): string[] =>
    [count?.requests, count?.requestUnits, count?.bytesIn, count?.bytesOut].map((value) =>
      value === undefined ? '–' : figure(Math.round(value * 100) / 100),
    );
  return aligned(
    [
      ['', ...targets.flatMap(({ name }) => [name.replace('full order over ', ''), '', '', ''])],
      [`per order at ${inFlight}`, ...targets.flatMap(() => ['requests', 'RU', 'bytes in', 'out'])],
      ...kinds.map((kind) => [kind, ...targets.flatMap(({ store }) => cells(store[kind]))]),
    ],
    2,
  );
}
