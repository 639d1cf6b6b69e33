// How the Cosmos DB trigger reads and keeps its leases, by a manual clock: the handler is the test's own.
import type { Container } from '@azure/cosmos';
import { ManualClock } from '../../src/kit/clock';
import { cosmosTrigger } from '../../src/host/cosmos/cosmos-trigger';
import type { Invoke } from '../../src/host/invocation';
import { createHostLogger } from '../../src/kit/log';
import type { TriggerListener } from '../../src/host/trigger-kind';
import { until } from '../../src/kit/until';
import { openCosmos, type Cosmos } from '../../testing/cosmos-fixture';
import { connectionTo, openGateway, type Document, type Gateway } from '../../testing/host-cosmos-app';
import { removeApps } from '../../testing/host-triggers-app';
import { hostedFunction, noWorker } from '../../testing/hosted-function';

const DELAY_MS = 5_000;

let cosmos: Cosmos;
let gateway: Gateway;
let orders: Container;
let clock: ManualClock;
let lines: string;
let batches: string[][];
let handler: () => Promise<void>;
const open: TriggerListener[] = [];

beforeAll(async () => {
  cosmos = await openCosmos();
});
beforeEach(async () => {
  gateway = await openGateway(cosmos.url);
  orders = await cosmos.container('/orderId');
  await orders.database.containers.create({ id: 'leases', partitionKey: '/id' });
  clock = new ManualClock(cosmos.clock.now());
  lines = '';
  batches = [];
  handler = () => Promise.resolve();
});
afterEach(async () => {
  gateway.mode = 'open';
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});
afterAll(async () => {
  removeApps();
  await cosmos.close();
});

async function start(options: object = {}): Promise<TriggerListener> {
  const fn = hostedFunction('Follow', 'changes', {
    type: 'cosmosDBTrigger',
    connection: 'Store',
    databaseName: orders.database.id,
    containerName: orders.id,
    ...options,
  });
  const invoke: Invoke = async (_fn, { data }) => {
    batches.push((JSON.parse(data?.json ?? '') as Document[]).map(({ id }) => id));
    await handler();
    return {};
  };
  const log = createHostLogger({
    levels: {},
    isColoured: false,
    now: () => 0,
    sink: (text) => (lines += text),
  });
  const environment = { Store: connectionTo(gateway.url) };
  const listener = cosmosTrigger({ environment, clock, log }).listen([fn], invoke, noWorker);
  open.push(listener);
  await listener.start();
  return listener;
}

const write = async (...ids: string[]): Promise<void> => {
  for (const id of ids) await orders.items.upsert({ id, orderId: 'o' });
};
const polls = (): number => cosmos.server.counters().changeFeed?.requests ?? 0;
const isWaiting = (): boolean => clock.nextDueMs() !== undefined;

/** Waits until nothing but time can move the listener, and lets time pass. */
async function advance(byMs: number): Promise<void> {
  await until('a wait', isWaiting);
  clock.advance(byMs);
}

describe('an empty feed', () => {
  test('is asked again after feedPollDelay, 5 seconds by default, and not before', async () => {
    await start({ startFromBeginning: true });
    await until('a wait', isWaiting);
    const before = polls();
    expect((clock.nextDueMs() ?? 0) - clock.now()).toBe(DELAY_MS);
    clock.advance(DELAY_MS - 1);
    expect(polls()).toBe(before);
    clock.advance(1);
    await until('the next poll', () => polls() === before + 1);
    await advance(0);
    expect(polls()).toBe(before + 1);
  });

  test('costs one request each time it is asked', async () => {
    await start({ feedPollDelay: 1000 });
    await until('a wait', isWaiting);
    const before = gateway.requests;
    for (let n = 1; n <= 3; n += 1) {
      await advance(1000);
      await until('the poll', () => gateway.requests === before + n);
    }
    await until('a wait', isWaiting);
    expect(gateway.requests).toBe(before + 3);
  });
});

test('a feed that is not empty is read on at once, in pages of at most maxItemsPerInvocation', async () => {
  await write('1', '2', '3', '4', '5');
  await start({ startFromBeginning: true, maxItemsPerInvocation: 2 });
  await until('all pages', () => batches.length === 3);
  expect(batches).toEqual([['1', '2'], ['3', '4'], ['5']]);
  expect(clock.now()).toBe(cosmos.clock.now());
});

describe('where a function begins', () => {
  test('without leases is the start of the host', async () => {
    await write('before');
    const listener = await start();
    await write('after');
    await advance(DELAY_MS);
    await until('a batch', () => batches.length === 1);
    await listener.close();
    expect(batches).toEqual([['after']]);
  });

  test('is the beginning or a time if it says so', async () => {
    await write('before');
    cosmos.clock.advance(60_000);
    clock.advance(60_000);
    const time = new Date(clock.now()).toISOString();
    await write('after');
    await start({ leaseContainerPrefix: 'all', startFromBeginning: true });
    await until('everything', () => batches.length === 1);
    await start({ leaseContainerPrefix: 'late', startFromTime: time });
    await until('what is later', () => batches.length === 2);
    expect(batches).toEqual([['before', 'after'], ['after']]);
  });

  test('with a lease is at its checkpoint, whatever the options say', async () => {
    await write('1');
    const first = await start({ startFromBeginning: true });
    await until('the first', () => batches.length === 1);
    await until('a wait', isWaiting);
    await first.close();
    await write('2');
    await start();
    await until('the second', () => batches.length === 2);
    expect(batches).toEqual([['1'], ['2']]);
  });

  test('is kept from the start on: changes made before the first poll of a later start come', async () => {
    const first = await start();
    await first.close();
    await write('meanwhile');
    await start();
    await until('it', () => batches.length === 1);
    expect(batches).toEqual([['meanwhile']]);
  });
});

