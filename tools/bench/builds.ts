// Program behind `npm run tool:builds`: this build beside others, in turns: all systems are up, each gets the same orders
// one after the other, and what is printed are medians of the turns and of the ratios within a turn. So what else the
// machine does falls on all of them.
import { loadavg } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { runCommand, wholeNumberOf } from '../../test/support/command-line';
import { measureOrders, whileMeasured, type MeasuredTarget, type Sizes } from './harness/order-figures';
import { closeConnections, overHttp } from './harness/order-target';
import { rssMb } from './harness/process-usage';
import { median, sumOfValues } from './harness/quantile';
import { aligned, figure } from './harness/table';

const FLAGS = {
  other: { type: 'string', multiple: true },
  turns: { type: 'string', default: '6' },
  orders: { type: 'string', default: '200' },
  one: { type: 'string', default: '100' },
} as const;

const USAGE = `Usage: npm run tool:builds -- --other <folder> [flags]
  --other <folder>  a work tree in which npm run build has run, to be compared with this one; more than one may be given
  --turns <n>       how often each build gets its turn (6)
  --orders <n>      orders of a turn with 64 in flight (200)
  --one <n>         orders of a turn one at a time (100)
  --help            print this`;

interface Options {
  readonly others: readonly string[];
  readonly turns: number;
  readonly sizes: Sizes;
}

function read(argv: readonly string[]): Options {
  const { values } = parseArgs({ args: [...argv], options: FLAGS });
  if (values.other === undefined) throw new Error('--other is missing: the folder of another build');
  return {
    others: values.other.map((folder) => path.resolve(folder)),
    turns: wholeNumberOf('--turns', values.turns, { from: 1 }),
    sizes: {
      one: wholeNumberOf('--one', values.one, { from: 1 }),
      many: wholeNumberOf('--orders', values.orders, { from: 1 }),
      inFlight: 64,
    },
  };
}

/** Enough for the compiler to have seen every path. */
const WARM_UP = 600;
const COLUMNS = [
  'a second',
  'CPU host',
  'CPU platform',
  'CPU both',
  'p50 at 1',
  'p99 at 1',
  'p99 at 64',
  'units',
] as const;

type Turn = Readonly<Record<(typeof COLUMNS)[number], number>>;

interface Measured {
  readonly name: string;
  readonly restMb: readonly number[];
  readonly measured: MeasuredTarget;
  readonly turns: Turn[];
}

const mbOf = ({ pids }: Pick<RunningSystem, 'pids'>): number[] => [rssMb(pids.host), rssMb(pids.platform)];

async function takeTurn({ name, measured }: Measured, sizes: Sizes): Promise<Turn> {
  const way = overHttp(measured.target);
  const { perSecond, cpuMs, oneAtATime, inFlight, store } = await measureOrders(name, measured, way, sizes);
  return {
    'a second': perSecond,
    'CPU host': cpuMs['host'] ?? Number.NaN,
    'CPU platform': cpuMs['platform'] ?? Number.NaN,
    'CPU both': sumOfValues(cpuMs),
    'p50 at 1': oneAtATime.p50Ms,
    'p99 at 1': oneAtATime.p99Ms,
    'p99 at 64': inFlight.p99Ms,
    units: Object.values(store).reduce((sum, { requestUnits }) => sum + requestUnits, 0),
  };
}

/** The first build is what the others are divided by, turn by turn. */
function report(all: readonly Measured[]): string {
  const base = all[0]?.turns ?? [];
  const rows = all.flatMap(({ name, turns, restMb, measured }) => {
    const figures = COLUMNS.map((column) => figure(median(turns.map((turn) => turn[column]))));
    const ratios = COLUMNS.map((column) =>
      median(turns.map((turn, index) => turn[column] / (base[index]?.[column] ?? Number.NaN))).toFixed(2),
    );
    const { host = 0, platform = 0 } = measured.target.pids;
    const memory = [...restMb, rssMb(host), rssMb(platform)].map(figure);
    return [
      [name, ...figures, ...memory],
      ['  ratio', ...ratios, '', '', '', ''],
    ];
  });
  const memory = ['MB at rest: host', 'platform', 'at the end: host', 'platform'];
  return aligned([['medians of the turns', ...COLUMNS, ...memory], ...rows], 1);
}

/** Starts the builds one after the other; the work is done while all are up. */
async function withAll(
  folders: readonly string[],
  before: readonly Measured[],
  work: (all: readonly Measured[]) => Promise<void>,
): Promise<void> {
  const [folder, ...others] = folders;
  if (folder === undefined) return work(before);
  const program = path.join(folder, 'dist/local/start.js');
  const system = await startSystem({ program, args: ['--app', folder] });
  try {
    const restMb = mbOf(system);
    await whileMeasured(system, (measured) =>
      withAll(others, [...before, { name: path.basename(folder), restMb, measured, turns: [] }], work),
    );
  } finally {
    await system.stop();
  }
}

async function run({ others, turns, sizes }: Options): Promise<number> {
  await withAll([...others, process.cwd()], [], async (all) => {
    for (const { measured } of all)
      await measured.runner.run(overHttp(measured.target), WARM_UP, sizes.inFlight);
    for (let turn = 0; turn < turns; turn++) {
      // Each is the first of its turn as often as any other.
      const from = turn % all.length;
      for (const one of [...all.slice(from), ...all.slice(0, from)])
        one.turns.push(await takeTurn(one, sizes));
      console.error(`turn ${turn + 1} of ${turns}, load ${figure(loadavg()[0])}`);
    }
    console.log(report(all));
  });
  await closeConnections();
  return 0;
}

void runCommand({ usage: USAGE, read, run }, process.argv.slice(2)).then((code) => process.exit(code));
