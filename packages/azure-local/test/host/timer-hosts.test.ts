// Timer triggers of two hosts over one shared file, under a manual clock. A host that dies is one that is left standing:
// nothing of it runs any more, and its lease is not given back.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ManualClock } from '../../src/kit/clock';
import type { Invoke } from '../../src/host/invocation';
import { createHostLogger } from '../../src/kit/log';
import { createSingletonLeases } from '../../src/host/singleton-lease';
import { createSharedTimerStore } from '../../src/host/timer-store';
import { timerTrigger } from '../../src/host/timer-trigger';
import type { TriggerListener } from '../../src/host/trigger-kind';
import { SharedFile } from '../../src/storage/shared-file';
import { until } from '../../src/kit/until';
import { freezableClock } from '../../testing/freezable-clock';
import { hostedFunction, noWorker } from '../../testing/hosted-function';

const START_MS = Date.UTC(2026, 0, 1, 0, 0, 30);
const PERIOD_MS = 60_000;
const SECOND_MS = 1_000;

interface Host {
  readonly name: string;
  readonly listener: TriggerListener;
  /** Its process is stopped: no alarm of it comes. */
  freeze(): void;
  /** It goes on, and what was due comes. */
  thaw(): void;
}

let folder: string;
let clock: ManualClock;
let runs: { readonly host: string; readonly atMs: number; readonly isPastDue: boolean }[];
let handler: (host: string) => Promise<void>;
const hosts: Host[] = [];
const files: SharedFile[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'host-timer-hosts-'));
  clock = new ManualClock(START_MS);
  runs = [];
  handler = () => Promise.resolve();
});

afterEach(async () => {
  for (const host of hosts) host.thaw();
  await Promise.all(hosts.splice(0).map(({ listener }) => listener.close()));
  await Promise.all(files.splice(0).map((file) => file.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(name: string, options: object = { schedule: '*/5 * * * * *' }): Promise<Host> {
  const own = freezableClock(() => clock);
  const file = new SharedFile(path.join(folder, 'shared.db'));
  files.push(file);
  const fn = hostedFunction('Tick', 'timer', { type: 'timerTrigger', ...options });
  const invoke: Invoke = async (_fn, event) => {
    const { IsPastDue } = JSON.parse(event.data?.json ?? '') as { readonly IsPastDue: boolean };
    runs.push({ host: name, atMs: clock.now(), isPastDue: IsPastDue });
    await handler(name);
    return {};
  };
  const trigger = timerTrigger({
    timers: {
      status: createSharedTimerStore(file),
      leases: createSingletonLeases(file, { owner: name, periodMs: PERIOD_MS, clock: own.clock }),
    },
    clock: own.clock,
    log: createHostLogger({ levels: {}, isColoured: false, now: () => 0, sink: () => undefined }),
    timeZone: undefined,
    leaseRecoveryMs: 15 * SECOND_MS,
  });
  const listener = trigger.listen([fn], invoke, noWorker);
  const host: Host = { name, listener, freeze: () => own.freeze(), thaw: () => own.thaw() };
  hosts.push(host);
  await listener.start();
  return host;
}

/** Lets so many seconds pass one by one; what falls due in one has ended before the next. */
async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    clock.advance(SECOND_MS);
    await settled();
  }
}

/** Everything that was begun has been committed: a commit takes its turn behind those before it. */
async function settled(): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    for (const file of files) await file.commit(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const hostsOf = (some: typeof runs): readonly string[] => [...new Set(some.map(({ host }) => host))];

test('of two hosts one runs a timer, once at each occurrence', async () => {
  await start('one');
  await start('two');
  await pass(60);
  expect(runs).toHaveLength(12);
  expect(new Set(runs.map(({ atMs }) => atMs)).size).toBe(12);
  expect(hostsOf(runs)).toEqual(['one']);
});

test('a timer stands still when its host dies and goes on with the other one, from 15 to 75 seconds later', async () => {
  const one = await start('one');
  await start('two');
  await pass(20);
  one.freeze();
  const before = runs.length;
  const diedMs = clock.now();
  await pass(14);
  expect(runs).toHaveLength(before);
  await pass(80);
  const after = runs.slice(before);
  expect(hostsOf(after)).toEqual(['two']);
  const stoodMs = (after[0]?.atMs ?? Infinity) - diedMs;
  expect(stoodMs).toBeGreaterThan(15 * SECOND_MS);
  expect(stoodMs).toBeLessThanOrEqual(PERIOD_MS + 15 * SECOND_MS + 5 * SECOND_MS);
});

test('a host that stops releases its timers: the other one takes them at its next poll', async () => {
  const one = await start('one');
  await start('two');
  await pass(20);
  await one.listener.close();
  const before = runs.length;
  await pass(20);
  expect(hostsOf(runs.slice(before))).toEqual(['two']);
  expect(runs.length - before).toBeGreaterThanOrEqual(1);
});

test('a host that was suspended and wakes does not run a timer that another one has by then', async () => {
  const one = await start('one');
  await start('two');
  await pass(10);
  one.freeze();
  await pass(90);
  expect(runs.at(-1)?.host).toBe('two');
  const before = runs.length;
  one.thaw();
  await settled();
  await pass(60);
  expect(hostsOf(runs.slice(before))).toEqual(['two']);
});

test('a host that has lost a timer takes it again when the other one dies', async () => {
  const one = await start('one');
  const two = await start('two');
  await pass(10);
  one.freeze();
  await pass(90);
  one.thaw();
  await pass(10);
  two.freeze();
  const before = runs.length;
  await pass(90);
  expect(hostsOf(runs.slice(before))).toEqual(['one']);
});

test('an occurrence that was missed between two hosts runs once, past due', async () => {
  const schedule = { schedule: '50 * * * * *' };
  const one = await start('one', schedule);
  await start('two', schedule);
  await pass(40);
  expect(runs).toHaveLength(1);
  one.freeze();
  await pass(180);
  const after = runs.slice(1);
  expect(hostsOf(after)).toEqual(['two']);
  expect(after.filter(({ isPastDue }) => isPastDue)).toHaveLength(1);
});

test('a timer that runs for longer than its lease lasts keeps it', async () => {
  let end: (() => void) | undefined;
  handler = () => new Promise((resolve) => (end = resolve));
  await start('one');
  await start('two');
  await pass(200);
  expect(runs).toHaveLength(1);
  end?.();
  handler = () => Promise.resolve();
  await pass(10);
  expect(hostsOf(runs)).toEqual(['one']);
});

test('by hand a timer runs on the host that is asked, whoever has its lease', async () => {
  await start('one');
  const two = await start('two');
  two.listener.runNow?.('Tick');
  await until('the run', () => runs.length === 1);
  expect(runs[0]?.host).toBe('two');
});

test('a lease from before the clock was put back does not silence a timer', async () => {
  const one = await start('one');
  one.freeze();
  clock = new ManualClock(START_MS - 3_600_000);
  await start('two');
  await pass(20);
  expect(hostsOf(runs)).toEqual(['two']);
});
