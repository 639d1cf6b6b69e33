// `extensions.durableTask` of host.json, as far as the engine obeys it.
import type { DurableEngineOptions } from '../durable/engine-options';
import type { Versioning } from '../durable/versioning';
import { HostStartError } from './errors';

type Settings = Pick<
  DurableEngineOptions,
  'hubName' | 'maxConcurrentActivities' | 'maxConcurrentOrchestrators' | 'versioning'
>;

const MATCH_STRATEGIES = ['None', 'Strict', 'CurrentOrOlder'] as const;
const FAILURE_STRATEGIES = ['Reject', 'Fail'] as const;

/** Throws HostStartError where a strategy is none that the extension has. */
export function durableSettings(section: Readonly<Record<string, unknown>>): Settings {
  const {
    hubName,
    maxConcurrentActivityFunctions: activities,
    maxConcurrentOrchestratorFunctions: episodes,
  } = section;
  const versioning = versioningOf(section);
  return {
    hubName: typeof hubName === 'string' ? hubName : 'TestHubName',
    ...(typeof activities === 'number' ? { maxConcurrentActivities: activities } : {}),
    ...(typeof episodes === 'number' ? { maxConcurrentOrchestrators: episodes } : {}),
    ...(versioning === undefined ? {} : { versioning }),
  };
}

function versioningOf(section: Readonly<Record<string, unknown>>): Versioning | undefined {
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
  if (typeof defaultVersion !== 'string' || defaultVersion === '') return undefined;
  return { defaultVersion, matchStrategy, failureStrategy };
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
