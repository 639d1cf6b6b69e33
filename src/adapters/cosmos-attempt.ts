// One request of a store whose refusals say something about the data, told apart from a store that is away.
import type { Container } from '@azure/cosmos';
import { TerminalError, TransientError } from '../errors';
import { isAway, storeOperation, type Connect } from './cosmos-client';

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

/** What a batch that was not done is thrown as, by the statuses of its operations: the SDK itself does not throw. */
export function batchError(what: string, statuses: readonly number[]): Error {
  const told = statuses.join(', ');
  return statuses.some(isAway)
    ? new TransientError('STORE_UNAVAILABLE', `${what}: the store is busy (${told})`, { outage: true })
    : new TerminalError('STORE_REFUSED', `${what}: the store refused a batch (${told})`);
}
