// Bench of the durable engine alone: bare three-step sagas, no HTTP, the real SDK, a journal on disk with fsync. A row
// of `npm run tool:bench`; alone: `node dist/bench/engine.js [sagas] [one at a time]`.
import { mkdtempSync, rmSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as DurableFunctions from 'durable-functions';
import { wallClock } from 'azure-local/kit/clock';
import { startInstance } from 'azure-local/durable/client';
import { createDurableEngine, type DurableEngine } from 'azure-local/durable/engine';
import { Journal } from 'azure-local/storage/journal';
import { coreModule, registeredFunctions } from 'azure-local/testing/durable-core';
import { cpuMs, rssMb } from './harness/process-usage';
import { spreadOf, type Spread } from './harness/quantile';
import { reportRows } from './harness/row-program';

const IN_FLIGHT = 64;
const [SAGAS = 6_000, ONE_AT_A_TIME = 500] = process.argv.slice(2).map(Number);

type Load = (request: string, ...rest: unknown[]) => unknown;
const loader = Module as unknown as { _load: Load };
const load = loader._load;
loader._load = (request, ...rest) =>
  request === '@azure/functions-core' ? coreModule : Reflect.apply(load, Module, [request, ...rest]);

function registerSaga(): void {
  // Not bundled, so that its request for the core module comes past the loader.
  const { app } = createRequire(__filename)('durable-functions') as typeof DurableFunctions;
  app.activity('step', { handler: (input: { order: number; step: string }) => ({ ok: true, ...input }) });
  app.orchestration('saga', function* (context: DurableFunctions.OrchestrationContext) {
    const order = context.df.getInput<number>();
    yield context.df.callActivity('step', { order, step: 'reserve' });
    yield context.df.callActivity('step', { order, step: 'pay' });
    yield context.df.callActivity('step', { order, step: 'ship' });
    return { order, status: 'completed' };
  });
}

async function runSagas(engine: DurableEngine, count: number, inFlight: number): Promise<Spread> {
  const latencies: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      const begunMs = performance.now();
      const outcome = await startInstance(engine, { name: 'saga', input: String(next) });
      if (outcome.kind !== 'started') throw new Error(outcome.kind);
      await engine.ended(outcome.id);
      latencies.push(performance.now() - begunMs);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return spreadOf(latencies);
}

async function main(): Promise<void> {
  registerSaga();
  const folder = mkdtempSync(path.join(tmpdir(), 'engine-bench-'));
  const journal = new Journal(path.join(folder, 'durable.db'));
  const log = { info: console.log, warn: console.warn, error: console.error };
  const engine = createDurableEngine({
    journal,
    clock: wallClock(),
    functions: registeredFunctions,
    hubName: 'bench',
    log,
    maxConcurrentActivities: IN_FLIGHT,
    maxConcurrentOrchestrators: IN_FLIGHT,
  });
  engine.start();
  await runSagas(engine, SAGAS / 6, IN_FLIGHT);
  const oneAtATime = await runSagas(engine, ONE_AT_A_TIME, 1);
  const begunMs = performance.now();
  const begunCpuMs = cpuMs(process.pid);
  const inFlight = await runSagas(engine, SAGAS, IN_FLIGHT);
  const seconds = (performance.now() - begunMs) / 1000;
  const row = {
    name: 'bare saga on the engine',
    perSecond: SAGAS / seconds,
    oneAtATime,
    inFlight,
    cpuMs: { engine: (cpuMs(process.pid) - begunCpuMs) / SAGAS },
    rssMb: { engine: rssMb(process.pid) },
  };
  await engine.close();
  await journal.close();
  rmSync(folder, { recursive: true });
  reportRows([row], IN_FLIGHT);
}

void main();
