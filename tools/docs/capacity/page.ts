// docs/capacity.md: what an order uses, how many a second there can be, what they cost, and the plan for more. Generated
// from the counted order, the topic's subscriptions and Azure's published figures; capacity/model.ts does the sums.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { markdownTable } from '../tables';
import { LIMITS, PRICES, PRICES_NOT_FOUND, type Figure } from './azure-figures';
import { countedOrder, type CountedOrder } from './counted-order';
import {
  DEFAULT_DEPLOYMENT,
  LARGEST_DEPLOYMENT,
  type Deployment,
  type DurableBackend,
  type Subscription,
} from './deployment';
import { HOST_JSON_VALUES } from './host-json-values';
import {
  ceilingsOf,
  costOfAMonth,
  executionsOf,
  SECONDS_OF_A_MONTH,
  totalOf,
  usageOf,
  type Ceiling,
  type Cost,
  type Usage,
} from './model';
import { unitsFor } from './scale-units';
import { CAPACITY_TEXTS } from './texts';

const hostJsonSchema = z.object({
  extensions: z.object({
    durableTask: z.object({ storageProvider: z.object({ partitionCount: z.int().optional() }) }),
  }),
});

const emulatorSchema = z.object({
  UserConfig: z.object({
    Namespaces: z.array(
      z.object({
        Topics: z.array(
          z.object({
            Subscriptions: z.array(z.object({ Name: z.string(), Rules: z.array(z.unknown()).optional() })),
          }),
        ),
      }),
    ),
  }),
});

/** Of Durable Functions on a storage account when host.json says nothing. */
const PARTITIONS_BY_DEFAULT = 4;

/** The topic's subscriptions; infra tests hold the template to the same file. */
export function subscriptionsIn(root: string): Subscription[] {
  const file = path.join(root, 'local/servicebus/Config.json');
  const { UserConfig } = emulatorSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  return UserConfig.Namespaces.flatMap(({ Topics }) => Topics)
    .flatMap(({ Subscriptions }) => Subscriptions)
    .map(({ Name, Rules = [] }) => ({ name: Name, filters: Math.max(1, Rules.length) }));
}

/** What is deployed when nothing is chosen, by the files below `root`. */
export function defaultDeployment(root: string): Deployment {
  const host = hostJsonSchema.parse(JSON.parse(readFileSync(path.join(root, 'host.json'), 'utf8')));
  const { partitionCount = PARTITIONS_BY_DEFAULT } = host.extensions.durableTask.storageProvider;
  return { ...DEFAULT_DEPLOYMENT, partitionCount, subscriptions: subscriptionsIn(root) };
}

/** Share of a ceiling that is used: what is above is for bursts, and for an instance that dies. */
const FILL = 0.7;
const MILLION = 1_000_000;
const GOALS = [100, 1_000, 10_000];

/** The page as Markdown. */
export function capacityPage(root: string): string {
  const order = countedOrder(root);
  const deployment = defaultDeployment(root);
  const largest = { ...LARGEST_DEPLOYMENT, subscriptions: deployment.subscriptions };
  return [
    ...['# Capacity and cost', CAPACITY_TEXTS.head],
    ...['## What an order uses', CAPACITY_TEXTS.usage, usageTable(order, deployment)],
    ...['## How many a second', CAPACITY_TEXTS.ceilings, ceilingTable(order, deployment)],
    ...['By choice of backend, bus and store:', choicesTable(order, deployment)],
    ...['## What a million orders cost', CAPACITY_TEXTS.cost, costTable(order, deployment)],
    ...['## Past one deployment', CAPACITY_TEXTS.units, unitText(order, largest), planTable(order, largest)],
    CAPACITY_TEXTS.shared,
    ...['## The values of host.json', hostJsonTable()],
    ...['## Figures and where they are from', CAPACITY_TEXTS.figures, figureTable()],
    '',
  ].join('\n\n');
}

