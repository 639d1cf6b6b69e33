// The arithmetic of docs/capacity.md: examples worked out by hand, and what must hold for every order and deployment.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { LIMITS, PRICES } from '../../tools/docs/capacity/azure-figures';
import { countedOrder, type CountedOrder } from '../../tools/docs/capacity/counted-order';
import {
  DEFAULT_DEPLOYMENT,
  LARGEST_DEPLOYMENT,
  type Deployment,
} from '../../tools/docs/capacity/deployment';
import { HOST_JSON_VALUES, pathsOf } from '../../tools/docs/capacity/host-json-values';
import {
  activeSeconds,
  ceilingsOf,
  costOfAMonth,
  executionsOf,
  totalOf,
  usageOf,
} from '../../tools/docs/capacity/model';
import { defaultDeployment, subscriptionsIn } from '../../tools/docs/capacity/page';
import { BUCKETS, bucketOf, evenUnits, unitOf, unitsFor } from '../../tools/docs/capacity/scale-units';

const root = path.resolve(__dirname, '../..');

/** Small round figures, so that the sums can be checked by hand. */
const order: CountedOrder = {
  saga: { activities: 4, timers: 0, commits: 5 },
  taskHub: { episodes: 5, controlMessages: 5, workItems: 4, queueOperations: 27, tableOperations: 11 },
  store: { orders: { requests: 6, requestUnits: 100, bytesIn: 10_240, bytesOut: 1_000 } },
  events: { count: 7, bytes: 7_000, readByTheApp: 1 },
  busy: { hostCpuMs: 10, statisticsUnits: 10 },
};
const deployment: Deployment = {
  ...DEFAULT_DEPLOYMENT,
  subscriptions: [
    { name: 'a', filters: 1 },
    { name: 'b', filters: 2 },
  ],
};

const ceiling = (limit: string, of: Partial<Deployment> = {}, from = order): number => {
  const found = ceilingsOf(from, { ...deployment, ...of }).find((entry) => entry.limit.includes(limit));
  if (found === undefined) throw new Error(`no limit ${limit}`);
  return found.ordersPerSecond;
};

describe('an order', () => {
  test('takes one credit to send each event, one for each filter, and one to read', () => {
    expect(usageOf(order, deployment).busCredits).toBe(7 * (1 + 3) + 1);
  });

  test('takes two durable actions for each activity, and one to start', () => {
    expect(usageOf(order, deployment).schedulerActions).toBe(9);
  });

  test('is written once and read by every reader of the feed', () => {
    // 2 readers: 5 pages at 2.5, 12 items at 0.05, 10 KB at 0.5.
    expect(usageOf(order, deployment).requestUnits).toBeCloseTo(100 + 2 * (12.5 + 0.6 + 5));
  });

  test('reads its history once an episode, beside what it writes', () => {
    const { queueOperations, tableOperations } = usageOf(order, deployment);
    expect([queueOperations, tableOperations]).toEqual([27, 16]);
  });
});

describe('a ceiling', () => {
  test('is the limit divided by what an order uses', () => {
    expect(ceiling('credits')).toBeCloseTo(1_000 / 29);
    expect(ceiling('work item queue')).toBe(500);
    expect(ceiling('control queues', { partitionCount: 16 })).toBe(6_400);
    expect(ceiling('storage account')).toBeCloseTo(20_000 / 43);
    expect(ceiling('Scheduler', { durableBackend: 'schedulerConsumption' })).toBeCloseTo(500 / 9);
    expect(ceiling('Scheduler', { durableBackend: 'schedulerDedicated', schedulerCapacity: 3 })).toBeCloseTo(
      6_000 / 9,
    );
    expect(ceiling('container `orders`')).toBeCloseTo(5_000 / 136.2);
    expect(ceiling('the database', { cosmosCapacity: 'autoscale', cosmosMaxThroughput: 4_000 })).toBeCloseTo(
      4_000 / 136.2,
    );
    expect(ceiling('Premium', { serviceBusSku: 'Premium', serviceBusMessagingUnits: 2 })).toBeCloseTo(
      8e6 / 7_000,
    );
    expect(ceiling('cores')).toBe(100 / 0.01);
  });

  test('of instances stops at what a subscription may have in a region', () => {
    expect(ceiling('cores', { maximumInstanceCount: 1_000 })).toBe(250 / 0.01);
    expect(ceiling('cores', { maximumInstanceCount: 1_000, instanceMemoryMB: 4_096 })).toBe((125 * 2) / 0.01);
  });

  test('is none where an order uses nothing of it', () => {
    const silent = { ...order, events: { count: 0, bytes: 0, readByTheApp: 0 } };
    expect(ceiling('credits', {}, silent)).toBe(Infinity);
  });
});

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
  events: fc.record({ count: fc.nat(30), bytes: fc.nat(100_000), readByTheApp: fc.nat(5) }),
  busy: fc.record({ hostCpuMs: fc.nat(100), statisticsUnits: fc.nat(50) }),
});

