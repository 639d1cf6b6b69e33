// Program behind `npm run tool:traces`: what traces and metrics cost, in CPU of host and platform for an order, and in CPU and
// memory of the host until it is ready. Systems with and without an exporter run side by side and get the same load in turns,
// so that what else the machine does falls on all of them. Application Insights is a server of this program's.
import { loadavg } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { pause } from 'azure-local/host/pause';
import { wallClock } from 'azure-local/kit/clock';
import { startSystem, type RunningSystem, type SystemOptions } from 'azure-local/supervisor/running-system';
import { openSpanSink, type SpanSink } from '../../test/support/span-sink';
import { numberOf, runCommand, wholeNumberOf } from '../../test/support/command-line';
import { cpuMs, rssMb } from './harness/process-usage';
import { median } from './harness/quantile';
import { aligned, figure } from './harness/table';
import { createHttpApi } from './load/http-api';
import { runOpenLoop, type LoadedOrder } from './load/open-loop';

const FLAGS = {
  turns: { type: 'string', default: '5' },
  rate: { type: 'string', default: '20' },
  for: { type: 'string', default: '8' },
  other: { type: 'string' },
} as const;

const USAGE = `Usage: npm run tool:traces -- [flags]
  --turns <n>       how often each system gets its turn (5)
  --rate <n>        orders a second (20)
  --for <s>         seconds of a turn (8)
  --other <folder>  measures another build of the app beside this one (a work tree in which npm run build has run)
  --help            print this`;

interface Options {
  readonly turns: number;
  readonly rate: number;
  readonly seconds: number;
  readonly other: string | undefined;
}

function read(argv: readonly string[]): Options {
  const { values } = parseArgs({ args: [...argv], options: FLAGS });
  return {
    turns: wholeNumberOf('--turns', values.turns, { from: 1 }),
    rate: numberOf('--rate', values.rate, { from: 1, to: 1_000 }),
    seconds: numberOf('--for', values.for, { from: 1, to: 3_600 }),
    other: values.other === undefined ? undefined : path.resolve(values.other),
  };
}

/** CPU of an order, in ms. */
interface Turn {
  readonly host: number;
  readonly platform: number;
}

interface Measured {
  readonly name: string;
  readonly system: RunningSystem;
  readonly turns: Turn[];
  /** Of the host when it was ready. */
  readonly ready: { readonly cpuMs: number; readonly mb: number };
}

/** Until the last spans are out. */
const AFTER_MS = 2_500;
const clock = wallClock();

/** What each system is started with, by where it exports to. */
const targets = (ingestion: SpanSink): Readonly<Record<string, SystemOptions>> => ({
  nothing: { settings: { OTEL_EXPORTER_OTLP_ENDPOINT: '' } },
  OTLP: {},
  'Application Insights': {
    environment: ingestion.trusted,
    settings: {
      OTEL_EXPORTER_OTLP_ENDPOINT: '',
      APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=${ingestion.url}/`,
    },
  },
});

async function startAll(other: string | undefined, ingestion: SpanSink): Promise<readonly Measured[]> {
  const measured: Measured[] = [];
  for (const [build, folder] of Object.entries({ '': undefined, 'other ': other })) {
    if (build !== '' && folder === undefined) continue;
    const from =
      folder === undefined
        ? {}
        : { program: path.join(folder, 'dist/local/start.js'), args: ['--app', folder] };
    for (const [target, options] of Object.entries(targets(ingestion))) {
      const system = await startSystem({ ...from, ...options });
      const { host } = system.pids;
      measured.push({
        ...{ name: build + target, system, turns: [] },
        ready: { cpuMs: cpuMs(host), mb: rssMb(host) },
      });
    }
  }
  return measured;
}

async function takeTurn({ system }: Measured, { rate, seconds }: Options): Promise<Turn> {
  const usage = (): Turn => ({ host: cpuMs(system.pids.host), platform: cpuMs(system.pids.platform) });
  const api = createHttpApi(system.urls.api, undefined);
  const before = usage();
  const orders: LoadedOrder[] = [];
  await runOpenLoop({ rate, seconds, customers: 50, failing: 0, drainSeconds: 60 }, { api, clock }, orders);
  await pause(clock, AFTER_MS, new AbortController().signal);
  const after = usage();
  await api.close();
  const each = (what: keyof Turn): number => (after[what] - before[what]) / orders.length;
  return { host: each('host'), platform: each('platform') };
}

/** The first system is what the others are compared with, turn by turn. */
function report(all: readonly Measured[]): string {
  const base = all[0]?.turns ?? [];
  const rows = all.map(({ name, turns, ready, system }) => [
    name,
    ...(['host', 'platform'] as const).flatMap((what) => [
      figure(median(turns.map((turn) => turn[what]))),
      figure(median(turns.map((turn, index) => turn[what] / (base[index]?.[what] ?? Number.NaN)))),
    ]),
    ...[ready.cpuMs, ready.mb, rssMb(system.pids.host)].map(figure),
  ]);
  const head = ['host', 'ratio', 'platform', 'ratio', 'host ready: CPU ms', 'MB', 'MB at the end'];
  return aligned([['CPU ms an order', ...head], ...rows], 1);
}

async function measure(options: Options): Promise<number> {
  const ingestion = await openSpanSink('https');
  const all = await startAll(options.other, ingestion);
  try {
    // The first turn opens connections and lets the compiler see every path.
    for (const one of all) await takeTurn(one, options);
    for (let turn = 0; turn < options.turns; turn++) {
      for (const one of all) one.turns.push(await takeTurn(one, options));
      console.error(`turn ${turn + 1} of ${options.turns}, load ${figure(loadavg()[0])}`);
    }
    console.log(report(all));
    return 0;
  } finally {
    await Promise.all(all.map(({ system }) => system.stop()));
    ingestion.close();
  }
}

void runCommand({ usage: USAGE, read, run: measure }, process.argv.slice(2)).then((code) =>
  process.exit(code),
);
