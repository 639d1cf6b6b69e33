// Retry policies of functions (`retry` of a registration): which there are, and how a failed invocation is run again.
// They run in the host, in memory: the trigger's source knows nothing of them, and a restart begins to count anew.
//
// R1  An invocation under a policy ends when it succeeds or when its retries are used up, never in between.
// R2  A wait ends at once when its trigger closes; then the invocation has not ended (R1), and `RetriesCutOff` says so.
import type { Clock } from '../clock';
import type { RpcRetryContext } from './core-types';
import { HostStartError } from './errors';
import type { Invoke } from './invocation';
import type { HostLogger } from './log';
import { pause } from './pause';

export interface RetryPolicy {
  /** -1: without end. */
  readonly maxRetryCount: number;
  /** The wait before the retry with this number, the first being 1. */
  delayMs(retry: number): number;
}

/** The trigger closed while an invocation waited for its next retry: its work is not done and must come again. */
export class RetriesCutOff extends Error {
  constructor(cause: unknown) {
    super('The host closed while an invocation waited to be retried.', { cause });
    this.name = 'RetriesCutOff';
  }
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

/** `invoke` by the policy of the function; without one the same as `invoke`. `signal` is the trigger's lifetime (R2). */
export function retrying(
  invoke: Invoke,
  lifetime: { readonly clock: Clock; readonly log: HostLogger; readonly signal: AbortSignal },
): Invoke {
  const { clock, log, signal } = lifetime;
  return async (fn, event, finish) => {
    const { name, retryPolicy: policy } = fn;
    if (policy === undefined) return invoke(fn, event, finish);
    const { maxRetryCount } = policy;
    const category = `Function.${name}`;
    let retryContext: RpcRetryContext = { retryCount: 0, maxRetryCount };
    for (let retry = 1; ; retry += 1) {
      try {
        return await invoke(fn, { ...event, retryContext }, finish);
      } catch (error) {
        if (retryContext.retryCount === maxRetryCount) {
          log.write('error', category, `Function execution failed after '${maxRetryCount}' retries.`);
          throw error;
        }
        const waitMs = policy.delayMs(retry);
        log.write(
          'debug',
          category,
          `Waiting for ${Math.round(waitMs)} ms before retrying function execution. ` +
            `Next attempt: '${retry}'. Max retry count: '${maxRetryCount}'.`,
        );
        if (!(await pause(clock, waitMs, signal))) throw new RetriesCutOff(error);
        retryContext = { retryCount: retry, maxRetryCount, exception: toRpcException(error) };
      }
    }
  };
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

/** As the platform words a worker's exception; it adds .NET's own frames around it. */
function toRpcException(error: unknown): NonNullable<RpcRetryContext['exception']> {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  return {
    source: '',
    stackTrace: stack,
    message: `Result: Failure\nException: ${message}\nStack: ${stack}`,
  };
}

function wrong(functionName: string, found: string, expected: string): HostStartError {
  return new HostStartError(
    `The retry policy of function ${functionName} has ${found}: it takes ${expected}. Correct "retry" in its registration.`,
  );
}
