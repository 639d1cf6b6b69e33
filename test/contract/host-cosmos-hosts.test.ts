// One change feed read by two hosts, by a manual clock. A host that dies is one that stands still and reaches the store
// no more; one that is stopped and woken goes on where it stood.
import type { Container } from '@azure/cosmos';
import { ManualClock } from 'azure-local/kit/clock';
import { cosmosTrigger } from 'azure-local/host/cosmos/cosmos-trigger';
import type { HostedFunction } from 'azure-local/host/hosted-function';
import type { Invoke } from 'azure-local/host/invocation';
import { createHostLogger } from 'azure-local/kit/log';
import type { TriggerListener } from 'azure-local/host/trigger-kind';
import { until } from 'azure-local/kit/until';
import { FEED_LEASES } from '../../src/functions/feed-leases';
import { freezableClock } from 'azure-local/testing/freezable-clock';
import { noWorker } from 'azure-local/testing/hosted-function';
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';
import { connectionTo, openGateway, type Document, type Gateway } from 'azure-local/testing/host-cosmos-app';
import { removeApps } from 'azure-local/testing/host-triggers-app';

const SECOND_MS = 1_000;

interface Host {
  readonly name: string;
  readonly listener: TriggerListener;
  readonly gateway: Gateway;
  stop(): void;
  wake(): void;
}

interface LeaseRow {
  readonly Owner: string | null;
  readonly ContinuationToken: string | null;
}

let cosmos: Cosmos;
let orders: Container;
let leases: Container;
let clock: ManualClock;
let batches: { readonly host: string; readonly ids: readonly string[]; readonly atMs: number }[];
let handler: (host: string) => Promise<void>;
const hosts: Host[] = [];

beforeAll(async () => {
  cosmos = await openCosmos();
});
beforeEach(async () => {
  orders = await cosmos.container('/orderId');
  await orders.database.containers.create({ id: 'leases', partitionKey: '/id' });
  leases = orders.database.container('leases');
  clock = new ManualClock(cosmos.clock.now());
  batches = [];
  handler = () => Promise.resolve();
});
afterEach(async () => {
  for (const host of hosts) host.wake();
  await Promise.all(hosts.splice(0).map(({ listener }) => listener.close()));
});
afterAll(async () => {
  removeApps();
  await cosmos.close();
});

async function start(name: string, options: object = {}): Promise<Host> {
  const gateway = await openGateway(cosmos.url);
  const own = freezableClock(() => clock);
  const fn: HostedFunction = {
    name: 'Follow',
    metadata: { name: 'Follow', bindings: {} },
    trigger: {
      type: 'cosmosDBTrigger',
      connection: 'Store',
      databaseName: orders.database.id,
      containerName: orders.id,
      startFromBeginning: true,
      feedPollDelay: SECOND_MS,
      ...options,
    },
    triggerName: 'changes',
    clientInputs: [],
    isDisabled: false,
    retryPolicy: { maxRetryCount: -1, delayMs: () => 5 * SECOND_MS },
  };
  const invoke: Invoke = async (_fn, { data }) => {
    const ids = (JSON.parse(data?.json ?? '') as Document[]).map(({ id }) => id);
    batches.push({ host: name, ids, atMs: clock.now() });
    await handler(name);
    return {};
  };
  const log = createHostLogger({ levels: {}, isColoured: false, now: () => 0, sink: () => undefined });
  const environment = { Store: connectionTo(gateway.url) };
  const trigger = cosmosTrigger({ environment, clock: own.clock, log, isShared: true });
  const listener = trigger.listen([fn], invoke, noWorker);
  const host: Host = {
    name,
    listener,
    gateway,
    stop() {
      own.freeze();
      gateway.mode = 503;
    },
    wake() {
      gateway.mode = 'open';
      own.thaw();
    },
  };
  hosts.push(host);
  await listener.start();
  return host;
}

const write = (id: string): Promise<unknown> => orders.items.upsert({ id, orderId: 'o' });

const leaseRow = async (): Promise<LeaseRow | undefined> =>
  (await leases.items.readAll<LeaseRow>().fetchAll()).resources[0];

/** Lets so many seconds pass; nothing is in flight when the next one begins. */
async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    clock.advance(SECOND_MS);
    await quiet();
  }
}

