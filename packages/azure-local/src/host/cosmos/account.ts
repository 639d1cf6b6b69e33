// Look-up of the Cosmos DB account behind the `connection` of a binding, in the app settings.
import { HostStartError, notSimulated } from '../errors';
import { findSetting, type Environment } from '../settings';

export interface CosmosAccount {
  readonly connectionString: string;
  readonly hostname: string;
}

/** The setting of a binding that names none. */
export const DEFAULT_CONNECTION = 'CosmosDB';

/** @throws HostStartError naming function, setting and remedy. */
export function readAccount(
  setting: string,
  environment: Environment,
  { what, functionName }: { readonly what: 'trigger' | 'output'; readonly functionName: string },
): CosmosAccount {
  const value = findSetting(environment, setting);
  const endpoint = /AccountEndpoint=([^;]+)/i.exec(value ?? '')?.[1] ?? '';
  if (value !== undefined && URL.canParse(endpoint) && /AccountKey=[^;]/i.test(value))
    return { connectionString: value, hostname: new URL(endpoint).hostname };
  if (value === undefined && findSetting(environment, `${setting}__accountEndpoint`) !== undefined)
    throw notSimulated(`A Cosmos DB connection by identity (${setting}__accountEndpoint)`, functionName);
  throw new HostStartError(
    `The Cosmos DB ${what} of function ${functionName} takes its connection from the setting ${setting}, ` +
      (value === undefined ? 'which is not set. ' : 'which is not a connection string. ') +
      `Set it in local.settings.json ("Values"): AccountEndpoint=http://127.0.0.1:8081/;AccountKey=<key>;`,
  );
}
