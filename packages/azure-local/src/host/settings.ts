// App settings as functions see them: resolves `%NAME%` in bindings, and tells which functions are disabled.
import { HostStartError } from './errors';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The setting `name`; `:` and `__` are the same, as on the platform. */
export function findSetting(environment: Environment, name: string): string | undefined {
  return (
    environment[name] ?? environment[name.replaceAll(':', '__')] ?? environment[name.replaceAll('__', ':')]
  );
}

/**
 * Replaces every `%NAME%` in the text values of a binding, at any depth.
 * @throws HostStartError naming function, option and setting when one is not set.
 */
export function resolveSettings<Value>(value: Value, environment: Environment, functionName: string): Value {
  return resolveValue(value, environment, functionName, '') as Value;
}

/** Whether `AzureWebJobs.<name>.Disabled` says so. */
export function isDisabled(environment: Environment, functionName: string): boolean {
  const value =
    environment[`AzureWebJobs.${functionName}.Disabled`] ??
    environment[`AzureWebJobs__${functionName}__Disabled`];
  return value !== undefined && /^(true|1)$/i.test(value.trim());
}

function resolveValue(
  value: unknown,
  environment: Environment,
  functionName: string,
  option: string,
): unknown {
  if (typeof value === 'string') {
    return value.replace(/%([^%]+)%/g, (_, name: string) => {
      const setting = findSetting(environment, name);
      if (setting !== undefined) return setting;
      throw new HostStartError(
        `"${option}" of function ${functionName} is "${value}", but there is no setting ${name}. ` +
          `Set it in local.settings.json ("Values") or with --set ${name}=<value>.`,
      );
    });
  }
  if (Array.isArray(value)) return value.map((item) => resolveValue(item, environment, functionName, option));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      resolveValue(item, environment, functionName, option === '' ? key : `${option}.${key}`),
    ]),
  );
}
