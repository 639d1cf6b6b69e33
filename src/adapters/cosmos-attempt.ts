// One request of a store whose refusals say something about the data, told apart from a store that is away.
import {
  CosmosDiagnostics,
  type Container,
  type OperationInput,
  type OperationResponse,
} from '@azure/cosmos';
import { TerminalError, TransientError } from '../errors';
import { isAway, QUIET, storeOperation, type Connect } from './cosmos-client';

/** Either what the store answered, or the status it refused with. */
export type Attempt<T> =
  { readonly refused: undefined; readonly answer: T } | { readonly refused: number; readonly answer?: never };

/** Runs `work`; a refusal with one of the statuses in `expected` is a value, everything else is thrown. */
export async function attempt<T>(
  connect: Connect,
  work: (container: Container) => Promise<T>,
  ...expected: readonly number[]
): Promise<Attempt<T>> {
  const container = await storeOperation(connect);
  return storeOperation(async () => {
    try {
      return { refused: undefined, answer: await work(container) };
    } catch (error) {
      const status = statusOf(error);
      if (!expected.includes(status)) throw error;
      return { refused: status };
    }
  });
}

/** The SDK gives a status as number or as text; NaN for what has none. */
function statusOf(error: unknown): number {
  return typeof error === 'object' && error !== null && 'code' in error ? Number(error.code) : NaN;
}

/** The statuses of a request that is refused whatever is waited for: malformed, forbidden, too large. */
const LASTING: readonly number[] = [400, 403, 413];

/** Sends one batch. One that is refused as a whole is a TerminalError: the SDK throws it without its status. */
export async function sendBatch(
  connect: Connect,
  what: string,
  operations: OperationInput[],
  partitionKey: string,
): Promise<readonly OperationResponse[]> {
  const container = await storeOperation(connect);
  return storeOperation(async () => {
    try {
      return (await container.items.batch(operations, partitionKey, QUIET)).result ?? [];
    } catch (error) {
      const status = lastStatusOf(error);
      if (status !== undefined && LASTING.includes(status)) throw batchError(what, [status]);
      throw error;
    }
  });
}

/** The status that the last request was answered with, of those that the SDK has made for what it throws. */
function lastStatusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('diagnostics' in error)) return undefined;
  const { diagnostics } = error;
  if (!(diagnostics instanceof CosmosDiagnostics)) return undefined;
  return diagnostics.clientSideRequestStatistics.gatewayStatistics.at(-1)?.statusCode;
}

/** What a batch that was not done is thrown as, by the statuses of its operations: the SDK itself does not throw. */
export function batchError(what: string, statuses: readonly number[]): Error {
  const told = statuses.join(', ');
  return statuses.some(isAway)
    ? new TransientError('STORE_UNAVAILABLE', `${what}: the store is busy (${told})`, { outage: true })
    : new TerminalError('STORE_REFUSED', `${what}: the store refused a batch (${told})`);
}
