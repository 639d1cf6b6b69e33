// Context of a request for documents: the container it is for, and what its operations need to answer it.
import type { Clock } from '../kit/clock';
import type { Journal } from '../storage/journal';
import type { Container } from './container';
import type { Place } from './documents';
import { CosmosError } from './protocol/errors';
import type { IndexBuilder } from './index-builder';
import type { LaggingReplica } from './lagging-replica';
import { header, type CosmosRequest } from './message';
import { parsePartitionKey } from './partition-key';

export interface DocumentContext {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly indexes: IndexBuilder;
  readonly replica: LaggingReplica;
  readonly container: Container;
  readonly request: CosmosRequest;
}

/** The time as documents carry it. */
export const secondsOf = ({ clock }: DocumentContext): number => Math.floor(clock.now() / 1000);

/** The partition the request names, or a 400: every operation on one document needs it. */
export function placeOf(context: DocumentContext): Place {
  const pk = partitionOf(context);
  if (pk === undefined)
    throw new CosmosError(
      400,
      'The partition key supplied in x-ms-documentdb-partitionkey is missing.',
      1001,
    );
  const { container, replica } = context;
  return { container, replica, pk, seconds: secondsOf(context) };
}

/** The partition the request names, if it does. */
export function partitionOf({ container, request }: DocumentContext): string | undefined {
  const key = header(request.headers, 'x-ms-documentdb-partitionkey');
  return key === undefined ? undefined : parsePartitionKey(key, container.partitionKeyPaths.length);
}
