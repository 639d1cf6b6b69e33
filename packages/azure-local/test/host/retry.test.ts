// Retry policies of functions, by a manual clock: the handler is the test's own.
import { ManualClock } from '../../src/kit/clock';
import type { RpcRetryContext } from '../../src/host/core-types';
import { hostFunctions, type HostedFunction } from '../../src/host/hosted-function';
import type { Invoke } from '../../src/host/invocation';
import { createHostLogger } from '../../src/kit/log';
import { parseRetryPolicy, type RetryPolicy } from '../../src/host/retry-policy';
import { RetriesCutOff, retrying } from '../../src/host/retrying';
import { timerTrigger } from '../../src/host/timer-trigger';
import { createTimerStore } from '../../src/host/timer-store';
import { Journal } from '../../src/storage/journal';
import { until } from '../../src/kit/until';
import { noWorker } from '../../testing/hosted-function';

const MINUTE_MS = 60_000;

let clock: ManualClock;
let lines: string;
let contexts: (RpcRetryContext | undefined)[];
let failures: number;
let closing: AbortController;

beforeEach(() => {
  clock = new ManualClock();
  lines = '';
  contexts = [];
  failures = Infinity;
  closing = new AbortController();
});

const log = createHostLogger({
  levels: { default: 'debug' },
  isColoured: false,
  now: () => 0,
  sink: (text) => (lines += text),
});

/** Fails as often as `failures` says. */
const invoke: Invoke = (_fn, { retryContext }) => {
  contexts.push(retryContext);
  return contexts.length <= failures
    ? Promise.reject(new Error(`failure ${contexts.length}`))
    : Promise.resolve({ returned: 'done' });
};

const policy = (retryOptions: object): RetryPolicy => parseRetryPolicy('Work', retryOptions);
const fixed = (maxRetryCount: number, seconds: number): RetryPolicy =>
  policy({ retryStrategy: 'fixedDelay', maxRetryCount, delayInterval: { seconds } });

const functionWith = (retryPolicy: RetryPolicy | undefined, trigger: object = {}): HostedFunction => ({
  name: 'Work',
  metadata: { name: 'Work', bindings: {} },
  trigger: { type: 'timerTrigger', ...trigger },
  triggerName: 'timer',
  clientInputs: [],
  isDisabled: false,
  ...(retryPolicy === undefined ? {} : { retryPolicy }),
});

const run = async (retryPolicy: RetryPolicy | undefined): Promise<unknown> => {
  const retried = retrying(invoke, { clock, log, signal: closing.signal });
  const { returned } = await retried(functionWith(retryPolicy), { data: undefined, reason: 'test' });
  return returned;
};

/** Lets the wait for a retry pass, and gives its length. */
async function passWait(): Promise<number> {
  const dueMs = await until('a wait', () => clock.nextDueMs());
  const waitMs = dueMs - clock.now();
  const before = contexts.length;
  clock.advance(waitMs);
  await until('the retry', () => contexts.length > before);
  return waitMs;
}

test('an invocation is run again after the fixed delay until it succeeds, each time with its retry count', async () => {
  failures = 2;
  const result = run(fixed(5, 3));
  expect([await passWait(), await passWait(), await result]).toEqual([3000, 3000, 'done']);
  expect(contexts).toEqual([
    { retryCount: 0, maxRetryCount: 5 },
    { retryCount: 1, maxRetryCount: 5, exception: expect.objectContaining({ source: '' }) as object },
    {
      retryCount: 2,
      maxRetryCount: 5,
      exception: {
        source: '',
        message: expect.stringMatching(
          /^Result: Failure\nException: failure 2\nStack: Error: failure 2/,
        ) as string,
        stackTrace: expect.stringContaining('host/retry.test') as string,
      },
    },
  ]);
});

test('an invocation whose retries are used up fails with its last error', async () => {
  const result = run(fixed(2, 1));
  const failed = expect(result).rejects.toThrow('failure 3');
  await passWait();
  await passWait();
  await failed;
  log.flush();
  expect(lines).toContain("Function execution failed after '2' retries.");
  expect(lines).toContain("Next attempt: '2'. Max retry count: '2'.");
});

test('a policy of -1 never gives up', async () => {
  failures = 50;
  const result = run(fixed(-1, 1));
  for (let n = 0; n < 50; n += 1) await passWait();
  expect(await result).toBe('done');
});

test('a wait ends at once when the trigger closes, and tells that the invocation has not ended', async () => {
  const result = run(fixed(-1, 3600));
  await until('a wait', () => clock.nextDueMs());
  closing.abort();
  await expect(result).rejects.toThrow(RetriesCutOff);
  expect([contexts.length, clock.nextDueMs()]).toEqual([1, undefined]);
});

test('a function without a policy fails at once, and has no retry context', async () => {
  await expect(run(undefined)).rejects.toThrow('failure 1');
  expect(contexts).toEqual([undefined]);
});

