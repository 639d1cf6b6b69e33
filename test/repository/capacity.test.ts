// Tests of the model behind docs/capacity.md: examples worked out by hand, what must hold for every order and deployment.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { LIMITS } from '../../tools/docs/capacity/azure-figures';
import type { CountedOrder } from '../../tools/docs/capacity/counted-order';
import { DEFAULT_DEPLOYMENT, type Deployment } from '../../tools/docs/capacity/deployment';
import { idleCosts, idleTotal } from '../../tools/docs/capacity/idle';
import {
  activeSeconds,
  ceilingsOf,
  costOfAMonth,
  executionsOf,
  totalOf,
  usageOf,
} from '../../tools/docs/capacity/model';

const root = path.resolve(__dirname, '../..');

/** Small round figures, so that the sums can be checked by hand. */
const order: CountedOrder = {
  saga: { activities: 4, timers: 0, commits: 5 },
  taskHub: { episodes: 5, controlMessages: 5, workItems: 4, queueOperations: 27, tableOperations: 11 },
  store: {
    orders: { requests: 6, requestUnits: 100, bytesIn: 10_240, bytesOut: 1_000 },
    inventory: { requests: 1, requestUnits: 50, bytesIn: 0, bytesOut: 0 },
  },
  events: { types: ['A', 'B', 'C', 'D', 'E', 'F', 'G'], bytes: 7_000, toldToCustomers: 1 },
  busy: { hostCpuMs: 10, statisticsUnits: 10 },
};
const deployment: Deployment = {
  ...DEFAULT_DEPLOYMENT,
  subscriptions: [
    { name: 'a-events', eventType: 'A' },
    { name: 'failure-events', eventType: 'Z' },
    { name: 'all-events', eventType: undefined },
  ],
};

const ceiling = (limit: string, of: Partial<Deployment> = {}, from = order): number => {
  const found = ceilingsOf(from, { ...deployment, ...of }).find((entry) => entry.limit.includes(limit));
  if (found === undefined) throw new Error(`no limit ${limit}`);
  return found.ordersPerSecond;
};

describe('an order', () => {
  test('takes one credit for each message sent or received, and one for each filter', () => {
    // 7 events and a notification are sent, 7 events meet 3 filters; received are 1 + 0 + 7 events and the notification.
    expect(usageOf(order, deployment).busCredits).toBe(8 + 21 + 9);
    expect(usageOf(order, deployment).busMessages).toBe(8 + 9);
  });

  test('takes no credit for a subscription that was not made', () => {
    expect(usageOf(order, DEFAULT_DEPLOYMENT).busCredits).toBe(8 + 1);
  });

  test('takes two durable actions for each activity, and one to start', () => {
    expect(usageOf(order, deployment).schedulerActions).toBe(9);
  });

  test('is written once and read by every reader of the feed', () => {
    // 2 readers: 5 pages at 2.5, 12 items at 0.05, 10 KB at 0.5.
    expect(usageOf(order, deployment).requestUnits).toBeCloseTo(150 + 2 * (12.5 + 0.6 + 5));
  });

  test('reads its history once an episode, beside what it writes', () => {
    const { queueOperations, tableOperations } = usageOf(order, deployment);
    expect([queueOperations, tableOperations]).toEqual([27, 16]);
  });
});

describe('a ceiling', () => {
  test('is the limit divided by what an order uses', () => {
    expect(ceiling('credits')).toBeCloseTo(1_000 / 38);
    expect(ceiling('work item queue')).toBe(500);
    expect(ceiling('control queues', { partitionCount: 16 })).toBe(6_400);
    expect(ceiling('storage account')).toBeCloseTo(20_000 / 43);
    expect(ceiling('Scheduler', { durableBackend: 'schedulerConsumption' })).toBeCloseTo(500 / 9);
    expect(ceiling('Scheduler', { durableBackend: 'schedulerDedicated', schedulerCapacity: 3 })).toBeCloseTo(
      6_000 / 9,
    );
    expect(ceiling('container `orders`')).toBeCloseTo(5_000 / 136.2);
    const autoscale = { cosmosCapacity: 'autoscale', cosmosMaxThroughput: 8_000 } as const;
    expect(ceiling('container `orders`', autoscale)).toBeCloseTo(8_000 / 136.2);
    expect(ceiling('all other containers', { ...autoscale, cosmosSharedMaxThroughput: 6_000 })).toBe(120);
    expect(ceiling('Premium', { serviceBusSku: 'Premium', serviceBusMessagingUnits: 2 })).toBeCloseTo(
      // More comes out, to the subscriptions, than goes in.
      8e6 / 9_000,
    );
    expect(ceiling('cores')).toBe(100 / 0.01);
  });

  test('of instances stops at what a subscription may have in a region', () => {
    expect(ceiling('cores', { maximumInstanceCount: 1_000 })).toBe(250 / 0.01);
    expect(ceiling('cores', { maximumInstanceCount: 1_000, instanceMemoryMB: 4_096 })).toBe((125 * 2) / 0.01);
  });

  test('is none where an order uses nothing of it', () => {
    const silent = { ...order, events: { types: [], bytes: 0, toldToCustomers: 0 } };
    expect(ceiling('credits', {}, silent)).toBe(Infinity);
  });
});