/** Every request is answered, and none has come since for some turns of the event loop: a slow machine passes no time. */
async function quiet(): Promise<void> {
  const requests = (): number => hosts.reduce((sum, { gateway }) => sum + gateway.requests, 0);
  const isIdle = (): boolean => hosts.every(({ gateway }) => gateway.inFlight === 0);
  for (let before = -1, calm = 0; calm < 3; calm = requests() === before && isIdle() ? calm + 1 : 0) {
    before = requests();
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

const whoGot = (id: string): readonly string[] =>
  batches.filter(({ ids }) => ids.includes(id)).map(({ host }) => host);

/** Passes time until the document has come, and says who got it. */
async function delivered(id: string, withinSeconds: number): Promise<readonly string[]> {
  await write(id);
  for (let second = 0; second < withinSeconds && whoGot(id).length === 0; second += 1) await pass(1);
  return whoGot(id);
}

test('the only range is read by one of two hosts, which keeps it', async () => {
  await start('one');
  await start('two');
  for (const id of ['1', '2', '3']) {
    expect(await delivered(id, 5)).toEqual(['one']);
    await pass(40);
  }
});

test('a reader that dies is taken over when its lease has expired: from 30 to 80 seconds later', async () => {
  const one = await start('one');
  await start('two');
  expect(await delivered('1', 5)).toEqual(['one']);
  await pass(20);
  one.stop();
  const diedMs = clock.now();
  expect(await delivered('2', 120)).toEqual(['two']);
  const stoodMs = (batches.at(-1)?.atMs ?? 0) - diedMs;
  expect(stoodMs).toBeGreaterThan(30 * SECOND_MS);
  expect(stoodMs).toBeLessThan(80 * SECOND_MS);
});

test('leaseExpirationInterval and leaseAcquireInterval say how soon: with those of the app from 20 to 40 seconds', async () => {
  const one = await start('one', FEED_LEASES);
  await start('two', FEED_LEASES);
  expect(await delivered('1', 5)).toEqual(['one']);
  await pass(30);
  one.stop();
  const diedMs = clock.now();
  expect(await delivered('2', 60)).toEqual(['two']);
  const stoodMs = (batches.at(-1)?.atMs ?? 0) - diedMs;
  expect(stoodMs).toBeGreaterThan(19 * SECOND_MS);
  expect(stoodMs).toBeLessThan(42 * SECOND_MS);
});

test('a host that stops gives its lease back where it stands, and the other goes on at its next look', async () => {
  const one = await start('one');
  await start('two');
  expect(await delivered('1', 5)).toEqual(['one']);
  await one.listener.close();
  expect(await leaseRow()).toMatchObject({ Owner: null, ContinuationToken: expect.any(String) as string });
  expect(await delivered('2', 14)).toEqual(['two']);
  expect(whoGot('1')).toEqual(['one']);
});

test('what a host that died had not checkpointed comes again at the other', async () => {
  const one = await start('one');
  await start('two');
  let end: (() => void) | undefined;
  handler = (host) => (host === 'one' ? new Promise((resolve) => (end = resolve)) : Promise.resolve());
  expect(await delivered('1', 5)).toEqual(['one']);
  one.stop();
  await pass(90);
  expect(whoGot('1')).toEqual(['one', 'two']);
  end?.();
});

test('a host that stood still and wakes reads no more, and its late checkpoint changes nothing', async () => {
  const one = await start('one');
  await start('two');
  let end: (() => void) | undefined;
  handler = (host) => (host === 'one' ? new Promise((resolve) => (end = resolve)) : Promise.resolve());
  expect(await delivered('1', 5)).toEqual(['one']);
  one.stop();
  await pass(90);
  expect(await delivered('2', 5)).toEqual(['two']);
  const before = await leaseRow();
  one.wake();
  end?.();
  handler = () => Promise.resolve();
  await pass(2);
  expect((await leaseRow())?.ContinuationToken).toBe(before?.ContinuationToken);
  expect(await delivered('3', 5)).toEqual(['two']);
});

test('retries of a batch that another host has by now are given up', async () => {
  const one = await start('one');
  await start('two');
  handler = (host) => (host === 'one' ? Promise.reject(new Error('refused')) : Promise.resolve());
  expect(await delivered('1', 5)).toEqual(['one']);
  one.stop();
  await pass(90);
  expect(whoGot('1').at(-1)).toBe('two');
  const runs = batches.length;
  one.wake();
  await pass(60);
  // The retry that was due when it woke, before it looks at its lease.
  expect(batches.length).toBeLessThanOrEqual(runs + 1);
});

test('a batch that takes longer than the lease lasts keeps its reader', async () => {
  await start('one');
  await start('two');
  let end: (() => void) | undefined;
  handler = () => new Promise((resolve) => (end = resolve));
  expect(await delivered('1', 5)).toEqual(['one']);
  await pass(130);
  expect(whoGot('1')).toEqual(['one']);
  handler = () => Promise.resolve();
  end?.();
  await until('the checkpoint', async () => (await leaseRow())?.ContinuationToken !== null);
  expect(await delivered('2', 5)).toEqual(['one']);
});

test('a host that comes back after an outage of the store goes on with the lease it had', async () => {
  const one = await start('one');
  expect(await delivered('1', 5)).toEqual(['one']);
  one.gateway.mode = 503;
  await pass(10);
  one.gateway.mode = 'open';
  expect(await delivered('2', 10)).toEqual(['one']);
  expect(whoGot('1')).toEqual(['one']);
});