const anyDeployment: fc.Arbitrary<Deployment> = fc.record({
  durableBackend: fc.constantFrom('storage', 'schedulerConsumption', 'schedulerDedicated'),
  partitionCount: fc.integer({ min: 1, max: 16 }),
  schedulerCapacity: fc.integer({ min: 1, max: 3 }),
  serviceBusSku: fc.constantFrom('Standard', 'Premium'),
  serviceBusMessagingUnits: fc.constantFrom(1, 2, 4, 8, 16),
  cosmosCapacity: fc.constantFrom('serverless', 'autoscale'),
  cosmosMaxThroughput: fc.integer({ min: 1_000, max: 1_000_000 }),
  maximumInstanceCount: fc.integer({ min: 40, max: 1_000 }),
  instanceMemoryMB: fc.constantFrom(2_048, 4_096),
  subscriptions: fc.array(fc.record({ name: fc.string(), filters: fc.integer({ min: 1, max: 5 }) }), {
    maxLength: 12,
  }),
  feedReaders: fc.integer({ min: 1, max: 4 }),
  logRecordBytes: fc.nat(5_000),
});

describe('for every order and deployment', () => {
  const LARGER = [
    'partitionCount',
    'schedulerCapacity',
    'serviceBusMessagingUnits',
    'cosmosMaxThroughput',
    'maximumInstanceCount',
  ] as const;

  test('limits come lowest first, and more of a parameter lowers none (M1)', () => {
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

  test('a subscription more raises no limit (M1)', () => {
    fc.assert(
      fc.property(anyOrder, anyDeployment, (counts, chosen) => {
        const subscriptions = [...chosen.subscriptions, { name: 'one more', filters: 1 }];
        const lowest = (of: Deployment): number => ceilingsOf(counts, of)[0]?.ordersPerSecond ?? 0;
        expect(lowest({ ...chosen, subscriptions })).toBeLessThanOrEqual(lowest(chosen));
      }),
    );
  });

  test('more orders never cost less, nothing costs less than nothing, and no part is no number (M2)', () => {
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
    expect(costOfAMonth(0, order, autoscale).cosmos).toBeCloseTo(730 * 0.012);
  });

  test('of a million orders is 8 million operations of the bus, which are included', () => {
    expect(costOfAMonth(1e6, order, deployment).serviceBus).toBeCloseTo(730 * 0.0135);
    // 80 million: 67 of them are paid.
    expect(costOfAMonth(10e6, order, deployment).serviceBus).toBeCloseTo(730 * 0.0135 + 67 * 0.8);
  });

  test('of a million orders is 136.2 million request units, and 10.24 GB kept', () => {
    expect(costOfAMonth(1e6, order, deployment).cosmos).toBeCloseTo(136.2 * 0.25 + 10.24 * 0.25);
  });

  test('of a million orders is 27 and 16 million operations of the storage account', () => {
    expect(costOfAMonth(1e6, order, deployment).durable).toBeCloseTo(2_700 * 0.004 + 1_600 * 0.00036);
  });

  test('with the scheduler has no price for it, as none was found', () => {
    const scheduler = { ...deployment, durableBackend: 'schedulerConsumption' } as const;
    expect(costOfAMonth(1e6, order, scheduler).durable).toBeUndefined();
  });
});

describe('scale units', () => {
  const ids = fc.uuid();

  test('serve the bucket of an order, which is always the same', () => {
    expect(bucketOf('order-1')).toBe(bucketOf('order-1'));
    fc.assert(
      fc.property(ids, fc.integer({ min: 1, max: 100 }), (id, units) => {
        const unit = unitOf(id, 'default', evenUnits(units));
        expect(unit).toBe(bucketOf(id) % units);
        expect(bucketOf(id)).toBeLessThan(BUCKETS);
      }),
    );
  });

  test('have shares of the buckets that differ by one at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (units) => {
        const shares = new Map<number, number>();
        for (const unit of evenUnits(units)) shares.set(unit, (shares.get(unit) ?? 0) + 1);
        expect(shares.size).toBe(units);
        expect(Math.max(...shares.values()) - Math.min(...shares.values())).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('get even shares of orders', () => {
    const units = evenUnits(8);
    const orders = Array.from({ length: 40_000 }, (_, index) => unitOf(`order-${index}`, 'default', units));
    for (let unit = 0; unit < 8; unit += 1) {
      const share = orders.filter((of) => of === unit).length / orders.length;
      expect(Math.abs(share - 1 / 8)).toBeLessThan(0.01);
    }
  });

  test('that take over a bucket take its orders and no others', () => {
    fc.assert(
      fc.property(ids, fc.nat(BUCKETS - 1), (id, bucket) => {
        const before = evenUnits(4);
        const after = before.map((unit, of) => (of === bucket ? 4 : unit));
        const expected = bucketOf(id) === bucket ? 4 : unitOf(id, 'default', before);
        expect(unitOf(id, 'default', after)).toBe(expected);
      }),
    );
  });

  test('take a tenant with all its orders', () => {
    fc.assert(
      fc.property(ids, (id) => {
        expect(unitOf(id, 'acme', evenUnits(4), { acme: 9 })).toBe(9);
        expect(unitOf(id, 'default', evenUnits(4), { acme: 9 })).toBeLessThan(4);
      }),
    );
  });

  test('are as many as keep each below its share of the ceiling', () => {
    expect(unitsFor(10_000, 666, 0.7)).toBe(22);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e4 }), (rate, most) => {
        expect(rate / unitsFor(rate, most, 0.7)).toBeLessThanOrEqual(most * 0.7 + 1e-6);
      }),
    );
  });
});

