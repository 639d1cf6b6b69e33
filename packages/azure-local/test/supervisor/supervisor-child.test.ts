import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ManualClock } from '../../src/kit/clock';
import { restartDelayMs } from '../../src/supervisor/restart-policy';
import { SupervisedChild } from '../../src/supervisor/supervised-child';
import { until } from '../../src/kit/until';

const READY = "process.on('disconnect', () => process.exit()); process.send({ kind: 'ready', urls: {} });";

let folder: string;
let clock: ManualClock;
let printed: string[];
let readyPids: number[];
let lost: string[];
let child: SupervisedChild<object>;

function start(program: string, isEarly = false): void {
  const file = path.join(folder, 'child.js');
  writeFileSync(file, program);
  child = new SupervisedChild({
    name: 'host',
    launch: () => ({ program: file, isEarly, options: {}, environment: process.env }),
    clock,
    print: (line) => printed.push(line),
    onReady: (_urls, pid) => readyPids.push(pid),
    onLost: (reason) => lost.push(reason.message),
  });
  child.start();
}

/** Lets backoffs pass, one restart at a time. */
const passBackoffs = (what: string, condition: () => boolean): Promise<true> =>
  until(what, () => {
    const dueMs = clock.nextDueMs();
    if (dueMs !== undefined) clock.advance(dueMs - clock.now());
    return condition();
  });

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'order-saga-child-'));
  clock = new ManualClock();
  [printed, readyPids, lost] = [[], [], []];
});

afterEach(async () => {
  child.kill();
  await child.stop(0);
  rmSync(folder, { recursive: true });
});

describe('a child', () => {
  test('that crashes is started again after a backoff, not before', async () => {
    start(READY);
    await until('it is ready', () => readyPids.length === 1);
    process.kill(Number(readyPids[0]), 'SIGKILL');
    await until('the crash is noticed', () => clock.nextDueMs());
    expect(printed).toEqual(['host ended unexpectedly (SIGKILL); starting it again in 100 ms']);
    clock.advance(99);
    expect(clock.nextDueMs()).toBeDefined();
    clock.advance(1);
    await until('it is back', () => readyPids.length === 2);
    expect(lost).toEqual([]);
  });

  test('that is killed ten times within a minute is given up with the reason', async () => {
    start("process.kill(process.pid, 'SIGKILL');");
    await passBackoffs('it is given up', () => lost.length > 0);
    expect(lost).toEqual(['host keeps ending (last: SIGKILL) and is given up; the lines above say why.']);
    expect(printed).toHaveLength(9);
  });

  test('supervised-child.C6: that is started early gets the order to begin once, with what its environment lacks', async () => {
    start(
      `${READY} process.on('message', (order) => process.send({ kind: 'failed', reason: JSON.stringify([order, process.argv[3]]) }, () => process.kill(process.pid, 'SIGKILL')));`,
      true,
    );
    await until('it is ready', () => readyPids.length === 1);
    child.begin({ Added: 'late' });
    child.begin({ Added: 'later' });
    await until('it has told', () => printed.length > 0);
    const told = JSON.stringify([{ kind: 'begin', environment: { Added: 'late' } }, 'early']);
    expect(printed).toEqual([`host ended unexpectedly (${told}); starting it again in 100 ms`]);
  });

  test('that ends at its first start is not started again', async () => {
    start('process.exitCode = 3;');
    await until('it is lost', () => lost.length > 0);
    expect(lost).toEqual(['host ended while it was starting (exit code 3); the lines above say why.']);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  test('that fails after it has served is started again: its port may only be late in coming free', async () => {
    start(`${READY} process.send({ kind: 'failed', reason: 'Port 1 is taken' }, () => process.exit(1));`);
    await until('the crash is noticed', () => clock.nextDueMs());
    expect(printed).toEqual([expect.stringContaining('Port 1 is taken')]);
    expect(lost).toEqual([]);
  });

  test('that can only wait for its disk is started again for as long as that takes', async () => {
    const failed = "{ kind: 'failed', reason: 'the disk is full', isTemporary: true }";
    start(`${READY} process.send(${failed}, () => process.exit(75));`);
    await passBackoffs('it has come back a dozen times', () => printed.length > 12);
    expect(lost).toEqual([]);
    expect(printed.at(-1)).toBe('host ended unexpectedly (the disk is full); starting it again in 5000 ms');
  });

  test('that cannot use its disk at its first start is not started again', async () => {
    const failed = "{ kind: 'failed', reason: 'the disk is full', isTemporary: true }";
    start(`process.send(${failed}, () => process.exit(75));`);
    await until('it is lost', () => lost.length > 0);
    expect(lost).toEqual(['the disk is full']);
  });

  test('that does not finish in time is ended', async () => {
    start(`process.on('message', () => process.send({ kind: 'ready', urls: {} })); ${READY}`);
    await until('it is ready', () => readyPids.length === 1);
    const stopped = child.stop(10_000);
    expect(clock.nextDueMs()).toBe(clock.now() + 10_000);
    clock.advance(10_000);
    await stopped;
    expect(printed).toEqual([expect.stringContaining('not done after 10 s')]);
  });

  test('that is stopped during a backoff stays down', async () => {
    start(READY);
    await until('it is ready', () => readyPids.length === 1);
    process.kill(Number(readyPids[0]), 'SIGKILL');
    await until('the crash is noticed', () => clock.nextDueMs());
    await child.stop(0);
    expect(clock.nextDueMs()).toBeUndefined();
  });
});

describe('the restart policy', () => {
  test('doubles the delay from 100 ms to 5 s and gives up at the tenth crash', () => {
    const delays = Array.from({ length: 10 }, (_, n) => restartDelayMs(Array<number>(n + 1).fill(0), 0));
    expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000, undefined]);
  });

  test('forgets a crash after a minute', () => {
    expect(restartDelayMs([0, 1, 60_001], 60_001)).toBe(100);
  });
});
