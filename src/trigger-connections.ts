// Names of connections, as triggers give them to the platform.
import { SETTINGS, type Config } from './config';

/**
 * What triggers give as `connection`: the name of a connection string, or of a group of settings that names an endpoint
 * for managed identity (`<name>__accountEndpoint`, `<name>__fullyQualifiedNamespace`).
 */
export function triggerConnections(config: Config): { readonly cosmos: string; readonly serviceBus: string } {
  return {
    cosmos: config.cosmosConnectionString === '' ? 'CosmosConnection' : SETTINGS.cosmosConnectionString.name,
    serviceBus: config.serviceBusConnectionName,
  };
}
