// Program behind `npm run tool:bench-curve`: measures what orders cost as the store grows. It fills the data folder of
// one system to several sizes, starts it at each, measures, and writes the figures and the picture drawn from them.
// `node dist/bench/curve.js --help` lists the flags.
import { mkdir, mkdtemp, readdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { emulatorBusConnection } from 'azure-local/kit/emulator-connections';
import { runCommand } from '../../test/support/command-line';
import { CURVE_USAGE, parseCurveFlags, type CurveOptions } from './curve/curve-flags';
import { curvePicture } from './curve/curve-picture';
import type { Curve, CurvePoint } from './curve/curve-points';
import { say } from './curve/progress';
import { changeStopped } from './curve/stopped-store';
import { copiedCustomer, type SampleOrder } from './curve/store-fill';
import { sumOf } from './harness/order-counts';
import { measureOrders } from './harness/order-figures';
import { createOrderRunner, type OrderRunner } from './harness/order-run';
import { closeConnections, getJson, overHttp } from './harness/order-target';
import { ascending, quantile } from './harness/quantile';

const IN_FLIGHT = 64;
const WARM_UP = 200;
const LISTS = 50;
const BYTES_PER_ORDER = 45_000;
/** Of the disk, for others that use it. */
const LEFT_FREE = 0.08;
const NUMBERS = 'orders-curve.json';
const PICTURE = 'orders-curve.svg';

let nextCustomer = 0;

/** Starts the system on `dataDir`, has `work` done, and stops it. */
async function withSystem<T>(
  dataDir: string,
  work: (system: RunningSystem, runner: OrderRunner, bus: ServiceBusClient) => Promise<T>,
): Promise<T> {
  const system = await startSystem({ dataDir });
  const bus = new ServiceBusClient(emulatorBusConnection(system.urls.servicebus));
  nextCustomer += 100_000;
  const runner = createOrderRunner(system, bus, nextCustomer);
  try {
    return await work(system, runner, bus);
  } finally {
    runner.close();
    await bus.close();
    await system.stop();
  }
}

/** A folder whose readers are beyond the copies to come, and the order to copy. */
async function prepare(dataDir: string): Promise<SampleOrder> {
  say('the first orders');
  await withSystem(dataDir, (system, runner) => runner.run(overHttp(system), 1, 1));
  changeStopped({ change: 'lift', dataDir });
  const sample = await withSystem(dataDir, async (system, runner) => {
    const { orderIds } = await runner.run(overHttp(system), WARM_UP, IN_FLIGHT);
    const [orderId = ''] = orderIds;
    const { customerId } = await getJson<{ customerId: string }>(`${system.urls.api}/api/orders/${orderId}`);
    return { orderId, customerId };
  });
  changeStopped({ change: 'check', dataDir });
  return sample;
}

async function measureAt(orders: number, dataDir: string, options: CurveOptions): Promise<CurvePoint> {
  const startedMs = Date.now();
  return withSystem(dataDir, async (system, runner, bus) => {
    const first = await runner.run(overHttp(system), 1, 1);
    await runner.run(overHttp(system), WARM_UP, IN_FLIGHT);
    const sizes = { one: options.one, many: options.orders, inFlight: IN_FLIGHT };
    const figures = await measureOrders('', { target: system, runner, bus }, overHttp(system), sizes);
    return {
      orders,
      perSecond: figures.perSecond,
      ...figures.oneAtATime,
      cpuMs: figures.cpuMs,
      rssMb: figures.rssMb,
      startMs: first.completedAtMs - startedMs,
      listMs: await listMs(system, orders),
      storeRequests: sumOf(figures.store).requests,
      diskMb: await sizeMb(dataDir),
    };
  });
}

/** The middle time of a page of the list, over customers all through the store. */
async function listMs({ urls }: RunningSystem, orders: number): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < LISTS; index++) {
    const customerId = copiedCustomer(Math.floor((index * orders) / LISTS));
    const begunMs = performance.now();
    const list = await getJson<unknown[]>(`${urls.api}/api/orders/customer/${customerId}`);
    times.push(performance.now() - begunMs);
    if (list.length === 0) throw new Error(`The list of ${customerId} is empty.`);
  }
  return quantile(ascending(times), 0.5);
}

async function sizeMb(folder: string): Promise<number> {
  const files = await readdir(folder);
  const sizes = await Promise.all(files.map(async (file) => (await stat(path.join(folder, file))).size));
  return Math.round(sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20);
}

/** @throws Error when so many copies would leave too little of the disk. */
async function assertRoom(dataDir: string, copies: number): Promise<void> {
  const { bavail, blocks, bfree, bsize } = await statfs(dataDir);
  const usable = (blocks - bfree + bavail) * bsize;
  const left = bavail * bsize - copies * BYTES_PER_ORDER;
  if (left >= usable * LEFT_FREE) return;
  const [needed, free] = [copies * BYTES_PER_ORDER, bavail * bsize].map((bytes) => Math.round(bytes / 1e9));
  throw new Error(
    `${copies} orders more take about ${needed} GB, and ${dataDir} has ${free} GB free: that would leave too little. ` +
      'Name a folder on a larger disk with --data, or smaller --sizes.',
  );
}

async function measureCurve(
  options: CurveOptions,
  onPoint: (points: CurvePoint[]) => Promise<void>,
): Promise<void> {
  const dataDir = options.dataDir ?? (await mkdtemp(path.join(os.tmpdir(), 'orders-curve-')));
  if (options.dataDir !== undefined) await mkdir(dataDir);
  try {
    const sample = await prepare(dataDir);
    const points: CurvePoint[] = [];
    let filled = 0;
    for (const size of options.sizes) {
      await assertRoom(dataDir, size - filled);
      changeStopped({ change: 'fill', dataDir, sample, range: { from: filled, to: size } });
      filled = size;
      say(`filled with ${size} orders`);
      const point = await measureAt(size, dataDir, options);
      say(JSON.stringify(point));
      points.push(point);
      await onPoint(points);
    }
  } finally {
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  }
}

async function run(options: CurveOptions): Promise<number> {
  const numbers = path.join(options.out, NUMBERS);
  const draw = (curve: Curve): Promise<void> =>
    writeFile(path.join(options.out, PICTURE), curvePicture(curve));
  if (options.isDrawing) {
    await draw(JSON.parse(readFileSync(numbers, 'utf8')) as Curve);
    return 0;
  }
  const { sizes, orders, one, remark } = options;
  const cpus = os.cpus();
  const about = {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus.length} × ${cpus[0]?.model.trim() ?? 'CPU'}, Node.js ${process.versions.node}`,
    command: `node dist/bench/curve.js --sizes ${sizes.join(',')} --orders ${orders} --one ${one}`,
    remark,
  };
  await measureCurve(options, async (points) => {
    const curve: Curve = { ...about, points };
    await writeFile(numbers, `${JSON.stringify(curve, undefined, 2)}\n`);
    await draw(curve);
  });
  await closeConnections();
  return 0;
}

void runCommand({ usage: CURVE_USAGE, read: parseCurveFlags, run }, process.argv.slice(2)).then(
  (exitCode) => (process.exitCode = exitCode),
);