const eventType = fc.constantFrom('A', 'B', 'C');

const anyOrder = fc.record({
  saga: fc.record({ activities: fc.nat(20), timers: fc.nat(5), commits: fc.nat(20) }),
  taskHub: fc.record({
    episodes: fc.nat(30),
    controlMessages: fc.nat(30),
    workItems: fc.nat(30),
    queueOperations: fc.nat(200),
    tableOperations: fc.nat(100),
  }),
  store: fc.record({
    orders: fc.record({
      requests: fc.nat(20),
      requestUnits: fc.nat(1_000),
      bytesIn: fc.nat(100_000),
      bytesOut: fc.nat(100_000),
    }),
  }),
  events: fc.record({
    types: fc.array(eventType, { maxLength: 30 }),
    bytes: fc.nat(100_000),
    toldToCustomers: fc.nat(5),
  }),
  busy: fc.record({ hostCpuMs: fc.nat(100), statisticsUnits: fc.nat(50) }),
});

const anyDeployment: fc.Arbitrary<Deployment> = fc.record({
  durableBackend: fc.constantFrom('storage', 'schedulerConsumption', 'schedulerDedicated'),
  partitionCount: fc.integer({ min: 1, max: 16 }),
  schedulerCapacity: fc.integer({ min: 1, max: 3 }),
  serviceBusSku: fc.constantFrom('Standard', 'Premium'),
  serviceBusMessagingUnits: fc.constantFrom(1, 2, 4, 8, 16),
  cosmosCapacity: fc.constantFrom('serverless', 'autoscale'),
  cosmosMaxThroughput: fc.integer({ min: 5_000, max: 1_000_000 }),
  cosmosSharedMaxThroughput: fc.integer({ min: 5_000, max: 1_000_000 }),
  maximumInstanceCount: fc.integer({ min: 40, max: 1_000 }),
  instanceMemoryMB: fc.constantFrom(2_048, 4_096),
  subscriptions: fc.array(
    fc.record({ name: fc.string(), eventType: fc.option(eventType, { nil: undefined }) }),
    { maxLength: 12 },
  ),
  feedReaders: fc.integer({ min: 1, max: 4 }),
  logRecordBytes: fc.nat(5_000),
});

describe('for every order and deployment', () => {
  const LARGER = [
    'partitionCount',
    'schedulerCapacity',
    'serviceBusMessagingUnits',
    'cosmosMaxThroughput',
    'cosmosSharedMaxThroughput',
    'maximumInstanceCount',
  ] as const;

  test('limits come lowest first, and more of a parameter lowers none (capacity.M1)', () => {
    fc.assert(
      fc.property(anyOrder, anyDeployment, fc.constantFrom(...LARGER), (counts, chosen, parameter) => {
        const before = ceilingsOf(counts, chosen);
        const rates = before.map(({ ordersPerSecond }) => ordersPerSecond);
        expect([...rates].sort((a, b) => a - b)).toEqual(rates);
        const after = ceilingsOf(counts, { ...chosen, [parameter]: chosen[parameter] * 2 });
        for (const { limit, ordersPerSecond } of before) {
          const raised = after.find((entry) => entry.limit === limit)?.ordersPerSecond;
          expect(raised).toBeGreaterThanOrEqual(ordersPerSecond);
        }
      }),
    );
  });

  test('a subscription more raises no limit (capacity.M1)', () => {
    fc.assert(
      fc.property(anyOrder, anyDeployment, (counts, chosen) => {
        const subscriptions = [...chosen.subscriptions, { name: 'one more', eventType: undefined }];
        const lowest = (of: Deployment): number => ceilingsOf(counts, of)[0]?.ordersPerSecond ?? 0;
        expect(lowest({ ...chosen, subscriptions })).toBeLessThanOrEqual(lowest(chosen));
      }),
    );
  });

  test('more orders never cost less, nothing costs less than nothing, and no part is no number (capacity.M2)', () => {
    fc.assert(
      fc.property(anyOrder, anyDeployment, fc.nat(1e9), fc.nat(1e9), (counts, chosen, some, more) => {
        const few = costOfAMonth(some, counts, chosen);
        const many = costOfAMonth(some + more, counts, chosen);
        for (const part of ['functions', 'durable', 'serviceBus', 'cosmos', 'logs'] as const) {
          expect(few[part] ?? 0).toBeGreaterThanOrEqual(0);
          expect((many[part] ?? 0) - (few[part] ?? 0)).toBeGreaterThan(-1e-6);
        }
        expect(Number.isFinite(totalOf(many))).toBe(true);
      }),
    );
  });

  test('an instance is active for an order no longer than all its executions one by one, and no shorter than their CPU', () => {
    fc.assert(
      fc.property(
        anyOrder,
        anyDeployment,
        fc.double({ min: 1e-6, max: 1e4, noNaN: true }),
        (counts, chosen, rate) => {
          const seconds = activeSeconds(rate, counts, chosen);
          const cores = chosen.instanceMemoryMB / LIMITS.memoryPerCoreMB.value;
          const cpu = counts.busy.hostCpuMs / 1_000 / cores;
          const alone = Object.values(executionsOf(counts, chosen)).reduce((all, count) => all + count, 0);
          expect(seconds).toBeGreaterThanOrEqual(cpu);
          expect(seconds).toBeLessThanOrEqual(Math.max(cpu, alone) + 1e-9);
          expect(activeSeconds(rate * 2, counts, chosen)).toBeLessThanOrEqual(seconds + 1e-9);
        },
      ),
    );
  });
});

