// Container with its definition and its documents: finds a document's partition key, computes when it expires, and
// names its resources.
import { CosmosError, notSimulated } from './protocol/errors';
import type { DocumentTable } from './document-table';
import { containerRid, databaseRid, documentEtag, documentRid, ridText } from './identifiers';
import { isObject, own, type Json, type JsonObject } from './protocol/json';
import { parsePartitionKeyPath } from './partition-key';

export interface ContainerIdentity {
  readonly database: number;
  readonly databaseId: string;
  readonly container: number;
}

/** What may stand in the definition of a container; anything else is refused by name. */
const DEFINITION = new Set([
  'id',
  'partitionKey',
  'defaultTtl',
  'indexingPolicy',
  'uniqueKeyPolicy',
  'conflictResolutionPolicy',
  'geospatialConfig',
]);

const INDEXING_POLICY: Json = {
  indexingMode: 'consistent',
  automatic: true,
  includedPaths: [{ path: '/*' }],
  excludedPaths: [{ path: '/"_etag"/?' }],
};

/** Checks a definition as it arrives and gives what is kept of it. */
export function parseContainerDefinition(body: JsonObject): JsonObject {
  const { partitionKey, defaultTtl } = body;
  for (const [property, value] of Object.entries(body))
    if (!DEFINITION.has(property) && !property.startsWith('_') && value !== null)
      throw notSimulated(`the container property '${property}'`, 'Leave it out.');
  if (!isObject(partitionKey) || !Array.isArray(partitionKey.paths) || partitionKey.paths.length === 0)
    throw notSimulated('containers without a partition key', 'Give partitionKey: { paths: ["/…"] }.');
  for (const path of partitionKey.paths) parsePartitionKeyPath(path);
  const unique = isObject(body.uniqueKeyPolicy) ? body.uniqueKeyPolicy.uniqueKeys : undefined;
  if (Array.isArray(unique) && unique.length > 0)
    throw notSimulated('unique key policies', 'Make the key the id of the document.');
  if (defaultTtl !== undefined) checkTtl(defaultTtl);
  return {
    indexingPolicy: INDEXING_POLICY,
    ...Object.fromEntries(Object.entries(body).filter(([property]) => DEFINITION.has(property))),
    partitionKey: {
      kind: partitionKey.paths.length > 1 ? 'MultiHash' : 'Hash',
      version: 2,
      ...partitionKey,
    },
  };
}

function checkTtl(ttl: Json): asserts ttl is number {
  if (typeof ttl !== 'number' || !Number.isInteger(ttl) || ttl < -1 || ttl === 0)
    throw new CosmosError(
      400,
      `The input ttl '${JSON.stringify(ttl)}' is invalid: it is -1 (never) or a positive number of seconds.`,
    );
}

export class Container {
  readonly rid: string;
  readonly self: string;
  /** `dbs/…/colls/…`, as the header `x-ms-alt-content-path` carries it. */
  readonly path: string;
  readonly partitionKeyPaths: readonly (readonly string[])[];
  private readonly ridBytes: Buffer;
  private readonly defaultTtl: number | undefined;

  constructor(
    readonly identity: ContainerIdentity,
    readonly id: string,
    /** The resource as it is answered. */
    readonly resource: JsonObject,
    readonly documents: DocumentTable,
  ) {
    this.ridBytes = containerRid(identity.database, identity.container);
    this.rid = ridText(this.ridBytes);
    this.self = `dbs/${ridText(databaseRid(identity.database))}/colls/${this.rid}/`;
    this.path = encodeURI(`dbs/${identity.databaseId}/colls/${id}`);
    const { partitionKey, defaultTtl } = resource as {
      partitionKey: { paths: string[] };
      defaultTtl?: number;
    };
    this.partitionKeyPaths = partitionKey.paths.map(parsePartitionKeyPath);
    this.defaultTtl = defaultTtl;
  }

  /** Whether its documents may expire. */
  get expires(): boolean {
    return this.defaultTtl !== undefined;
  }

  /** When a document written now is gone, in seconds since the epoch; null when it stays. */
  expiryOf(document: JsonObject, seconds: number): number | null {
    if (this.defaultTtl === undefined) return null;
    const ttl = own(document, 'ttl') ?? this.defaultTtl;
    checkTtl(ttl);
    return ttl === -1 ? null : seconds + ttl;
  }

  etagOf(lsn: number): string {
    return documentEtag(this.identity.container, lsn);
  }

  /** Sets the system properties of the version written at `lsn` and gives its text. Changes `document`. */
  seal(document: JsonObject, rid: number, lsn: number, seconds: number): string {
    const text = documentRid(this.ridBytes, rid);
    document._rid = text;
    document._self = `${this.self}docs/${text}/`;
    document._etag = this.etagOf(lsn);
    document._attachments = 'attachments/';
    document._ts = seconds;
    // A document read from the change feed and written back carries the feed's property.
    delete document._lsn;
    return JSON.stringify(document);
  }
}
