// How messages become calls, how long locks are kept and how settlements leave, under a manual clock and without a broker.
import { ManualClock } from '../../src/kit/clock';
import { createBatchDispatcher, createSingleDispatcher } from '../../src/host/servicebus/dispatcher';
import { keepLocked } from '../../src/host/servicebus/lock-renewal';
import { createSettlementGate } from '../../src/host/servicebus/settlement-gate';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A run that ends when it is told to. */
function controlled(): {
  readonly calls: (readonly string[])[];
  readonly given: string[];
  readonly end: () => void;
  readonly options: Parameters<typeof createSingleDispatcher<string>>[1];
} {
  const calls: (readonly string[])[] = [];
  const given: string[] = [];
  const ends: (() => void)[] = [];
  return {
    calls,
    given,
    end: () => ends.shift()?.(),
    options: {
      run(messages) {
        calls.push(messages);
        return new Promise((resolve) => ends.push(resolve));
      },
      giveBack(message) {
        given.push(message);
        return Promise.resolve();
      },
    },
  };
}

describe('one message at a time', () => {
  test('at most the limit run together, and the others follow in their order', async () => {
    const { calls, end, options } = controlled();
    const dispatcher = createSingleDispatcher(2, options);
    const third = ['a', 'b', 'c', 'd'].map((message) => dispatcher.add(message))[2];
    expect(calls).toEqual([['a'], ['b']]);
    end();
    await turn();
    expect(calls).toEqual([['a'], ['b'], ['c']]);
    end();
    end();
    await third;
    expect(calls.at(-1)).toEqual(['d']);
  });

  test('close waits for what runs and gives back what has not begun (servicebus-dispatcher.D2)', async () => {
    const { calls, given, end, options } = controlled();
    const dispatcher = createSingleDispatcher(1, options);
    void dispatcher.add('runs');
    void dispatcher.add('waits');
    let isClosed = false;
    const closed = dispatcher.close().then(() => (isClosed = true));
    await dispatcher.add('late');
    expect([isClosed, given]).toEqual([false, ['waits', 'late']]);
    end();
    await closed;
    expect(calls).toEqual([['runs']]);
  });
});

describe('batches', () => {
  const limits = { maxSize: 3, minSize: 1, maxWaitMs: 1_000 };

  test('messages that come together are one batch, and no batch runs beside another', async () => {
    const clock = new ManualClock();
    const { calls, end, options } = controlled();
    const dispatcher = createBatchDispatcher(limits, clock, options);
    const first = dispatcher.add('a');
    void dispatcher.add('b');
    expect(calls).toEqual([]);
    clock.advance(20);
    void dispatcher.add('c');
    clock.advance(1_000);
    expect(calls).toEqual([['a', 'b']]);
    end();
    await first;
    clock.advance(20);
    expect(calls).toEqual([['a', 'b'], ['c']]);
  });

  test('a full batch waits for nothing', () => {
    const { calls, options } = controlled();
    const dispatcher = createBatchDispatcher(limits, new ManualClock(), options);
    for (const message of ['a', 'b', 'c', 'd']) void dispatcher.add(message);
    expect(calls).toEqual([['a', 'b', 'c']]);
  });

  test('fewer than the least size wait for the rest, but not longer than the longest wait', () => {
    const clock = new ManualClock();
    const { calls, options } = controlled();
    const dispatcher = createBatchDispatcher({ ...limits, minSize: 2 }, clock, options);
    void dispatcher.add('a');
    clock.advance(999);
    expect(calls).toEqual([]);
    clock.advance(1);
    expect(calls).toEqual([['a']]);
  });

  test('the least size is enough', () => {
    const clock = new ManualClock();
    const { calls, options } = controlled();
    const dispatcher = createBatchDispatcher({ ...limits, minSize: 2 }, clock, options);
    void dispatcher.add('a');
    clock.advance(500);
    void dispatcher.add('b');
    expect(calls).toEqual([['a', 'b']]);
  });

  test('close waits for the batch that runs and gives back the rest (servicebus-dispatcher.D2)', async () => {
    const clock = new ManualClock();
    const { calls, given, end, options } = controlled();
    const dispatcher = createBatchDispatcher({ ...limits, maxSize: 1 }, clock, options);
    void dispatcher.add('a');
    void dispatcher.add('b');
    const closed = dispatcher.close();
    end();
    await closed;
    clock.advance(1_000);
    expect([calls, given]).toEqual([[['a']], ['b']]);
  });
});

describe('the renewal of a lock', () => {
  const LOCK_MS = 30_000;

  function start(
    maxMs: number,
    renew?: () => Promise<void>,
  ): { renewals: number[]; clock: ManualClock; readonly stop: () => void; failures: unknown[] } {
    const clock = new ManualClock(0);
    const renewals: number[] = [];
    const failures: unknown[] = [];
    const lock = { lockedUntilUtc: new Date(LOCK_MS) };
    const stop = keepLocked(
      lock,
      async () => {
        await renew?.();
        renewals.push(clock.now());
        lock.lockedUntilUtc = new Date(clock.now() + LOCK_MS);
      },
      clock,
      maxMs,
      (error) => failures.push(error),
    );
    return { renewals, clock, stop, failures };
  }

  /** Lets time pass second by second, and each renewal end. */
  async function pass(clock: ManualClock, seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      clock.advance(1_000);
      await turn();
    }
  }

  test('comes ten seconds before the lock ends, for as long as it may', async () => {
    const { renewals, clock } = start(65_000);
    await pass(clock, 200);
    expect(renewals).toEqual([20_000, 40_000, 60_000]);
  });

  test('ends when it is stopped', async () => {
    const { renewals, clock, stop } = start(300_000);
    await pass(clock, 25);
    stop();
    await pass(clock, 100);
    expect(renewals).toEqual([20_000]);
  });

  test('that fails is logged once and is the last', async () => {
    const { clock, failures } = start(300_000, () => Promise.reject(new Error('lost')));
    await pass(clock, 100);
    expect(failures).toEqual([new Error('lost')]);
  });
});

describe('the gate of settlements', () => {
  test('lets completions of a turn go together and everything else alone, in order (settlement-gate.G2, settlement-gate.G3)', async () => {
    const gate = createSettlementGate();
    const turns: string[][] = [];
    let open: string[] | undefined;
    const settle = (kind: string) => () => {
      if (open === undefined) {
        open = [];
        turns.push(open);
        // When rhea writes what a turn settled.
        process.nextTick(() => (open = undefined));
      }
      open.push(kind);
      return Promise.resolve();
    };
    await Promise.all(
      ['c1', 'c2', 'd1', 'd2', 'a1', 'c3', 'c4'].map((kind) => gate.pass(kind.startsWith('c'), settle(kind))),
    );
    expect(turns).toEqual([['c1', 'c2'], ['d1'], ['d2'], ['a1'], ['c3', 'c4']]);
  });

  test('gives the result of a settlement to who asked for it', async () => {
    const gate = createSettlementGate();
    await expect(gate.pass(true, () => Promise.reject(new Error('lock lost')))).rejects.toThrow('lock lost');
  });
});