describe('a month', () => {
  test('without orders costs the namespace, and a tenth of the throughput where it is autoscale', () => {
    expect(totalOf(costOfAMonth(0, order, deployment))).toBeCloseTo(730 * 0.0135);
    const autoscale = { ...deployment, cosmosCapacity: 'autoscale' } as const;
    // Of 10,000 and of 5,000.
    expect(costOfAMonth(0, order, autoscale).cosmos).toBeCloseTo(730 * 15 * 0.012);
  });

  test('of a million orders is 9 million operations of the bus, which are included', () => {
    expect(costOfAMonth(1e6, order, DEFAULT_DEPLOYMENT).serviceBus).toBeCloseTo(730 * 0.0135);
    // 90 million: 77 of them are paid.
    expect(costOfAMonth(10e6, order, DEFAULT_DEPLOYMENT).serviceBus).toBeCloseTo(730 * 0.0135 + 77 * 0.8);
  });

  test('of a million orders is 186.2 million request units, and 10.24 GB kept', () => {
    expect(costOfAMonth(1e6, order, deployment).cosmos).toBeCloseTo(186.2 * 0.25 + 10.24 * 0.25);
  });

  test('of a million orders is 27 and 16 million operations of the storage account', () => {
    expect(costOfAMonth(1e6, order, deployment).durable).toBeCloseTo(2_700 * 0.004 + 1_600 * 0.00036);
  });

  test('with the scheduler has no price for it, as none was found', () => {
    const scheduler = { ...deployment, durableBackend: 'schedulerConsumption' } as const;
    expect(costOfAMonth(1e6, order, scheduler).durable).toBeUndefined();
  });
});

describe('a month without an order', () => {
  test('is the namespace, the timers beyond what is free, polls of the task hub and of the feeds', () => {
    const { seconds, polls, units } = { seconds: 73 * 730, polls: 17 * 6 * 60 * 730, units: 19_800 * 730 };
    expect(idleCosts(DEFAULT_DEPLOYMENT).map(({ usd }) => usd)).toEqual([
      730 * 0.0135,
      expect.closeTo((seconds * 2 - 100_000) * 0.000026),
      expect.closeTo((polls / 10_000) * 0.004),
      expect.closeTo((units / 1e6) * 0.25),
    ]);
  });

  test('has no polls of a task hub that is in the scheduler, and the least of autoscale', () => {
    const chosen = { ...DEFAULT_DEPLOYMENT, durableBackend: 'schedulerConsumption' } as const;
    expect(
      idleCosts(chosen)
        .map(({ what }) => what)
        .join(),
    ).not.toContain('task hub');
    const autoscale = { ...DEFAULT_DEPLOYMENT, cosmosCapacity: 'autoscale' } as const;
    expect(idleCosts(autoscale).at(-1)?.usd).toBeCloseTo(costOfAMonth(0, order, autoscale).cosmos);
  });

  test('costs what docs/azure.md says', () => {
    const page = readFileSync(path.join(root, 'docs/azure.md'), 'utf8');
    expect(page).toContain(`About ${Math.round(idleTotal(DEFAULT_DEPLOYMENT))} USD a month`);
    const hub = idleCosts(DEFAULT_DEPLOYMENT).find(({ what }) => what === 'Polls of the task hub');
    expect(page).toContain(`${String(hub?.usd.toFixed(2))} USD`);
  });

  test('runs the timers as often as infra/main.bicep has them run', () => {
    const main = readFileSync(path.join(root, 'infra/main.bicep'), 'utf8');
    const minutes = [...main.matchAll(/^param \w+Schedule string = '\d+ (\S+) \* \* \* \*'$/gm)];
    const runs = minutes.map(([, field = '']) =>
      field === '*' ? 60 : field.startsWith('*/') ? 60 / Number(field.slice(2)) : 1,
    );
    expect(runs).toHaveLength(3);
    const seconds = runs.reduce((all, each) => all + each, 0) * 730;
    const [, timers] = idleCosts(DEFAULT_DEPLOYMENT);
    expect(timers?.sum).toMatch(new RegExp(`^${seconds.toLocaleString('en-US')} s `));
  });
});
