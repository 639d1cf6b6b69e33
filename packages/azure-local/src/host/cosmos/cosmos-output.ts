// Output binding `cosmosDB`: writes the documents that functions put into it. The SDK is loaded with the first one.
import type { Container, CosmosClient } from '@azure/cosmos';
import type { Binding } from '../core-types';
import { HostStartError, notSimulated } from '../errors';
import type { OutputKind } from '../output-kind';
import { toObjects, type OutputObject } from '../output-objects';
import type { Environment } from '../settings';
import { DEFAULT_CONNECTION, readAccount } from './account';

interface CosmosOutput {
  readonly connectionString: string;
  readonly database: string;
  readonly container: string;
  /** Undefined: the container must be there. */
  readonly create: { readonly partitionKey: string; readonly throughput: number | undefined } | undefined;
}

/** Writes at a time for one value. */
const SIDE_BY_SIDE = 16;

/**
 * The kind of `output.cosmosDB`: each document is inserted, or replaces the one of its id and partition key. A document
 * that is not taken fails the invocation; those before it stay written, as on the platform.
 */
export function cosmosOutput({ environment }: { readonly environment: Environment }): OutputKind {
  const clients = new Map<string, Promise<CosmosClient>>();
  return {
    type: 'cosmosDB',
    bind(functionName, binding) {
      const output = readOutput(functionName, binding, environment);
      let opened: Promise<Container> | undefined;
      return async (data) => {
        const documents = toObjects(data, 'document');
        opened ??= open(output, clients).catch((error: unknown) => {
          opened = undefined;
          throw error;
        });
        await upsert(await opened, documents);
      };
    },
    async close() {
      for (const client of clients.values()) (await client).dispose();
      clients.clear();
    },
  };
}

/** @throws HostStartError naming function, option and remedy. */
function readOutput(functionName: string, binding: Binding, environment: Environment): CosmosOutput {
  if (binding['collectionName'] !== undefined || binding['connectionStringSetting'] !== undefined)
    throw notSimulated('A Cosmos DB output with the option names of extension version 3', functionName);
  const text = (option: string, fallback?: string): string => {
    const value = binding[option] ?? fallback;
    if (typeof value === 'string' && value !== '') return value;
    throw new HostStartError(
      `The Cosmos DB output of function ${functionName} has no ${option}. Add it to output.cosmosDB(…).`,
    );
  };
  const { connectionString } = readAccount(text('connection', DEFAULT_CONNECTION), environment, {
    what: 'output',
    functionName,
  });
  const throughput = Number(binding['containerThroughput'] ?? 0);
  return {
    connectionString,
    database: text('databaseName'),
    container: text('containerName'),
    create: /^true$/i.test(String(binding['createIfNotExists']))
      ? { partitionKey: text('partitionKey'), throughput: throughput > 0 ? throughput : undefined }
      : undefined,
  };
}

async function open(
  { connectionString, database, container, create }: CosmosOutput,
  clients: Map<string, Promise<CosmosClient>>,
): Promise<Container> {
  let connecting = clients.get(connectionString);
  if (connecting === undefined) {
    connecting = import('@azure/cosmos').then((sdk) => new sdk.CosmosClient(connectionString));
    clients.set(connectionString, connecting);
  }
  const client = await connecting;
  if (create === undefined) return client.database(database).container(container);
  const made = await client.databases.createIfNotExists({ id: database });
  const { partitionKey, throughput } = create;
  const opened = await made.database.containers.createIfNotExists({
    id: container,
    partitionKey: { paths: [partitionKey] },
    ...(throughput === undefined ? {} : { throughput }),
  });
  return opened.container;
}

async function upsert({ items }: Container, documents: readonly OutputObject[]): Promise<void> {
  for (let from = 0; from < documents.length; from += SIDE_BY_SIDE) {
    const group = documents.slice(from, from + SIDE_BY_SIDE);
    // The platform gives no id to a document that has none: the store refuses it, here as there.
    await Promise.all(
      group.map((document) => items.upsert(document, { disableAutomaticIdGeneration: true })),
    );
  }
}
