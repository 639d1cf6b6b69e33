// Bare three-step sagas a second through the durable engine alone: no HTTP, the real SDK, a journal on disk with fsync.
import { mkdtempSync, rmSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as DurableFunctions from 'durable-functions';
import { wallClock } from '../../local/clock';
import { startInstance } from '../../local/durable/client';
import { createDurableEngine, type DurableEngine } from '../../local/durable/engine';
import { Journal } from '../../local/storage/journal';
import { coreModule, registeredFunctions } from '../support/durable-core';

const IN_FLIGHT = 64;
const SAGAS = Number(process.argv[2] ?? '6000');

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

async function runSagas(engine: DurableEngine, count: number): Promise<number[]> {
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
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return latencies.sort((a, b) => a - b);
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
  await runSagas(engine, SAGAS / 6);
  const begunMs = performance.now();
  const begunCpu = process.cpuUsage();
  const latencies = await runSagas(engine, SAGAS);
  const seconds = (performance.now() - begunMs) / 1000;
  const cpu = process.cpuUsage(begunCpu);
  const at = (quantile: number): string =>
    latencies[Math.floor(latencies.length * quantile)]?.toFixed(1) ?? '';
  console.log(
    `${(SAGAS / seconds).toFixed(0)} bare three-step sagas/s at ${IN_FLIGHT} in flight; ` +
      `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ${((cpu.user + cpu.system) / 1000 / SAGAS).toFixed(2)} ms CPU each, ` +
      `${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MB`,
  );
  await engine.close();
  await journal.close();
  rmSync(folder, { recursive: true });
}

void main();
