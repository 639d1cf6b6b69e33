// An error that nothing catches, thrown from a timer of the host in the middle of orders, as an SDK of the app can.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { poll } from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { until } from 'azure-local/kit/until';
import { ALL_EFFECTS, endOf } from '../../tools/crash/end';
import { crashSystem } from '../../tools/crash/system';

const PRELOAD = path.resolve('test/fixtures/throws-from-timer.cjs');
const ORDERS = 8;
const SLOW_MS = 1_000;

let dataDir: string;
let system: RunningSystem;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'order-saga-thrown-'));
  const NODE_OPTIONS = `${process.env['NODE_OPTIONS'] ?? ''} --require ${PRELOAD}`;
  system = await startSystem({ dataDir, environment: { NODE_OPTIONS } });
});
afterAll(async () => {
  await system.stop();
  await rm(dataDir, { recursive: true, force: true });
});

test('ends the host, which says why and comes back, and every order has every effect once', async () => {
  const crashing = crashSystem(system);
  await crashing.client.planFaults([
    { service: 'payments', operation: 'charge', fault: 'slow', delayMs: SLOW_MS, times: ORDERS },
  ]);
  const keys = Array.from({ length: ORDERS }, (_, index) => `thrown-${index}`);
  const ids = await Promise.all(keys.map((key) => crashing.postUntilTaken({ customerId: key, key })));
  await poll(
    () => crashing.calls(),
    (calls) => calls.some(({ operation, status }) => operation === 'charge' && status === null),
  );
  process.kill(system.pids.host, 'SIGUSR2');
  await until('the host is back', () => system.output().includes('host is back'));
  for (const id of ids) {
    const { end, order, folded } = await endOf(crashSystem(system), id);
    expect(end.status).toBe('completed');
    expect(end.effects.map((effect) => effect.split(' ')[0])).toEqual(ALL_EFFECTS);
    expect(order).toEqual(folded);
  }
  const told = system.output().replace(/^\[.*\n/gm, '');
  expect(told).toMatch(/host: an error that nothing caught ends this process, .*: TypeError: .*'address'/);
  expect(told).toMatch(/throws-from-timer\.cjs:\d+/);
  expect(told).toMatch(/host ended unexpectedly \(exit code \d+\); starting it again/);
});
