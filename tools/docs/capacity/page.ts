// Generator of docs/capacity.md: what an order uses, how many a second there can be, what they cost, and the plan for
// more, from the counted order, the parameters of a deployment and Azure's published figures; capacity/model.ts does
// the sums.
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
import { DEPLOYED_HOST_VALUES, HOST_JSON_VALUES } from './host-json-values';
import { idleCosts, idleTotal } from './idle';
import {
  ceilingsOf,
  costOfAMonth,
  CREDITS_BY_QUEUE,
  executionsOf,
  SECONDS_OF_A_MONTH,
  totalOf,
  usageOf,
  type Ceiling,
  type Cost,
  type Usage,
} from './model';
import { unitsFor } from './scale-units';
import { subscriptionsIn } from './subscriptions';
import { CAPACITY_TEXTS } from './texts';

/** Share of a ceiling that is used: what is above is for bursts, and for an instance that dies. */
const FILL = 0.7;
const MILLION = 1_000_000;
const GOALS = [100, 1_000, 10_000];

/** The page as Markdown. */
export function capacityPage(root: string): string {
  const order = countedOrder(root);
  const deployment = DEFAULT_DEPLOYMENT;
  const largest = LARGEST_DEPLOYMENT;
  return [
    ...['# Capacity and cost', CAPACITY_TEXTS.head],
    ...['## What an order uses', CAPACITY_TEXTS.usage, usageTable(order, deployment)],
    ...['## How many a second', CAPACITY_TEXTS.ceilings, ceilingTable(order, deployment)],
    ...['By choice of backend, bus and store:', choicesTable(order, deployment)],
    ...[CAPACITY_TEXTS.subscriptions, subscriptionsTable(order, deployment, subscriptionsIn(root))],
    ...['## What a million orders cost', CAPACITY_TEXTS.cost, costTable(order, deployment)],
    ...['## What it costs while no order comes', CAPACITY_TEXTS.idle, idleTable(deployment)],
    ...['## Past one deployment', CAPACITY_TEXTS.units, unitText(order, largest), planTable(order, largest)],
    CAPACITY_TEXTS.shared,
    ...['## The values of host.json', hostJsonTable()],
    ...[CAPACITY_TEXTS.deployedHost, deployedHostTable()],
    ...['## Figures and where they are from', CAPACITY_TEXTS.figures, figureTable()],
    '',
  ].join('\n\n');
}

function usageTable(order: CountedOrder, deployment: Deployment): string {
  const usage = usageOf(order, deployment);
  const { events, saga, taskHub } = order;
  const { types, toldToCustomers } = events;
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
    [
      'Messages sent',
      number(types.length + toldToCustomers),
      `${types.length} events to the topic, ${toldToCustomers} to the queue of notifications; ${number(usage.busBytesIn)} bytes`,
    ],
    [
      'Service Bus credits',
      number(usage.busCredits),
      `${types.length} events and, sent and received, ${toldToCustomers} notification`,
    ],
    [
      'Service Bus credits, by the queue',
      number(usage.busCredits + CREDITS_BY_QUEUE),
      `${CREDITS_BY_QUEUE} more for the message that brings the order`,
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
    `${largest.serviceBusMessagingUnits} messaging units, ${number(largest.cosmosMaxThroughput)} request units a second for orders and ` +
    `${number(largest.cosmosSharedMaxThroughput)} for the rest, ` +
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

/** The bus alone: what a subscription of the topic costs, read by whoever had it made. */
function subscriptionsTable(
  order: CountedOrder,
  deployment: Deployment,
  all: readonly Subscription[],
): string {
  const rows: [which: string, subscriptions: readonly Subscription[]][] = [
    ['none, as `azd up` makes it', []],
    ['one with the events of one type', all.filter(({ eventType }) => eventType !== undefined).slice(0, 1)],
    ['one with every event', all.filter(({ eventType }) => eventType === undefined)],
    [`all ${all.length} that the local platform has`, all],
  ];
  return markdownTable(
    ['Subscriptions of the topic', 'Credits an order', 'Orders a second, Standard'],
    rows.map(([which, subscriptions]) => {
      const { busCredits } = usageOf(order, { ...deployment, subscriptions });
      return [which, number(busCredits), number(LIMITS.busCredits.value / busCredits)];
    }),
  );
}

function idleTable(deployment: Deployment): string {
  return markdownTable(
    ['What', 'Sum', 'USD a month'],
    [
      ...idleCosts(deployment).map(({ what, sum, usd }) => [what, sum, usd.toFixed(2)]),
      ['Key Vault, Event Grid, storage, what the timers read', 'by request, nearly none', '< 1'],
      ['**Together**', '', idleTotal(deployment).toFixed(2)],
    ],
  );
}

function deployedHostTable(): string {
  return markdownTable(
    ['Backend', 'Value', 'Why'],
    Object.entries(DEPLOYED_HOST_VALUES).flatMap(([backend, values]) =>
      Object.entries(values).map(([where, why]) => [`\`${backend}\``, `\`${where}\``, why]),
    ),
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
