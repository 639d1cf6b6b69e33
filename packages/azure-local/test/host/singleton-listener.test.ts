import { ManualClock } from '../../src/kit/clock';
import { createHostLogger } from '../../src/kit/log';
import { SingletonListener } from '../../src/host/singleton-listener';
import { until } from '../../src/kit/until';

const PERIOD_MS = 60_000;

/** A listener over a lease whose answers are given; `isOurs` is what its latest run may ask. */
function open(answers: (boolean | Error)[]) {
  const clock = new ManualClock();
  const told: string[] = [];
  const asks: (() => Promise<boolean>)[] = [];
  const listener = new SingletonListener({
    name: 'Tick',
    lease: {
      hold: () => {
        const answer = answers.shift() ?? false;
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
      release: () => Promise.resolve(void told.push('released')),
    },
    periodMs: PERIOD_MS,
    recoveryMs: PERIOD_MS,
    clock,
    log: createHostLogger({ levels: {}, isColoured: false, now: () => 0, sink: () => undefined }),
    begin: (isOurs) => {
      asks.push(isOurs);
      return {
        start: () => Promise.resolve(void told.push('started')),
        close: () => Promise.resolve(void told.push('closed')),
      };
    },
  });
  return { clock, told, listener, isOurs: () => asks.at(-1)?.() };
}

test('a run that was ended with its lease is started anew when the lease is acquired again', async () => {
  const { clock, told, listener, isOurs } = open([true, false, true]);
  await listener.start();
  expect(await isOurs()).toBe(false);
  clock.advance(PERIOD_MS / 2);
  await until('the second run', () => told.length === 3);
  expect(told).toEqual(['started', 'closed', 'started']);
});

test('singleton-listener.N2: after a failed renewal the lease counts until its period ends, and no longer', async () => {
  const away = new Error('away');
  const { clock, told, listener, isOurs } = open([true, away, away, away]);
  await listener.start();
  clock.advance(PERIOD_MS / 2);
  expect(await isOurs()).toBe(true);
  clock.advance(PERIOD_MS / 2);
  await until('the end of the run', () => told.includes('closed'));
  expect(told).toEqual(['started', 'closed']);
});

test('a host that closes releases the lease that it holds, and none that it does not hold', async () => {
  const having = open([true]);
  await having.listener.start();
  await having.listener.close();
  expect(having.told).toEqual(['started', 'closed', 'released']);
  const waiting = open([false]);
  await waiting.listener.start();
  await waiting.listener.close();
  expect(waiting.told).toEqual([]);
});
