// Table that the bench prints, as aligned text. It knows rows, and not where they come from.
import type { Spread } from './quantile';

/** One thing that was measured. What does not apply is left out. */
export interface BenchRow {
  readonly name: string;
  readonly perSecond: number;
  readonly oneAtATime: Spread;
  readonly inFlight: Spread;
  /** Per order, saga or request, by process. */
  readonly cpuMs: Readonly<Record<string, number>>;
  readonly rssMb: Readonly<Record<string, number>>;
  readonly perOrder?: OrderCounts;
}

/** What one order is made of. */
export interface OrderCounts {
  readonly storeKbIn: number;
  readonly storeKbOut: number;
  readonly activities: number;
  readonly storeRequests: number;
  readonly requestUnits: number;
  readonly serviceCalls: number;
  readonly messages: number;
}

type Cell = string;
type Column = readonly [heading: readonly [string, string], cell: (row: BenchRow) => Cell];

/** Fewer digits the larger it is; `–` for what was not or could not be measured. */
export function figure(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  const digits = value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** The rows below one another, a blank line before none: headings, a rule, one line each. */
export function tableText(rows: readonly BenchRow[], inFlight: number): string {
  const columns = columnsOf(rows, inFlight);
  const lines = [
    columns.map(([[top]]) => top),
    columns.map(([[, bottom]]) => bottom),
    ...rows.map((row) => columns.map(([, cell]) => cell(row))),
  ];
  return aligned(lines, 2);
}

function columnsOf(rows: readonly BenchRow[], inFlight: number): readonly Column[] {
  const processes = [...new Set(rows.flatMap(({ cpuMs }) => Object.keys(cpuMs)))].sort();
  const count =
    (of: keyof OrderCounts) =>
    ({ perOrder }: BenchRow): Cell =>
      figure(perOrder?.[of]);
  return [
    [['', ''], ({ name }) => name],
    [['rate/s', `at ${inFlight}`], ({ perSecond }) => figure(perSecond)],
    [['p50 ms', 'at 1'], ({ oneAtATime }) => figure(oneAtATime.p50Ms)],
    [['p99 ms', 'at 1'], ({ oneAtATime }) => figure(oneAtATime.p99Ms)],
    [['p50 ms', `at ${inFlight}`], ({ inFlight: many }) => figure(many.p50Ms)],
    [['p99 ms', `at ${inFlight}`], ({ inFlight: many }) => figure(many.p99Ms)],
    ...processes.map((process): Column => [['CPU ms', process], ({ cpuMs }) => figure(cpuMs[process])]),
    ...processes.map((process): Column => [['MB', process], ({ rssMb }) => wholeFigure(rssMb[process])]),
    [['kB in', 'store'], count('storeKbIn')],
    [['kB out', 'store'], count('storeKbOut')],
    [['activ-', 'ities'], count('activities')],
    [['store', 'requests'], count('storeRequests')],
    [['request', 'units'], count('requestUnits')],
    [['service', 'calls'], count('serviceCalls')],
    [['mes-', 'sages'], count('messages')],
  ];
}

function wholeFigure(value: number | undefined): string {
  return figure(value === undefined ? undefined : Math.round(value));
}

/** The first column to the left, the others to the right; a rule below the first `headings` lines. */
export function aligned(lines: readonly (readonly string[])[], headings: number): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const texts = lines.map((line) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [...texts.slice(0, headings), rule, ...texts.slice(headings)].join('\n');
}