describe('a store that is away', () => {
  test.each([['503', 503] as const, ['429', 429] as const])(
    'with %s is logged once, polled at growing intervals, and read on when it is back',
    async (_, mode) => {
      await start({ startFromBeginning: true });
      await until('a wait', isWaiting);
      gateway.mode = mode;
      clock.advance(DELAY_MS);
      const waits: number[] = [];
      for (let n = 0; n < 7; n += 1) {
        const before = gateway.requests;
        await until('a wait', isWaiting);
        waits.push((clock.nextDueMs() ?? 0) - clock.now());
        clock.advance(waits[n] ?? 0);
        await until('its request', () => gateway.requests > before);
      }
      expect(waits).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
      expect(lines.match(/cannot read the changes/g)).toHaveLength(1);
      gateway.mode = 'open';
      await write('back');
      await advance(5_000);
      await until('the batch', () => batches.length === 1);
      await until('the log', () => lines.includes(`reads the changes of ${orders.database.id}/things now`));
      expect(batches).toEqual([['back']]);
    },
  );

  test('is not polled for as long as a throttled answer says', async () => {
    await start({ startFromBeginning: true });
    await until('a wait', isWaiting);
    cosmos.server.throttle({ count: 1, retryAfterMs: 7_000 });
    clock.advance(DELAY_MS);
    await until('the failure', () => lines.includes('(429)'));
    await until('a wait', isWaiting);
    expect((clock.nextDueMs() ?? 0) - clock.now()).toBe(7_000);
  });

  test('when the host starts does not stop it: the changes since then come when it is back', async () => {
    await write('long before');
    cosmos.clock.advance(60_000);
    clock.advance(60_000);
    gateway.mode = 503;
    await start();
    await write('since');
    gateway.mode = 'open';
    await advance(250);
    await until('it', () => batches.length === 1);
    expect(batches).toEqual([['since']]);
  });

  test('for its lease container only begins with the start of the host as well', async () => {
    await write('long before');
    cosmos.clock.advance(60_000);
    clock.advance(60_000);
    await start({ leaseContainerName: 'late' });
    await write('since');
    await orders.database.containers.create({ id: 'late', partitionKey: '/id' });
    await advance(250);
    await until('it', () => batches.length === 1);
    expect(batches).toEqual([['since']]);
  });

  test('between an invocation and its checkpoint does not bring the batch again', async () => {
    await write('1');
    handler = () => {
      gateway.mode = 503;
      return Promise.resolve();
    };
    await start({ startFromBeginning: true });
    await until('the failed checkpoint', () => isWaiting() && lines.includes('cannot read'));
    handler = () => Promise.resolve();
    gateway.mode = 'open';
    await write('2');
    clock.advance(250);
    await until('the next batch', () => batches.length === 2);
    expect(batches).toEqual([['1'], ['2']]);
  });
});

describe('a lease', () => {
  test('whose checkpoint was written, but the answer lost, stays with its host', async () => {
    await write('1');
    handler = () => {
      gateway.mode = 'loseAnswers';
      return Promise.resolve();
    };
    await start({ startFromBeginning: true });
    await until('the lost answer', () => isWaiting() && lines.includes('cannot read'));
    handler = () => Promise.resolve();
    gateway.mode = 'open';
    await write('2');
    clock.advance(250);
    await until('the next batch', () => batches.length === 2);
    expect(batches).toEqual([['1'], ['2']]);
    expect(lines).not.toContain('taken by another host');
  });

  test('goes to the host that starts last; the other finds out at its next checkpoint and stops', async () => {
    await start({ startFromBeginning: true });
    await until('a wait', isWaiting);
    await start({ startFromBeginning: true });
    await write('1');
    await advance(DELAY_MS);
    await until('the warning', () => lines.includes('was taken by another host'));
    await write('2');
    await advance(DELAY_MS);
    await until('the second document', () => batches.some((ids) => ids.includes('2')));
    expect(batches.filter((ids) => ids.includes('2'))).toEqual([['2']]);
  });

  test('of a container that is made anew begins anew', async () => {
    await write('old');
    await start({ startFromBeginning: true });
    await until('the old one', () => batches.length === 1);
    await until('a wait', isWaiting);
    await orders.delete();
    await advance(DELAY_MS);
    await until('the warning', () => lines.includes('does not exist'));
    await orders.database.containers.create({ id: orders.id, partitionKey: '/orderId' });
    await write('new');
    await advance(250);
    await until('the new one', () => batches.length === 2);
    expect(batches).toEqual([['old'], ['new']]);
  });
});
