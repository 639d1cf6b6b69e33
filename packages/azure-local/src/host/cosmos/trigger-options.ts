// Parser of a Cosmos DB trigger's options, by the names of extension version 4, with the platform's defaults.
import { HostStartError, notSimulated } from '../errors';
import type { HostedFunction } from '../hosted-function';
import type { Environment } from '../settings';
import { DEFAULT_CONNECTION, readAccount, type CosmosAccount } from './account';

export interface ContainerAddress extends CosmosAccount {
  readonly database: string;
  readonly container: string;
}

export interface CosmosTriggerOptions {
  readonly monitored: ContainerAddress;
  readonly leases: ContainerAddress;
  readonly createLeases: boolean;
  /** Request units of a lease container that is created; undefined leaves them to the service. */
  readonly leasesThroughput: number | undefined;
  readonly leasePrefix: string;
  /** Where a function without leases begins: at a time (0 is the beginning), or with what changes from now on. */
  readonly startFrom: number | 'now';
  readonly itemsAtMost: number;
  readonly feedPollDelayMs: number;
  readonly leaseTimes: LeaseTimes;
}

/** How several hosts share the ranges of a feed. */
export interface LeaseTimes {
  /** How often a host looks for leases to take. */
  readonly acquireMs: number;
  /** How often it says that it still reads. */
  readonly renewMs: number;
  /** A lease that was not renewed for so long is taken. */
  readonly expirationMs: number;
}

const DEFAULT_LEASES = 'leases';
const DEFAULT_POLL_DELAY_MS = 5_000;
const DEFAULT_ITEMS = 100;
const DEFAULT_LEASE_TIMES: LeaseTimes = { acquireMs: 13_000, renewMs: 17_000, expirationMs: 60_000 };

/** @throws HostStartError naming function, option and remedy. */
export function readTriggerOptions(fn: HostedFunction, environment: Environment): CosmosTriggerOptions {
  const { name, trigger } = fn;
  if (trigger['collectionName'] !== undefined || trigger['connectionStringSetting'] !== undefined)
    throw notSimulated('A Cosmos DB trigger with the option names of extension version 3', name);
  const text = (option: string, fallback?: string): string => {
    const value = trigger[option] ?? fallback;
    if (typeof value === 'string' && value !== '') return value;
    throw wrongOption(name, option, value, 'a name');
  };
  const positive = (option: string): number | undefined => positiveNumber(fn, option);
  const connection = text('connection', DEFAULT_CONNECTION);
  const account = (setting: string): CosmosAccount =>
    readAccount(setting, environment, { what: 'trigger', functionName: name });
  const database = text('databaseName');
  const leases = {
    ...account(text('leaseConnection', connection)),
    database: text('leaseDatabaseName', database),
    container: text('leaseContainerName', DEFAULT_LEASES),
  };
  const monitored = {
    ...account(connection),
    database,
    container: text('containerName'),
  };
  if (isSame(monitored, leases))
    throw wrongOption(
      name,
      'leaseContainerName',
      leases.container,
      'another container than the monitored one',
    );
  return {
    monitored,
    leases,
    createLeases: isTrue(trigger['createLeaseContainerIfNotExists']),
    leasesThroughput: positive('leasesContainerThroughput'),
    leasePrefix: typeof trigger['leaseContainerPrefix'] === 'string' ? trigger['leaseContainerPrefix'] : '',
    startFrom: startFrom(fn),
    itemsAtMost: positive('maxItemsPerInvocation') ?? DEFAULT_ITEMS,
    feedPollDelayMs: positive('feedPollDelay') ?? DEFAULT_POLL_DELAY_MS,
    leaseTimes: {
      acquireMs: positive('leaseAcquireInterval') ?? DEFAULT_LEASE_TIMES.acquireMs,
      renewMs: positive('leaseRenewInterval') ?? DEFAULT_LEASE_TIMES.renewMs,
      expirationMs: positive('leaseExpirationInterval') ?? DEFAULT_LEASE_TIMES.expirationMs,
    },
  };
}

function isSame(one: ContainerAddress, other: ContainerAddress): boolean {
  return (
    one.connectionString === other.connectionString &&
    one.database === other.database &&
    one.container === other.container
  );
}

/** A setting behind `%NAME%` is text, also where the option is a truth value or a number. */
function isTrue(value: unknown): boolean {
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true');
}

/** 0 is the platform's "not given". */
function positiveNumber({ name, trigger }: HostedFunction, option: string): number | undefined {
  const value = trigger[option];
  const number = value === undefined || value === null ? 0 : Number(value);
  if (!Number.isInteger(number) || number < 0)
    throw wrongOption(name, option, value, 'a whole number above 0');
  return number === 0 ? undefined : number;
}

function startFrom({ name, trigger }: HostedFunction): CosmosTriggerOptions['startFrom'] {
  const { startFromBeginning, startFromTime } = trigger;
  const isFromBeginning = isTrue(startFromBeginning);
  if (typeof startFromTime !== 'string' || startFromTime === '') return isFromBeginning ? 0 : 'now';
  if (isFromBeginning)
    throw wrongOption(name, 'startFromTime', startFromTime, 'nothing where startFromBeginning is true');
  const ms = Date.parse(startFromTime);
  if (Number.isNaN(ms))
    throw wrongOption(name, 'startFromTime', startFromTime, 'a time as 2026-02-16T14:19:29Z');
  return ms;
}

function wrongOption(functionName: string, option: string, found: unknown, expected: string): HostStartError {
  return new HostStartError(
    `The Cosmos DB trigger of function ${functionName} has ${option}: ${found === undefined ? 'nothing' : JSON.stringify(found)}; ` +
      `it takes ${expected}. Correct it in the registration (app.cosmosDB).`,
  );
}
