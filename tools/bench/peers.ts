// Program behind `npm run tool:peers`: this app beside its peers (tools/bench/peers) in turns, all up at once, each with
// the same orders against services and a bus of its own; then starts in turns. Not part of any test: it needs PostgreSQL
// and the peers' own packages.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { startSystem } from 'azure-local/supervisor/running-system';
import { namesOf, runCommand, wholeNumberOf } from '../../test/support/command-line';
import { comparisonText, startsText, type StartTimes } from './comparison/comparison-report';
import { PEERS, preparePeer, type PeerName } from './comparison/peer';
import { ourStarter, peerStarter, whileBusy, type Starter } from './comparison/starts';
import { memoryOf, takeTurn, workOf, type Contender } from './comparison/turns';
import { whileMeasured, type Sizes } from './harness/order-figures';
import { closeConnections, overHttp, type OrderTarget } from './harness/order-target';
import { figure } from './harness/table';

const FLAGS = {
  peers: { type: 'string', default: PEERS.join(',') },
  turns: { type: 'string', default: '6' },
  orders: { type: 'string', default: '800' },
  one: { type: 'string', default: '100' },
  starts: { type: 'string', default: '6' },
} as const;

const USAGE = `Usage: npm run tool:peers -- [flags]
  --peers <names>  of ${PEERS.join(', ')} (all)
  --turns <n>      how often each gets its turn (6); 0 for none
  --orders <n>     orders of a turn with 64 in flight (800)
  --one <n>        orders of a turn one at a time (100)
  --starts <n>     how often each is started on an idle and on a busy machine (6); 0 for none
  --help           print this`;

interface Options {
  readonly peers: readonly PeerName[];
  readonly turns: number;
  readonly sizes: Sizes;
  readonly starts: number;
}

function read(argv: readonly string[]): Options {
  const { values } = parseArgs({ args: [...argv], options: FLAGS });
  return {
    peers: namesOf('--peers', values.peers, PEERS),
    turns: wholeNumberOf('--turns', values.turns, { from: 0 }),
    sizes: {
      one: wholeNumberOf('--one', values.one, { from: 1 }),
      many: wholeNumberOf('--orders', values.orders, { from: 1 }),
      inFlight: 64,
    },
    starts: wholeNumberOf('--starts', values.starts, { from: 0 }),
  };
}

/** Enough for the compiler to have seen every path. */
const WARM_UP = 600;
const LABELS: Record<PeerName, string> = { dbos: 'DBOS + PostgreSQL', restate: 'Restate + PostgreSQL' };

const say = (text: string): void => console.error(text);

type Work = (all: readonly Contender[]) => Promise<void>;

async function withContender(
  name: string,
  target: OrderTarget,
  before: readonly Contender[],
  work: Work,
): Promise<void> {
  await whileMeasured(target, async (measured) => {
    // Its first order opens connections and files; the process is at rest after it.
    await measured.runner.run(overHttp(target), 1, 1);
    await work([...before, { name, measured, restMb: memoryOf(measured), turns: [] }]);
  });
}

/** Starts ours and the peers one after the other; the work is done while all are up. */
async function withAll(peers: readonly PeerName[], work: Work): Promise<void> {
  const system = await startSystem();
  try {
    await withContender('ours', system, [], (all) => withPeers(peers, all, work));
  } finally {
    await system.stop();
  }
}

async function withPeers(
  peers: readonly PeerName[],
  before: readonly Contender[],
  work: Work,
): Promise<void> {
  const [name, ...others] = peers;
  if (name === undefined) return work(before);
  const peer = await preparePeer(name);
  try {
    const app = await peer.startApp();
    await withContender(LABELS[name], app, before, (all) => withPeers(others, all, work)).finally(app.stop);
  } finally {
    await peer.remove();
  }
}

async function measureTurns({ peers, turns, sizes }: Options): Promise<void> {
  await withAll(peers, async (all) => {
    for (const { name, measured } of all) {
      say(`warming up ${name}`);
      await measured.runner.run(overHttp(measured.target), WARM_UP, sizes.inFlight);
    }
    for (const contender of all) say(`an order of ${contender.name}: ${await workOf(contender)}`);
    for (let turn = 0; turn < turns; turn++) {
      // Each is the first of its turn as often as any other.
      const from = turn % all.length;
      for (const contender of [...all.slice(from), ...all.slice(0, from)])
        contender.turns.push(await takeTurn(contender, sizes));
      say(`turn ${turn + 1} of ${turns}, load ${figure(loadavg()[0])}`);
    }
    console.log(
      comparisonText(
        all,
        all.map(({ measured }) => memoryOf(measured)),
      ),
    );
  });
}

const BUSY_CORES = 2;

async function measureStarts({ peers, starts }: Options): Promise<void> {
  const starters: Starter[] = [await ourStarter()];
  try {
    for (const name of peers)
      for (const isWithServers of [false, true]) starters.push(await peerStarter(name, isWithServers));
    // The first start makes containers and tables.
    for (const { start } of starters) await start();
    const rows = starters.map(({ name }) => ({ name, idle: [] as number[], busy: [] as number[] }));
    for (let round = 0; round < starts; round++) {
      for (const [index, { start }] of starters.entries()) {
        rows[index]?.idle.push(await start());
        rows[index]?.busy.push(await whileBusy(BUSY_CORES, start));
      }
      say(`starts ${round + 1} of ${starts}, load ${figure(loadavg()[0])}`);
    }
    console.log(startsText(rows satisfies StartTimes[]));
  } finally {
    for (const starter of starters) await starter.remove();
  }
}

async function run(options: Options): Promise<number> {
  if (options.turns > 0) await measureTurns(options);
  if (options.starts > 0) await measureStarts(options);
  await closeConnections();
  return 0;
}

void runCommand({ usage: USAGE, read, run }, process.argv.slice(2)).then((code) => process.exit(code));
