// The load generator: what it sends and when, what it makes of the answers, what it accepts on the command line.
import { LOAD_USAGE, parseLoadFlags } from '../../tools/bench/load/load-flags';
import { isWhole, loadText, resultOf } from '../../tools/bench/load/load-report';
import {
  runOpenLoop,
  type LoadedApi,
  type LoadedOrder,
  type LoadPlan,
} from '../../tools/bench/load/open-loop';
import { ManualClock } from 'azure-local/kit/clock';
import { until } from 'azure-local/kit/until';

const PLAN: LoadPlan = { rate: 10, seconds: 2, customers: 3, failing: 0, drainSeconds: 5 };

/** Runs `plan` on a hand-driven clock; `tick` moves it. */
function start(plan: LoadPlan, api: LoadedApi, clock = new ManualClock(0)) {
  const orders: LoadedOrder[] = [];
  let isOver = false;
  const ended = runOpenLoop(plan, { api, clock }, orders).finally(() => (isOver = true));
  /** Moves time on, alarm by alarm, until the run is over. */
  const finish = async (): Promise<void> => {
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      const dueMs = clock.nextDueMs();
      if (dueMs !== undefined) clock.advance(Math.max(0, dueMs - clock.now()));
    }
    await ended;
  };
  return { clock, orders, finish };
}

const api = (over: Partial<LoadedApi>): LoadedApi => ({
  place: (_customerId, key) => Promise.resolve({ orderId: key }),
  endOf: () => Promise.resolve({ status: 'completed', atMs: 0 }),
  ...over,
});

describe('an open loop', () => {
  test('sends every order when it is due, although none before it was answered', async () => {
    const sentMs: number[] = [];
    const clock = new ManualClock(0);
    const { orders, finish } = start(
      PLAN,
      api({
        place: () => {
          sentMs.push(clock.now());
          return new Promise(() => undefined);
        },
      }),
      clock,
    );
    await finish();
    expect(sentMs).toEqual(Array.from({ length: 20 }, (_, index) => index * 100));
    expect(resultOf(orders)).toMatchObject({ sent: 20, accepted: 0, notAccepted: 20 });
  });

  test('counts what an order took from when it was due, not from when it could be sent', async () => {
    const { clock, orders, finish } = start(
      PLAN,
      api({ endOf: () => Promise.resolve({ status: 'completed', atMs: 5_000 }) }),
    );
    await until('the first one is sent', () => orders.length > 0);
    // The generator's own machine stands still for two seconds: all the others are late.
    clock.advance(2_000);
    await finish();
    expect(orders).toHaveLength(20);
    expect(resultOf(orders).p50Ms).toBe(5_000 - 900);
  });

  test('looks at an order until it has ended, also when a look fails', async () => {
    let looks = 0;
    const { orders, finish } = start(
      { ...PLAN, rate: 1, seconds: 1 },
      api({
        endOf: () => {
          looks += 1;
          if (looks === 1) return Promise.reject(new Error('away'));
          return Promise.resolve(looks < 4 ? undefined : { status: 'failed', atMs: 400 });
        },
      }),
    );
    await finish();
    expect(looks).toBe(4);
    expect(resultOf(orders)).toMatchObject({ accepted: 1, failed: 1, notEnded: 0, p99Ms: 400 });
  });

  test('counts orders as open that have not ended when the time to drain is over', async () => {
    const { clock, orders, finish } = start(PLAN, api({ endOf: () => Promise.resolve(undefined) }));
    await finish();
    expect(clock.now()).toBe(1_900 + 5_000);
    expect(resultOf(orders)).toMatchObject({ accepted: 20, notEnded: 20 });
  });

  test('has the asked share of the orders declined, spread evenly, each under a key of its own', async () => {
    const customers: string[] = [];
    const keys = new Set<string>();
    const { orders, finish } = start(
      { ...PLAN, failing: 25 },
      api({
        place: (customerId, key) => {
          customers.push(customerId);
          keys.add(key);
          return Promise.resolve({ orderId: key });
        },
      }),
    );
    await finish();
    expect(orders.map(({ isMeantToFail }) => isMeantToFail)).toEqual(
      Array.from({ length: 20 }, (_, index) => index % 4 === 3),
    );
    expect(customers.filter((id) => id.startsWith('declined-'))).toHaveLength(5);
    expect(keys.size).toBe(20);
  });
});

describe('the report of a load', () => {
  const ended = (dueMs: number, tookMs: number, status = 'completed'): LoadedOrder => ({
    dueMs,
    isMeantToFail: false,
    orderId: 'o',
    ended: { status, atMs: dueMs + tookMs },
  });

  test('names the second whose orders took longest on average, counted from the start', () => {
    const orders = [
      ended(1_000, 10),
      ended(1_500, 900),
      ended(2_000, 600),
      ended(2_999, 500),
      ended(3_000, 20),
    ];
    expect(resultOf(orders).worstSecond).toEqual({ second: 1, orders: 2, p50Ms: 600, maxMs: 600 });
  });

  test('is whole only when everything was accepted and has ended', () => {
    const fine = [ended(0, 10), ended(0, 20, 'failed')];
    expect(isWhole(resultOf(fine))).toBe(true);
    expect(isWhole(resultOf([...fine, { dueMs: 0, isMeantToFail: false, orderId: 'o' }]))).toBe(false);
    const refused = resultOf([...fine, { dueMs: 0, isMeantToFail: false, refusal: '503 away' }]);
    expect(isWhole(refused)).toBe(false);
    expect(loadText(refused)).toContain('NOT ACCEPTED: 1, such as: 503 away');
  });
});

describe('the flags of the load generator', () => {
  test.each([
    [['--rate', 'fast'], '--rate takes a number from 0.001 to 10000, not "fast".'],
    [['--rate', '0'], '--rate takes a number from 0.001'],
    [['--for', '-1'], '--for'],
    [['--failing', '101'], '--failing takes a number from 0 to 100, not "101".'],
    [['--customers', '1.5'], '--customers takes a whole number from 1, not "1.5".'],
    [['--url', '7071'], '--url takes the address of the API, such as http://127.0.0.1:7071, not "7071".'],
    [['--speed', '5'], "Unknown option '--speed'"],
    [['20'], "Unexpected argument '20'"],
  ])('%j is refused in a sentence', (argv, problem) => {
    expect(() => parseLoadFlags(argv, '/app')).toThrow(problem);
  });

  test('without any, 20 orders a second go to the system in .local for 30 seconds', () => {
    expect(parseLoadFlags([], '/app')).toMatchObject({
      rate: 20,
      seconds: 30,
      dataDir: '/app/.local',
      url: undefined,
      failing: 0,
    });
  });

  test('every flag is in the usage', () => {
    for (const flag of [
      'rate',
      'for',
      'url',
      'data',
      'key',
      'customers',
      'failing',
      'drain',
      'json',
      'help',
    ]) {
      expect(LOAD_USAGE).toContain(`--${flag} `);
    }
  });
});
