// Parser of the app's settings, as config.ts lists them: all of them, or everything that is wrong.
import { SETTINGS, type Config } from './config';
import type { Setting } from './setting-kinds';
import { validate } from './validation';

/** Says everything that is wrong with the settings, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly string[]) {
    super(`The app cannot start with these settings:\n${problems.map((line) => `  - ${line}`).join('\n')}`);
  }
}

/** Reads the settings of `environment`; throws a ConfigError that names every setting that is missing or wrong. */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const valueOf = (name: string): string | undefined =>
    environment[name] ?? environment[name.replaceAll(':', '__')];
  const { name: nameOfName, defaultText: usualName } = SETTINGS.serviceBusConnectionName;
  const busName = valueOf(nameOfName)?.trim() || usualName;
  const entries = Object.entries<Setting<unknown>>(SETTINGS).map(([key, { name: usual, schema }]) => {
    const name = usual.startsWith(usualName) ? busName + usual.slice(usualName.length) : usual;
    const value = valueOf(name);
    const parsed = validate(schema, value === '' ? undefined : value);
    if (parsed.kind === 'valid') return [key, parsed.value] as const;
    const given = value === undefined || value === '' ? '' : ` is ${JSON.stringify(value)} and`;
    problems.push(`${name}${given} ${parsed.errors.map(({ message }) => message).join('; ')}`);
    return [key, undefined] as const;
  });
  const config = Object.fromEntries(entries) as unknown as Config;
  if (config.cosmosConnectionString === '' && config.cosmosEndpoint === '') {
    problems.push(
      'OrderProcessing:CosmosConnectionString and CosmosConnection:accountEndpoint are both empty: set the first to a connection string, or the second to the account endpoint for managed identity',
    );
  }
  if (config.serviceBusConnectionString === '' && config.serviceBusNamespace === '') {
    problems.push(
      `${busName} and ${busName}:fullyQualifiedNamespace are both empty: set the first to a connection string, or the second to the namespace for managed identity`,
    );
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config);
}