test('exponential backoff begins with the minimum, grows by doubling give or take a fifth, and stops at the maximum', () => {
  const backoff = policy({
    retryStrategy: 'exponentialBackoff',
    maxRetryCount: -1,
    minimumInterval: { seconds: 1 },
    maximumInterval: { seconds: 30 },
  });
  for (let round = 0; round < 50; round += 1) {
    expect(backoff.delayMs(1)).toBe(1000);
    for (const [retry, added] of [
      [2, 1000],
      [3, 2000],
      [4, 4000],
    ] as const) {
      expect(backoff.delayMs(retry)).toBeGreaterThanOrEqual(1000 + 0.8 * added);
      expect(backoff.delayMs(retry)).toBeLessThanOrEqual(1000 + 1.2 * added);
    }
    expect([backoff.delayMs(8), backoff.delayMs(5000)]).toEqual([30_000, 30_000]);
  }
  expect(new Set(Array.from({ length: 20 }, () => backoff.delayMs(3))).size).toBeGreaterThan(1);
});

test.each([
  ['no count', { retryStrategy: 'fixedDelay', delayInterval: { seconds: 1 } }, 'has maxRetryCount undefined'],
  ['a count below -1', { retryStrategy: 'fixedDelay', maxRetryCount: -2 }, 'has maxRetryCount -2'],
  ['no delay', { retryStrategy: 'fixedDelay', maxRetryCount: 1 }, 'has no delayInterval'],
  ['no minimum', { retryStrategy: 'exponentialBackoff', maxRetryCount: 1 }, 'has no minimumInterval'],
  [
    'a minimum over its maximum',
    {
      retryStrategy: 'exponentialBackoff',
      maxRetryCount: 1,
      minimumInterval: { seconds: 2 },
      maximumInterval: { seconds: 1 },
    },
    'has a minimumInterval over its maximumInterval',
  ],
  ['another strategy', { retryStrategy: 'linear', maxRetryCount: 1 }, 'has strategy linear'],
])('a policy with %s is refused by name', (_, options, message) => {
  expect(() => policy(options)).toThrow(`The retry policy of function Work ${message}`);
});

describe('a policy of a function whose trigger', () => {
  const registered = (type: string): Parameters<typeof hostFunctions>[0] => [
    {
      name: 'Work',
      bindings: { work: { type, direction: 'in' } },
      retryOptions: { retryStrategy: 'fixedDelay', maxRetryCount: 4, delayInterval: { seconds: 1 } },
    },
  ];
  const served = {
    triggers: ['httpTrigger', 'timerTrigger'],
    inputs: [],
    outputs: [],
    retried: ['timerTrigger'],
  };

  test('takes none is refused with the reason', () => {
    expect(() => hostFunctions(registered('httpTrigger'), {}, served)).toThrow(
      'Function Work has a retry policy, but its trigger is a httpTrigger: the platform keeps retry policies for timer',
    );
  });

  test('takes one is kept', () => {
    expect(hostFunctions(registered('timerTrigger'), {}, served)[0]?.retryPolicy?.maxRetryCount).toBe(4);
  });

  test('takes none is not looked at while it is disabled', () => {
    const environment = { 'AzureWebJobs.Work.Disabled': 'true' };
    expect(hostFunctions(registered('httpTrigger'), environment, served)[0]?.isDisabled).toBe(true);
  });
});

describe('a timer with a policy', () => {
  let journal: Journal;
  beforeEach(() => {
    journal = new Journal(':memory:');
  });
  afterEach(() => journal.close());

  const listen = (retryPolicy: RetryPolicy): ReturnType<ReturnType<typeof timerTrigger>['listen']> =>
    timerTrigger({
      timers: { status: createTimerStore(journal) },
      clock,
      log,
      timeZone: undefined,
      leaseRecoveryMs: 0,
    }).listen([functionWith(retryPolicy, { schedule: '0 */10 * * * *' })], invoke, noWorker);

  test('is run again until it succeeds, and then waits for its next occurrence', async () => {
    failures = 1;
    const timer = listen(fixed(3, 20));
    await timer.start();
    expect([await passWait(), await passWait()]).toEqual([10 * MINUTE_MS, 20_000]);
    const dueMs = await until('the next occurrence', () => clock.nextDueMs());
    expect(dueMs - clock.now()).toBe(10 * MINUTE_MS - 20_000);
    expect(contexts.map((context) => context?.retryCount)).toEqual([0, 1]);
    await timer.close();
  });

  test('and closed while it waits for a retry is past due at the next start', async () => {
    const first = listen(fixed(-1, 3600));
    await first.start();
    await passWait();
    await until('the wait for a retry', () => clock.nextDueMs());
    await first.close();
    clock.advance(1000);
    failures = 0;
    const second = listen(fixed(-1, 3600));
    await second.start();
    await until('the run past due', () => contexts.length === 2);
    log.flush();
    expect(lines).toContain("Function 'Work' is past due on startup");
    await second.close();
  });
});
