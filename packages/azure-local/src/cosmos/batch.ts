// Transactional batch: operations on one partition, all or none. Called by document-routes.ts.
//
// cosmos-batch.B1  The whole batch is one `journal.write`; the first operation that is refused takes everything before
//   it along.
import { REFUSED_CHARGE } from './charge';
import {
  createDocument,
  deleteDocument,
  patchDocument,
  readDocument,
  replaceDocument,
  upsertDocument,
  type Outcome,
  type Place,
} from './documents';
import { CosmosError } from './protocol/errors';
import { isObject, parseJson, type Json, type JsonObject } from './protocol/json';

interface BatchOperation {
  readonly operationType: string;
  readonly id: string;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly resourceBody: Json | undefined;
  /** Whether the document that it writes is left out of the answer. */
  readonly minimal: boolean;
}

/** What came of one operation, in the order of the operations. */
export interface BatchResult {
  readonly statusCode: number;
  readonly subStatusCode?: number;
  readonly requestCharge: number;
  readonly eTag?: string;
  readonly message?: string;
  /** The document, as the text it is kept as. */
  readonly body?: string;
}

export interface BatchOutcome {
  readonly status: 200 | 207;
  readonly results: readonly BatchResult[];
  readonly charge: number;
}

/** What ends a batch: the operation at `index` was refused. */
export class BatchRefused extends Error {
  constructor(
    readonly index: number,
    override readonly cause: CosmosError,
  ) {
    super(cause.message);
  }
}

const OPERATIONS_AT_MOST = 100;

/** Reads the request's body; a 400 for what is no batch. With `minimal`, documents that were written are not answered. */
export function parseBatch(body: Json, pk: string, minimal = false): readonly BatchOperation[] {
  if (!Array.isArray(body)) throw new CosmosError(400, 'A batch is an array of operations.');
  if (body.length === 0 || body.length > OPERATIONS_AT_MOST)
    throw new CosmosError(
      400,
      `A batch has 1 to ${OPERATIONS_AT_MOST} operations, this one has ${body.length}.`,
    );
  return body.map((operation) => parseOperation(operation, pk, minimal));
}

function parseOperation(operation: Json, pk: string, minimal: boolean): BatchOperation {
  if (!isObject(operation) || typeof operation.operationType !== 'string')
    throw new CosmosError(400, 'A batch operation is an object with an operationType.');
  const { operationType, id, partitionKey, ifMatch, ifNoneMatch, resourceBody } = operation;
  if (partitionKey !== undefined && canonicalKey(partitionKey) !== pk)
    throw new CosmosError(400, 'All operations of a batch must have the partition key of the batch.');
  return {
    operationType,
    id: typeof id === 'string' ? id : '',
    ifMatch: typeof ifMatch === 'string' ? ifMatch : undefined,
    ifNoneMatch: typeof ifNoneMatch === 'string' ? ifNoneMatch : undefined,
    resourceBody,
    minimal: operationType !== 'Read' && (minimal || operation.minimalReturnPreference === true),
  };
}

/** The SDK sends an operation's key as the JSON text of the tuple. */
const canonicalKey = (key: Json): string => JSON.stringify(typeof key === 'string' ? parseJson(key) : key);

function bodyOf({ operationType, resourceBody }: BatchOperation): JsonObject {
  if (isObject(resourceBody)) return resourceBody;
  throw new CosmosError(400, `A ${operationType} in a batch needs a resourceBody.`);
}

function perform(place: Place, operation: BatchOperation): Outcome {
  const { operationType, id, ifMatch } = operation;
  switch (operationType) {
    case 'Create':
      return createDocument(place, bodyOf(operation));
    case 'Upsert':
      return upsertDocument(place, bodyOf(operation), ifMatch);
    case 'Read':
      return readDocument(
        place,
        id,
        operation.ifNoneMatch === undefined ? {} : { ifNoneMatch: operation.ifNoneMatch },
      );
    case 'Replace':
      return replaceDocument(place, id, bodyOf(operation), ifMatch);
    case 'Delete':
      return deleteDocument(place, id, ifMatch);
    case 'Patch':
      return patchDocument(place, id, operation.resourceBody, ifMatch);
    default:
      throw new CosmosError(400, `A batch has no operation of the type '${operationType}'.`);
  }
}

/**
 * Performs all operations, inside one `journal.write`. Throws `BatchRefused` (and so keeps nothing) at the first
 * operation that is refused.
 */
export function performBatch(place: Place, operations: readonly BatchOperation[]): BatchOutcome {
  let charge = 0;
  const results = operations.map((operation, index) => {
    try {
      const outcome = perform(place, operation);
      charge += outcome.charge;
      return resultOf(outcome, operation.minimal);
    } catch (error) {
      if (error instanceof CosmosError) throw new BatchRefused(index, error);
      throw error;
    }
  });
  return { status: 200, results, charge };
}

const resultOf = ({ status, charge, etag, body }: Outcome, minimal: boolean): BatchResult => ({
  statusCode: status,
  requestCharge: charge,
  ...(etag !== undefined && { eTag: etag }),
  ...(body !== undefined && !minimal && { body }),
});

/** The answer to a refused batch: its own status for the one that was refused, 424 for all others. */
export function refusedBatch(
  operations: readonly BatchOperation[],
  { index, cause }: BatchRefused,
): BatchOutcome {
  const results = operations.map((_, at) =>
    at === index
      ? {
          statusCode: cause.status,
          ...(cause.substatus !== undefined && { subStatusCode: cause.substatus }),
          requestCharge: REFUSED_CHARGE,
          message: cause.message,
        }
      : { statusCode: 424, requestCharge: 0 },
  );
  return { status: 207, results, charge: REFUSED_CHARGE };
}

/** The results as JSON text. A document is put in as the text it is, not parsed and written out again. */
export const resultsText = (results: readonly BatchResult[]): string => `[${results.map(resultText).join()}]`;

function resultText({ body, ...result }: BatchResult): string {
  const text = JSON.stringify(result);
  return body === undefined ? text : `${text.slice(0, -1)},"resourceBody":${body}}`;
}
