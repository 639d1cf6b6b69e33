// Tests that docs/capacity.md starts from what is deployed: the template, the package, the counted order.
import type { OrderEvent } from '../../src/domain/order-events';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { LIMITS, PRICES } from '../../tools/docs/capacity/azure-figures';
import { countedOrder } from '../../tools/docs/capacity/counted-order';
import { DEFAULT_DEPLOYMENT, LARGEST_DEPLOYMENT } from '../../tools/docs/capacity/deployment';
import { DEPLOYED_HOST_VALUES, HOST_JSON_VALUES, pathsOf } from '../../tools/docs/capacity/host-json-values';
import { CREDITS_BY_QUEUE, STATISTICS_PARTS, usageOf } from '../../tools/docs/capacity/model';
import { subscriptionsIn } from '../../tools/docs/capacity/subscriptions';
import { dayShardOf } from '../../src/projections/daily-stats';
import { describeCompiled, EVENT_SUBSCRIPTIONS, mainPlan } from '../support/infra';
import { creditsOf } from '../support/service-bus-credits';

const root = path.resolve(__dirname, '../..');

const valueAt = (value: unknown, where: string): unknown =>
  where.split('/').reduce((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);

describe('what the page is made from', () => {
  test('are the counts of this build, and every subscription that there can be', () => {
    expect(countedOrder().events.types).toContain('OrderCompleted');
    expect(
      subscriptionsIn(root)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...EVENT_SUBSCRIPTIONS].sort());
  });

  test.each([
    ...(['maximumInstanceCount', 'instanceMemoryMB', 'cosmosCapacity', 'cosmosMaxThroughput'] as const),
    ...(['cosmosSharedMaxThroughput', 'durableBackend', 'schedulerCapacity', 'serviceBusSku'] as const),
    'serviceBusMessagingUnits' as const,
  ])('is what infra/main.bicep deploys when nothing is chosen: %s', (name) => {
    const main = readFileSync(path.join(root, 'infra/main.bicep'), 'utf8');
    const [, value] = new RegExp(`^param ${name} \\w+ = (.+)$`, 'm').exec(main) ?? [];
    expect(value?.replaceAll("'", '')).toBe(String(DEFAULT_DEPLOYMENT[name]));
  });

  test('is a day of statistics in as many parts as the read model counts it in', () => {
    const parts = Array.from({ length: 256 }, (_, first) =>
      dayShardOf({
        occurredAt: '2026-11-30T12:00:00Z',
        orderId: first.toString(16).padStart(2, '0').padEnd(8, '0'),
      }),
    );
    expect(new Set(parts).size).toBe(STATISTICS_PARTS);
  });

  test('is a largest deployment within the published limits', () => {
    const { schedulerCapacity, serviceBusMessagingUnits, partitionCount } = LARGEST_DEPLOYMENT;
    expect(schedulerCapacity).toBeLessThanOrEqual(LIMITS.schedulerUnits.value);
    expect(serviceBusMessagingUnits).toBeLessThanOrEqual(LIMITS.busMessagingUnits.value);
    expect(partitionCount).toBeLessThanOrEqual(LIMITS.taskHubPartitions.value);
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

  test('are reasons for every value that the package has in its place, and the partitions that it has', () => {
    const script = `import { BACKENDS } from './scripts/deployed-host.mjs';
      import { readFileSync } from 'node:fs';
      const host = JSON.parse(readFileSync('host.json', 'utf8'));
      console.log(JSON.stringify(Object.entries(BACKENDS).map(([name, deployed]) => [name, deployed(host)])));`;
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      ...{ encoding: 'utf8', cwd: root },
    });
    const host = JSON.parse(readFileSync(path.join(root, 'host.json'), 'utf8')) as unknown;
    const deployed = JSON.parse(output) as [backend: string, host: unknown][];
    const changed = deployed.map(([backend, of]) => [
      backend,
      pathsOf(of)
        .filter((where) => valueAt(of, where) !== valueAt(host, where))
        .sort(),
    ]);
    const reasons = Object.entries(DEPLOYED_HOST_VALUES).map(([backend, values]) => [
      backend,
      Object.keys(values).sort(),
    ]);
    expect(changed).toEqual(reasons);
    const [[, storage] = []] = deployed;
    expect(valueAt(storage, 'extensions/durableTask/storageProvider/partitionCount')).toBe(
      DEFAULT_DEPLOYMENT.partitionCount,
    );
  });
});

describeCompiled('the credits of an order', () => {
  test.each([
    ['no subscription', []],
    ['one', ['payment-processed-events']],
    ['every subscription', EVENT_SUBSCRIPTIONS],
  ])('are those of the compiled template, over HTTP and by the queue: %s', (_which, names) => {
    const subscriptions = subscriptionsIn(root).filter(({ name }) => names.includes(name));
    const { busCredits } = usageOf(countedOrder(), { ...DEFAULT_DEPLOYMENT, subscriptions });
    const { types, toldToCustomers } = countedOrder().events;
    const plan = mainPlan({ eventSubscriptions: names });
    const credits = (throughQueues: number): number =>
      creditsOf(plan, {
        toTopic: types.map((type) => ({ type, data: {} }) as unknown as OrderEvent),
        throughQueues,
      });
    expect(credits(toldToCustomers)).toBe(busCredits);
    expect(credits(toldToCustomers + 1)).toBe(busCredits + CREDITS_BY_QUEUE);
  });
});
