// Program behind `npm run tool:bench`: prints one table of what sagas, requests and full orders cost on this machine,
// with the wire floor beside them; tools/bench/README.md explains the rows. Every target is a system of its own; the
// load comes from this process.
import { startSystem } from 'azure-local/supervisor/running-system';
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { runCommand } from '../../test/support/command-line';
import { startFloor } from './floor/start';
import { BENCH_USAGE, parseBenchFlags, type BenchOptions } from './harness/bench-flags';
import { benchText, type BenchResult } from './harness/bench-report';
import { differencesOf } from './harness/floor-check';
import { activitiesOf, eventsOf, sumOf } from './harness/order-counts';
import { measureOrders, whileMeasured, type OrderFigures, type Sizes } from './harness/order-figures';
import { closeConnections, overHttp, overQueue } from './harness/order-target';
import { rowsOf } from './harness/row-program';

const IN_FLIGHT = 64;
/** Enough for the compiler to have seen every path. */
const WARM_UP = 300;

const say = (text: string): void => console.error(text);

interface FullOrders {
  readonly startMs: number;
  readonly http: OrderFigures;
  readonly queue: OrderFigures;
  readonly sample: readonly EventEnvelope[];
}

async function measureSystem(sizes: Sizes): Promise<FullOrders> {
  say('full orders: starting the system');
  const startedMs = Date.now();
  const system = await startSystem();
  try {
    return await whileMeasured(system, async (measured) => {
      const { runner, target, bus } = measured;
      const first = await runner.run(overHttp(target), 1, 1);
      const startMs = first.completedAtMs - startedMs;
      const activities = async (figures: OrderFigures): Promise<OrderFigures> =>
        withCounts(figures, await activitiesOf(target, figures.sampleOrderId));
      await runner.run(overHttp(target), WARM_UP, IN_FLIGHT);
      say('full orders over HTTP');
      const http = await measureOrders('full order over HTTP', measured, overHttp(target), sizes);
      await runner.run(overQueue(bus), WARM_UP, IN_FLIGHT);
      say('full orders over the queue');
      const queue = await measureOrders('full order over the queue', measured, overQueue(bus), sizes);
      const sample = await eventsOf(target, http.sampleOrderId);
      return { startMs, http: await activities(http), queue: await activities(queue), sample };
    });
  } finally {
    await system.stop();
  }
}

async function measureFloor(sample: readonly EventEnvelope[], sizes: Sizes): Promise<OrderFigures> {
  say('wire floor');
  const floor = await startFloor(sample);
  try {
    return await whileMeasured(floor, async (measured) => {
      const way = overHttp(floor);
      await measured.runner.run(way, WARM_UP, IN_FLIGHT);
      return withCounts(await measureOrders('wire floor', measured, way, sizes), 0);
    });
  } finally {
    await floor.stop();
  }
}

function withCounts(figures: OrderFigures, activities: number): OrderFigures {
  const { requests, requestUnits, bytesIn, bytesOut } = sumOf(figures.store);
  return {
    ...figures,
    perOrder: {
      storeKbIn: bytesIn / 1_000,
      storeKbOut: bytesOut / 1_000,
      activities,
      storeRequests: requests,
      requestUnits,
      serviceCalls: figures.serviceCalls.length,
      messages: figures.messages.length,
    },
  };
}

async function bench(options: BenchOptions): Promise<BenchResult> {
  const sizes = { one: options.oneAtATime, many: options.orders, inFlight: IN_FLIGHT };
  say('bare sagas on the engine');
  const engine = await rowsOf('engine', [options.sagas]);
  say('empty servers');
  const servers = await rowsOf('http', [options.seconds]);
  say('saga that a function waits for');
  const saga = await rowsOf('saga', [options.seconds]);
  const { startMs, http, queue, sample } = await measureSystem(sizes);
  const floor = await measureFloor(sample, sizes);
  return {
    inFlight: IN_FLIGHT,
    rows: [...engine, ...servers, ...saga, floor, http, queue],
    floor,
    http,
    queue,
    startMs,
    differences: differencesOf(floor, http),
  };
}

async function run(options: BenchOptions): Promise<number> {
  const result = await bench(options);
  await closeConnections();
  console.log(options.isJson ? JSON.stringify(result, null, 2) : benchText(result));
  return result.differences.length === 0 ? 0 : 1;
}

const command = { usage: BENCH_USAGE, read: parseBenchFlags, run };

void runCommand(command, process.argv.slice(2)).then((exitCode) => process.exit(exitCode));
