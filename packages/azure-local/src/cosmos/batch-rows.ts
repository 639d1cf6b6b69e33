// Codec of a transactional batch as HybridRow records: the .NET client writes its operations and reads their results
// so. The JavaScript client uses JSON for both (batch.ts); what a batch does is the same.
import { notSimulated } from './protocol/errors';
import { readRecords, writeRecords, type Row, type RowLayout, type RowValue } from './hybrid-row';
import { parseJson, type Json } from './protocol/json';
import type { BatchResult } from './batch';

/** Its field names are those of the JSON form. */
const OPERATION: RowLayout = {
  schemaId: 2_145_473_648,
  fixed: ['operationType', 'resourceType'],
  variable: [
    ['partitionKey', 'utf8'],
    ['effectivePartitionKey', 'binary'],
    ['id', 'utf8'],
    ['binaryId', 'binary'],
    ['resourceBody', 'binary'],
  ],
  sparse: [
    ['indexingDirective', 'utf8'],
    ['ifMatch', 'utf8'],
    ['ifNoneMatch', 'utf8'],
    ['timeToLiveInSeconds', 'int32'],
    ['minimalReturnPreference', 'bool'],
  ],
};

const RESULT: RowLayout = {
  schemaId: 2_145_473_649,
  fixed: ['statusCode', 'subStatusCode'],
  variable: [
    ['eTag', 'utf8'],
    ['resourceBody', 'binary'],
  ],
  sparse: [
    ['retryAfterMilliseconds', 'uint32'],
    ['requestCharge', 'float64'],
  ],
};

const OPERATION_TYPES: Readonly<Record<string, string>> = {
  0: 'Create',
  1: 'Patch',
  2: 'Read',
  4: 'Delete',
  5: 'Replace',
  20: 'Upsert',
};

const UNSUPPORTED = ['effectivePartitionKey', 'binaryId', 'indexingDirective', 'timeToLiveInSeconds'];

/** The operations in the form that the JavaScript client sends. @throws CosmosError (400, or 501 by name) */
export const readOperationRows = (bytes: Buffer): Json =>
  readRecords(bytes, OPERATION).map((row) => operationOf(row));

function operationOf(row: Row): Json {
  for (const name of UNSUPPORTED)
    if (row.has(name)) throw notSimulated(`'${name}' of an operation in a batch`, 'Leave it out.');
  const number = Number(row.get('operationType'));
  const body = row.get('resourceBody');
  return {
    operationType: OPERATION_TYPES[number] ?? String(number),
    ...textsOf(row, ['id', 'partitionKey', 'ifMatch', 'ifNoneMatch']),
    ...(row.get('minimalReturnPreference') === true && { minimalReturnPreference: true }),
    ...(Buffer.isBuffer(body) && { resourceBody: parseJson(body.toString()) }),
  };
}

const textsOf = (row: Row, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = row.get(name);
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );

export const writeResultRows = (results: readonly BatchResult[]): Buffer =>
  writeRecords(results.map(rowOf), RESULT);

function rowOf({ statusCode, subStatusCode = 0, eTag, requestCharge, body }: BatchResult): Row {
  const row = new Map<string, RowValue>([
    ['statusCode', statusCode],
    ['subStatusCode', subStatusCode],
    ['requestCharge', requestCharge],
  ]);
  if (eTag !== undefined) row.set('eTag', eTag);
  if (body !== undefined) row.set('resourceBody', Buffer.from(body));
  return row;
}