function usageTable(order: CountedOrder, deployment: Deployment): string {
  const usage = usageOf(order, deployment);
  const filters = deployment.subscriptions.reduce((all, subscription) => all + subscription.filters, 0);
  const { events, saga, taskHub } = order;
  const rows: [what: string, count: string, of: string][] = [
    ['Activities', number(saga.activities), `in ${taskHub.episodes} episodes of the orchestrator`],
    [
      'Durable actions (scheduler)',
      number(usage.schedulerActions),
      `1 start + 2 × ${saga.activities} activities + ${saga.timers} timers`,
    ],
    [
      'Storage transactions (storage)',
      number(usage.queueOperations + usage.tableOperations),
      `${usage.queueOperations} of queues, ${usage.tableOperations} of tables`,
    ],
    ['Messages sent', number(events.count), `${number(usage.busBytesIn)} bytes of envelopes`],
    [
      'Service Bus credits',
      number(usage.busCredits),
      `${events.count} × (1 + ${filters} filters) + ${events.readByTheApp} read`,
    ],
    ['Request units', number(usage.requestUnits), unitsBySource(order)],
    ['Bytes written to the store', number(usage.storedBytes), 'without indexes'],
    ['Function executions', number(usage.executions), executionsText(order, deployment)],
    [
      'GB-seconds',
      `${gigabyteSeconds(usage)} and more`,
      `busy instances: ${order.busy.hostCpuMs} ms of a core with ${deployment.instanceMemoryMB} MB; how much more is below`,
    ],
  ];
  return markdownTable(['What', 'An order', 'Made of'], rows);
}

function unitsBySource(order: CountedOrder): string {
  const containers = Object.entries(order.store).map(
    ([container, { requestUnits }]) => `${number(requestUnits)} \`${container}\``,
  );
  return [...containers, 'the rest reading the change feed'].join(', ');
}

function executionsText(order: CountedOrder, deployment: Deployment): string {
  return Object.entries(executionsOf(order, deployment))
    .map(([group, count]) => `${count} ${group}`)
    .join(', ');
}

/** When instances are busy: of memory, as much as comes with the cores that it takes. */
const gigabyteSeconds = ({ cpuSeconds }: Usage): string =>
  (cpuSeconds * (LIMITS.memoryPerCoreMB.value / 1_024)).toFixed(3);

function ceilingTable(order: CountedOrder, deployment: Deployment): string {
  return markdownTable(
    ['Limit', 'Orders a second', 'What moves it'],
    ceilingsOf(order, deployment).map(({ limit, ordersPerSecond, parameter }) => [
      limit,
      number(ordersPerSecond),
      parameter,
    ]),
  );
}

const BACKENDS: readonly DurableBackend[] = ['storage', 'schedulerConsumption', 'schedulerDedicated'];

interface Choice {
  readonly names: readonly [backend: string, bus: string, store: string];
  readonly deployment: Deployment;
}

const BACKEND_NAMES: Readonly<Record<DurableBackend, string>> = {
  storage: 'storage',
  schedulerConsumption: 'scheduler, Consumption',
  schedulerDedicated: 'scheduler, Dedicated',
};

function choices(deployment: Deployment): Choice[] {
  return BACKENDS.flatMap((durableBackend) =>
    (['Standard', 'Premium'] as const).flatMap((serviceBusSku) =>
      (['serverless', 'autoscale'] as const).map((cosmosCapacity) => ({
        names: [BACKEND_NAMES[durableBackend], serviceBusSku, cosmosCapacity] as const,
        deployment: { ...deployment, durableBackend, serviceBusSku, cosmosCapacity },
      })),
    ),
  );
}

function firstCeiling(order: CountedOrder, deployment: Deployment): Ceiling {
  const [first] = ceilingsOf(order, deployment);
  if (first === undefined) throw new Error('a deployment has no limits');
  return first;
}