describe('what the page is made from', () => {
  test('are the counts of this build, and the subscriptions of the emulator definition', () => {
    expect(countedOrder().events.count).toBeGreaterThan(0);
    expect(subscriptionsIn(root).map(({ name }) => name)).toContain('customer-notifications');
  });

  test.each(['maximumInstanceCount', 'cosmosMaxThroughput', 'cosmosCapacity'] as const)(
    'is what infra/main.bicep deploys when nothing is chosen: %s',
    (name) => {
      const main = readFileSync(path.join(root, 'infra/main.bicep'), 'utf8');
      const [, value] = new RegExp(`^param ${name} \\w+ = (.+)$`, 'm').exec(main) ?? [];
      expect(value?.replaceAll("'", '')).toBe(String(DEFAULT_DEPLOYMENT[name]));
    },
  );

  test('is a largest deployment within the published limits', () => {
    const { schedulerCapacity, serviceBusMessagingUnits, partitionCount } = LARGEST_DEPLOYMENT;
    expect(schedulerCapacity).toBeLessThanOrEqual(LIMITS.schedulerUnits.value);
    expect(serviceBusMessagingUnits).toBeLessThanOrEqual(LIMITS.busMessagingUnits.value);
    expect(partitionCount).toBeLessThanOrEqual(LIMITS.taskHubPartitions.value);
    expect(defaultDeployment(root).partitionCount).toBeLessThanOrEqual(LIMITS.taskHubPartitions.value);
  });

  test('are figures that are each more than nothing and say where they are published', () => {
    for (const { value, source } of [...Object.values(LIMITS), ...Object.values(PRICES)]) {
      expect(value).toBeGreaterThan(0);
      expect(source).toMatch(/^https:\/\/(learn|azure)\.microsoft\.com\//);
    }
  });

  test('are reasons for every value of host.json and for no other', () => {
    const host = JSON.parse(readFileSync(path.join(root, 'host.json'), 'utf8')) as unknown;
    expect(Object.keys(HOST_JSON_VALUES).sort()).toEqual(pathsOf(host).sort());
  });
});
