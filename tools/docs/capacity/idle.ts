// Model of what a deployment costs a month while no order comes: the namespace, the timers, and what polls. Request units
// are by the rules of thumb of the look-alike (packages/azure-local/src/cosmos/charge.ts).
import { PRICES } from './azure-figures';
import type { Deployment } from './deployment';
import { HOURS_OF_A_MONTH } from './model';

export interface IdleCost {
  readonly what: string;
  /** The arithmetic, with units. */
  readonly sum: string;
  readonly usd: number;
}

/** By the schedules that infra/main.bicep has when nothing is chosen. Each run is billed as a whole second. */
const TIMER_RUNS_AN_HOUR = 60 + 12 + 1;

/** The longest wait between two polls of a queue of the task hub, as scripts/deployed-host.mjs sets it. */
const HUB_POLL_SECONDS = 10;
/** The control queues and the one of work items. */
const queuesOf = ({ partitionCount }: Deployment): number => partitionCount + 1;

/** Request units an hour of the two change feeds (docs/many-instances.md has the requests). */
const FEED_UNITS_AN_HOUR = {
  /** The relay reads every second, the read models every half: 1 unit when nothing is new. */
  reads: 10_800 * 1,
  /** Two leases, each renewed 360 times: a document is replaced. */
  renewals: 720 * 10,
  /** Two looks for leases, each 360 times: a query. */
  looks: 720 * 2.5,
};

const text = (value: number): string => Math.round(value).toLocaleString('en-US');

/** US dollars of a month, line by line. */
export function idleCosts(deployment: Deployment): readonly IdleCost[] {
  return [busLine(deployment), timersLine(deployment), ...hubLines(deployment), feedsLine(deployment)];
}

export const idleTotal = (deployment: Deployment): number =>
  idleCosts(deployment).reduce((total, { usd }) => total + usd, 0);

function busLine({ serviceBusSku, serviceBusMessagingUnits }: Deployment): IdleCost {
  const what = `Service Bus ${serviceBusSku}`;
  if (serviceBusSku === 'Standard') {
    const hour = PRICES.busStandardHour.value;
    return { what, sum: `${HOURS_OF_A_MONTH} h × ${hour}`, usd: HOURS_OF_A_MONTH * hour };
  }
  const hour = PRICES.busUnitHour.value;
  return {
    what,
    sum: `${serviceBusMessagingUnits} × ${HOURS_OF_A_MONTH} h × ${hour}`,
    usd: serviceBusMessagingUnits * HOURS_OF_A_MONTH * hour,
  };
}

function timersLine({ instanceMemoryMB }: Deployment): IdleCost {
  const seconds = TIMER_RUNS_AN_HOUR * HOURS_OF_A_MONTH;
  const gigabyteSeconds = seconds * (instanceMemoryMB / 1_024);
  const free = PRICES.freeGigabyteSeconds.value;
  const price = PRICES.gigabyteSecond.value;
  return {
    what: 'Timers, each run a whole second',
    sum: `${text(seconds)} s × ${instanceMemoryMB / 1_024} GB = ${text(gigabyteSeconds)} GB-s, ${text(free)} of them free, at ${price}`,
    usd: Math.max(0, gigabyteSeconds - free) * price,
  };
}

function hubLines(deployment: Deployment): IdleCost[] {
  if (deployment.durableBackend !== 'storage') return [];
  const polls = (queuesOf(deployment) * HOURS_OF_A_MONTH * 3_600) / HUB_POLL_SECONDS;
  const price = PRICES.queueOperations10k.value;
  return [
    {
      what: 'Polls of the task hub',
      sum: `${queuesOf(deployment)} queues, every ${HUB_POLL_SECONDS} s: ${text(polls)} at ${price} for 10,000`,
      usd: (polls / 10_000) * price,
    },
  ];
}

function feedsLine({ cosmosCapacity, cosmosMaxThroughput, cosmosSharedMaxThroughput }: Deployment): IdleCost {
  if (cosmosCapacity === 'autoscale') {
    const least = (cosmosMaxThroughput + cosmosSharedMaxThroughput) / 10;
    const price = PRICES.autoscale100UnitsHour.value;
    return {
      what: 'Cosmos DB, autoscale',
      sum: `a tenth of the maximum, ${text(least)} units × ${HOURS_OF_A_MONTH} h at ${price} for 100`,
      usd: (least / 100) * HOURS_OF_A_MONTH * price,
    };
  }
  const { reads, renewals, looks } = FEED_UNITS_AN_HOUR;
  const units = (reads + renewals + looks) * HOURS_OF_A_MONTH;
  const price = PRICES.serverlessMillionUnits.value;
  return {
    what: 'Two change feeds and their leases',
    sum: `(${text(reads)} + ${text(renewals)} + ${text(looks)}) units × ${HOURS_OF_A_MONTH} h = ${(units / 1e6).toFixed(1)} million at ${price}`,
    usd: (units / 1e6) * price,
  };
}