function choicesTable(order: CountedOrder, deployment: Deployment): string {
  const rows = choices(deployment).map(({ names, deployment: chosen }) => {
    const { limit, ordersPerSecond, parameter } = firstCeiling(order, chosen);
    return [...names, number(ordersPerSecond), limit, parameter];
  });
  return markdownTable(['Backend', 'Bus', 'Store', 'Orders a second', 'First limit', 'What moves it'], rows);
}

function costTable(order: CountedOrder, deployment: Deployment): string {
  const rows = choices(deployment).map(({ names, deployment: chosen }) => {
    const cost = costOfAMonth(MILLION, order, chosen);
    return [...names, ...partsOf(cost), totalText(cost)];
  });
  return markdownTable(
    ['Backend', 'Bus', 'Store', 'Functions', 'Task hub', 'Bus', 'Store', 'Logs', 'Together, USD'],
    rows,
  );
}

const partsOf = ({ functions, durable, serviceBus, cosmos, logs }: Cost): string[] =>
  [functions, durable, serviceBus, cosmos, logs].map((part) => (part === undefined ? '?' : dollars(part)));

const totalText = (cost: Cost): string =>
  `${dollars(totalOf(cost))}${cost.durable === undefined ? ' + scheduler' : ''}`;

function unitText(order: CountedOrder, largest: Deployment): string {
  const { limit, ordersPerSecond } = firstCeiling(order, largest);
  const perUnit = ordersPerSecond * FILL;
  return (
    `One deployment made as large as it gets (${largest.schedulerCapacity} capacity units of the scheduler, ` +
    `${largest.serviceBusMessagingUnits} messaging units, ${number(largest.cosmosMaxThroughput)} request units a second, ` +
    `${largest.maximumInstanceCount} instances) stops at ${number(ordersPerSecond)} orders a second, by the ${limit}. ` +
    `Filled to ${FILL * 100} %, that leaves room for bursts: ${number(perUnit)} orders a second a unit.`
  );
}

function planTable(order: CountedOrder, largest: Deployment): string {
  const { ordersPerSecond } = firstCeiling(order, largest);
  const usage = usageOf(order, largest);
  const rows = GOALS.map((goal) => {
    const units = unitsFor(goal, ordersPerSecond, FILL);
    return [
      number(goal),
      `${number(goal)} ÷ (${number(ordersPerSecond)} × ${FILL}) → ${units}`,
      number(goal / units),
      number((goal / units) * usage.schedulerActions),
      number((goal / units) * usage.requestUnits),
      number(Math.ceil((goal / units) * usage.cpuSeconds)),
      number(Math.ceil(goal * usage.cpuSeconds)),
      number(units * totalOf(costOfAMonth((goal / units) * SECONDS_OF_A_MONTH, order, largest))),
    ];
  });
  return markdownTable(
    [
      'Orders a second',
      'Units',
      'Orders a second each',
      'Durable actions each',
      'Request units a second each',
      'Busy cores each',
      'Busy cores in all',
      'USD a month at that rate, without the scheduler',
    ],
    rows,
  );
}

function hostJsonTable(): string {
  return markdownTable(
    ['Value', 'Why'],
    Object.entries(HOST_JSON_VALUES).map(([where, why]) => [`\`${where}\``, why]),
  );
}

function figureTable(): string {
  const row = ({ value, what, source }: Figure): string[] => [what, String(value), `<${source}>`];
  return markdownTable(
    ['What', 'Figure', 'Where'],
    [
      ...Object.values(LIMITS).map(row),
      ...Object.values(PRICES).map(row),
      ...PRICES_NOT_FOUND.map(({ what, source }) => [what, 'not found', `<${source}>`]),
    ],
  );
}

const number = (value: number): string =>
  value >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString('en-US') : value.toFixed(1);

const dollars = (value: number): string => (value < 10 ? value.toFixed(2) : number(Math.round(value)));
