// Parser of `extensions.durableTask` in host.json: the settings that the engine obeys.
import { LEAST_VISIBILITY_MS, type StorageProvider } from '../durable/azure/azure-options';
import type { DurableEngineOptions } from '../durable/engine-options';
import type { Versioning } from '../durable/versioning';
import { HostStartError } from './errors';
import { parseTimeSpan } from './time-span';

type Settings = Pick<
  DurableEngineOptions,
  'hubName' | 'maxConcurrentActivities' | 'maxConcurrentOrchestrators' | 'versioning'
> & { readonly provider: StorageProvider };

const MATCH_STRATEGIES = ['None', 'Strict', 'CurrentOrOlder'] as const;
const FAILURE_STRATEGIES = ['Reject', 'Fail'] as const;

/** Throws HostStartError where a strategy is none that the extension has, or a time of the storage provider is too short. */
export function durableSettings(section: Readonly<Record<string, unknown>>): Settings {
  const {
    hubName,
    maxConcurrentActivityFunctions: activities,
    maxConcurrentOrchestratorFunctions: episodes,
  } = section;
  return {
    hubName: typeof hubName === 'string' ? hubName : 'TestHubName',
    ...(typeof activities === 'number' ? { maxConcurrentActivities: activities } : {}),
    ...(typeof episodes === 'number' ? { maxConcurrentOrchestrators: episodes } : {}),
    versioning: versioningOf(section),
    provider: providerOf(section),
  };
}

/** At most so many control queues; the extension's own bound. */
const PARTITIONS_AT_MOST = 16;

/** `storageProvider`, for the storage mode `azure`. */
function providerOf({ storageProvider }: Readonly<Record<string, unknown>>): StorageProvider {
  if (typeof storageProvider !== 'object' || storageProvider === null) return {};
  const given = storageProvider as Readonly<Record<string, unknown>>;
  const { partitionCount } = given;
  const control = timeOf(given, 'controlQueueVisibilityTimeout', LEAST_VISIBILITY_MS);
  const workItem = timeOf(given, 'workItemQueueVisibilityTimeout', LEAST_VISIBILITY_MS);
  const polling = timeOf(given, 'maxQueuePollingInterval', 0);
  if (partitionCount !== undefined && !isPartitionCount(partitionCount))
    throw refused('partitionCount', partitionCount, `a whole number from 1 to ${PARTITIONS_AT_MOST}`);
  return {
    ...(partitionCount === undefined ? {} : { partitionCount }),
    ...(control === undefined ? {} : { controlQueueVisibilityTimeoutMs: control }),
    ...(workItem === undefined ? {} : { workItemQueueVisibilityTimeoutMs: workItem }),
    ...(polling === undefined ? {} : { maxQueuePollingIntervalMs: polling }),
  };
}

const isPartitionCount = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= PARTITIONS_AT_MOST;

/** Recorded: below a minute of visibility the host does not start. */
function timeOf(
  section: Readonly<Record<string, unknown>>,
  setting: string,
  leastMs: number,
): number | undefined {
  const value = section[setting];
  if (value === undefined) return undefined;
  const ms = typeof value === 'string' ? parseTimeSpan(value) : undefined;
  if (ms !== undefined && ms >= leastMs) return ms;
  throw refused(setting, value, `a time such as "00:01:00"${leastMs === 0 ? '' : ', or longer'}`);
}

const refused = (setting: string, value: unknown, use: string): HostStartError =>
  new HostStartError(
    `host.json: extensions.durableTask.storageProvider.${setting} is ${JSON.stringify(value)}. Use ${use}.`,
  );

function versioningOf(section: Readonly<Record<string, unknown>>): Versioning {
  const { defaultVersion, versionMatchStrategy, versionFailureStrategy } = section;
  const matchStrategy = oneOf(
    MATCH_STRATEGIES,
    'versionMatchStrategy',
    versionMatchStrategy,
    'CurrentOrOlder',
  );
  const failureStrategy = oneOf(
    FAILURE_STRATEGIES,
    'versionFailureStrategy',
    versionFailureStrategy,
    'Reject',
  );
  const isNamed = typeof defaultVersion === 'string' && defaultVersion !== '';
  return { defaultVersion: isNamed ? defaultVersion : null, matchStrategy, failureStrategy };
}

/** .NET reads the names of an enumeration without regard to case. */
function oneOf<Name extends string>(
  names: readonly Name[],
  setting: string,
  given: unknown,
  otherwise: Name,
): Name {
  if (given === undefined) return otherwise;
  const found = names.find((name) => name.toLowerCase() === JSON.stringify(given).slice(1, -1).toLowerCase());
  if (found !== undefined) return found;
  throw new HostStartError(
    `host.json: extensions.durableTask.${setting} is ${JSON.stringify(given)}. Use ${names.join(' or ')}.`,
  );
}
