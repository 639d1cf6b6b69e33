// SIGTERM while activities run, some of which end in time and some of which do not.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { poll } from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { ALL_EFFECTS, effectNames, endOf } from '../../tools/crash/end';
import { crashSystem, type CrashSystem } from '../../tools/crash/system';
import { openSpanSink, type SpanSink } from '../support/span-sink';

const BUSY = 10;
const keys = ['in-time', 'too-late', ...Array.from({ length: BUSY }, (_, index) => `busy-${index}`)];

describe('SIGTERM in the middle of activities', () => {
  let dataDir: string;
  let system: RunningSystem;
  let exitCode: number | null;
  let stoppedAtMs: number;
  let sink: SpanSink;
  /** What an exporter had sent when the system had ended. */
  let sentAtEnd: string;
  const ids = new Map<string, string>();

  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'order-saga-stop-'));
    sink = await openSpanSink('http');
    system = await startSystem({ dataDir, settings: { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url } });
    const before = crashSystem(system);
    await before.client.planFaults([
      {
        service: 'payments',
        operation: 'charge',
        customerId: 'in-time',
        fault: 'slow',
        delayMs: 1_000,
        times: 1,
      },
      { service: 'payments', operation: 'charge', customerId: 'too-late', fault: 'hang', times: 1 },
    ]);
    await place(before, keys.slice(0, 2));
    await poll(
      () => before.calls(),
      (calls) =>
        calls.filter(({ operation, status }) => operation === 'charge' && status === null).length === 2,
    );
    await place(before, keys.slice(2));
    exitCode = await system.stop();
    stoppedAtMs = Date.now();
    sentAtEnd = JSON.stringify(sink.received);
    await system.restart();
  });
  afterAll(async () => {
    await system.stop();
    sink.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function place(at: CrashSystem, customers: readonly string[]): Promise<void> {
    await Promise.all(
      customers.map(async (key) => ids.set(key, await at.postUntilTaken({ customerId: key, key }))),
    );
  }

  async function chargedAtMs(key: string): Promise<number> {
    const effects = await crashSystem(system).effects(ids.get(key));
    return Date.parse(effects.find(({ effect }) => effect === 'charged')?.at ?? '');
  }

  test('the system ends with exit code 0', () => {
    expect(exitCode).toBe(0);
  });

  test('what was counted and traced until then is exported, a minute before its turn', () => {
    expect(sentAtEnd).toContain('"order_saga_orders_total"');
    expect(sentAtEnd).toContain('"payment charge"');
  });

  test.each(keys)(
    'S1, S5: the order of %s is completed after the restart, with every effect once',
    async (key) => {
      const { end, order, folded } = await endOf(crashSystem(system), ids.get(key) ?? '');
      expect(end.status).toBe('completed');
      expect(effectNames(end)).toEqual(ALL_EFFECTS);
      expect(order).toEqual(folded);
    },
  );

  test('an activity that ends in time is waited for; one that does not is run again', async () => {
    expect(await chargedAtMs('in-time')).toBeLessThan(stoppedAtMs);
    expect(await chargedAtMs('too-late')).toBeGreaterThan(stoppedAtMs);
  });
});
