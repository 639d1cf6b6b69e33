// Report of `npm run tool:peers`: medians of the turns with ratios within a turn, latencies over all turns.
import os from 'node:os';
import { median, spreadOf, sumOfValues } from '../harness/quantile';
import { aligned, figure } from '../harness/table';
import type { Contender, Turn } from './turns';

const PLATFORM = 'platform';

const HEADINGS = [
  'a second',
  'CPU own',
  'CPU platform',
  'CPU both',
  'p50 at 64',
  'p99 at 64',
  'p50 at 1',
  'p99 at 1',
] as const;

/** What a turn is judged by. */
const figuresOf = ({ perSecond, cpuMs, one, many }: Turn): number[] => {
  const [alone, together] = [spreadOf(one), spreadOf(many)];
  const platform = cpuMs[PLATFORM] ?? NaN;
  const both = sumOfValues(cpuMs);
  return [
    ...[perSecond, both - platform, platform, both],
    ...[together.p50Ms, together.p99Ms, alone.p50Ms, alone.p99Ms],
  ];
};

/** The first is what the others are divided by. */
export function comparisonText(
  all: readonly Pick<Contender, 'name' | 'turns' | 'restMb'>[],
  endMb: readonly Record<string, number>[],
): string {
  const base = (all[0]?.turns ?? []).map(figuresOf);
  const rows = all.flatMap(({ name, turns, restMb }, index) => {
    const figures = turns.map(figuresOf);
    const medians = HEADINGS.map((_, column) => median(figures.map((turn) => turn[column] ?? NaN)));
    const pooled = [turns.flatMap(({ many }) => many), turns.flatMap(({ one }) => one)].map(spreadOf);
    // A tail of all turns says more than a median of tails.
    const latencies = pooled.flatMap(({ p50Ms, p99Ms }) => [p50Ms, p99Ms]);
    const ratios = HEADINGS.map((_, column) =>
      median(figures.map((turn, at) => (turn[column] ?? NaN) / (base[at]?.[column] ?? NaN))).toFixed(2),
    );
    const memory = [ownMb(restMb), ownMb(endMb[index] ?? {})].map((mb) => figure(Math.round(mb)));
    return [
      [name, ...[...medians.slice(0, 4), ...latencies].map(figure), ...memory],
      ...(index === 0 ? [] : [['  ratio', ...ratios, '', '']]),
    ];
  });
  return [
    machine(),
    '',
    aligned([['medians of the turns', ...HEADINGS, 'MB at rest', 'at the end'], ...rows], 1),
    '',
    'CPU by process, ms per order:',
    ...all.map(({ name, turns }) => `  ${name}: ${byProcess(turns)}`),
    'MB by process, at rest and at the end:',
    ...all.map(({ name, restMb }, index) => `  ${name}: ${pairs(restMb, endMb[index] ?? {})}`),
  ].join('\n');
}

/** The services are outside of everybody; with this app the platform's process is its store too. */
const ownMb = ({ [PLATFORM]: platform, ...own }: Readonly<Record<string, number>>): number =>
  sumOfValues(own);

function byProcess(turns: readonly Turn[]): string {
  return Object.keys(turns[0]?.cpuMs ?? {})
    .map((name) => `${name} ${figure(median(turns.map(({ cpuMs }) => cpuMs[name] ?? NaN)))}`)
    .join(', ');
}

function pairs(rest: Readonly<Record<string, number>>, end: Readonly<Record<string, number>>): string {
  const whole = (mb: number | undefined): string => figure(Math.round(mb ?? NaN));
  return Object.keys(rest)
    .map((name) => `${name} ${whole(rest[name])} → ${whole(end[name])}`)
    .join(', ');
}

export interface StartTimes {
  readonly name: string;
  readonly idle: readonly number[];
  readonly busy: readonly number[];
}

/** The first is what the others are divided into: how many times theirs it takes. */
export function startsText(all: readonly StartTimes[]): string {
  const [ours] = all;
  const rows = all.map(({ name, idle, busy }) => {
    const columns = [
      [idle, ours?.idle],
      [busy, ours?.busy],
    ] as const;
    return [
      name,
      ...columns.flatMap(([times, ourTimes = []]) => {
        const ratio = median(ourTimes.map((ms, at) => ms / (times[at] ?? NaN)));
        return [figure(median(times)), ratio.toFixed(2)];
      }),
    ];
  });
  const headings = ['start to the first order, ms', 'idle', 'ours / it', 'busy', 'ours / it'];
  return [machine(), '', aligned([headings, ...rows], 1)].join('\n');
}

function machine(): string {
  const cpus = os.cpus();
  return `${new Date().toISOString().slice(0, 16)}Z, Node.js ${process.versions.node}, ${cpus.length} × ${cpus[0]?.model.trim() ?? 'CPU'}, load ${figure(os.loadavg()[0])} at the end`;
}
