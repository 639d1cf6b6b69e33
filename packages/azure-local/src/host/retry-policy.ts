// Parser of the retry policy of a function (`retry` of a registration), and its delays. retrying.ts applies it.
import { HostStartError } from './errors';

export interface RetryPolicy {
  /** -1: without end. */
  readonly maxRetryCount: number;
  /** The wait before the retry with this number, the first being 1. */
  delayMs(retry: number): number;
}

/**
 * Reads what the SDK registers for `retry`: durations are whole seconds by then.
 * @throws HostStartError naming function and option.
 */
export function parseRetryPolicy(functionName: string, retryOptions: unknown): RetryPolicy {
  const options = retryOptions as Readonly<Record<string, unknown>>;
  const { retryStrategy, maxRetryCount } = options;
  if (typeof maxRetryCount !== 'number' || !Number.isInteger(maxRetryCount) || maxRetryCount < -1)
    throw wrong(functionName, `maxRetryCount ${String(maxRetryCount)}`, 'a whole number, or -1 for no end');
  const intervalMs = (name: string): number => {
    const seconds = (options[name] as { readonly seconds?: unknown } | undefined)?.seconds;
    if (typeof seconds === 'number') return seconds * 1000;
    throw wrong(functionName, `no ${name}`, 'milliseconds or a Duration, which count as whole seconds');
  };
  switch (retryStrategy) {
    case 'fixedDelay': {
      const delayMs = intervalMs('delayInterval');
      return { maxRetryCount, delayMs: () => delayMs };
    }
    case 'exponentialBackoff': {
      const [minMs, maxMs] = [intervalMs('minimumInterval'), intervalMs('maximumInterval')];
      if (minMs > maxMs)
        throw wrong(functionName, 'a minimumInterval over its maximumInterval', 'at most as much');
      return { maxRetryCount, delayMs: (retry) => backoffMs(retry, minMs, maxMs) };
    }
    default:
      throw wrong(functionName, `strategy ${String(retryStrategy)}`, 'fixedDelay or exponentialBackoff');
  }
}

/** More doublings than any interval has room for; without a bound 0 × ∞ would be no number. */
const DOUBLINGS_AT_MOST = 30;

/**
 * The platform's own backoff: first the minimum; each further wait adds the minimum doubled once more, give or take a
 * fifth (`RandomizedExponentialBackoffStrategy` of azure-webjobs-sdk).
 */
function backoffMs(retry: number, minMs: number, maxMs: number): number {
  if (retry === 1) return minMs;
  const spread = 0.8 + Math.random() * 0.4;
  return Math.min(maxMs, minMs + spread * minMs * 2 ** Math.min(retry - 2, DOUBLINGS_AT_MOST));
}

function wrong(functionName: string, found: string, expected: string): HostStartError {
  return new HostStartError(
    `The retry policy of function ${functionName} has ${found}: it takes ${expected}. Correct "retry" in its registration.`,
  );
}
