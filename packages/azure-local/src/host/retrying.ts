// Retry loop of a failed invocation by the retry policy of its function. It runs in the host, in memory: the trigger's
// source does not see it, and after a restart attempts are counted anew.
//
// retrying.R1  An invocation under a policy ends when it succeeds or when its retries are used up, never in between.
// retrying.R2  A wait ends at once when its trigger closes; then the invocation has not ended (retrying.R1), and
//   `RetriesCutOff` says so.
import type { Clock } from '../kit/clock';
import type { RpcRetryContext } from './core-types';
import type { Invoke } from './invocation';
import type { HostLogger } from '../kit/log';
import { pause } from './pause';

/** The trigger closed while an invocation waited for its next retry: its work is not done and must come again. */
export class RetriesCutOff extends Error {
  constructor(cause: unknown) {
    super('The host closed while an invocation waited to be retried.', { cause });
    this.name = 'RetriesCutOff';
  }
}

/**
 * `invoke` by the policy of the function; without one the same as `invoke`. `signal` is the trigger's lifetime
 * (retrying.R2).
 */
export function retrying(
  invoke: Invoke,
  lifetime: { readonly clock: Clock; readonly log: HostLogger; readonly signal: AbortSignal },
): Invoke {
  const { clock, log, signal } = lifetime;
  return async (fn, event) => {
    const { name, retryPolicy: policy } = fn;
    if (policy === undefined) return invoke(fn, event);
    const { maxRetryCount } = policy;
    const category = `Function.${name}`;
    let retryContext: RpcRetryContext = { retryCount: 0, maxRetryCount };
    for (let retry = 1; ; retry += 1) {
      try {
        return await invoke(fn, { ...event, retryContext });
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

/** As the platform words a worker's exception; it adds .NET's own frames around it. */
function toRpcException(error: unknown): NonNullable<RpcRetryContext['exception']> {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  return {
    source: '',
    stackTrace: stack,
    message: `Result: Failure\nException: ${message}\nStack: ${stack}`,
  };
}
