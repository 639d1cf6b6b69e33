// A circuit breaker before one target that the relay sends to: while it is open a send fails at once, and whoever keeps
// the events (the change feed) waits. Every failure counts: the target, not a single message, is what is judged.
import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';
import { BREAKER_STATES, type BreakerState } from './breaker-states';
import { TransientError } from '../errors';

const FAILURES_TO_OPEN = 5;

export interface BreakerSettings {
  /** How long sends fail at once after FAILURES_TO_OPEN failures in a row; then one is let through to try. */
  readonly breakerOpenMs: number;
  /** Given, once, what tells the state of the breaker of `target` whenever it is asked. */
  readonly onBreaker?: (target: string, state: () => BreakerState) => void;
}

/** Runs `send` if the breaker lets it through, and counts how it went. */
export type Guard = <T>(send: () => Promise<T>) => Promise<T>;

/** The guard of `target`, as it is named to operators; an open breaker is a TransientError BREAKER_OPEN with `outage`. */
export function createSendBreaker(target: string, { breakerOpenMs, onBreaker }: BreakerSettings): Guard {
  const breaker = circuitBreaker(handleAll, {
    halfOpenAfter: breakerOpenMs,
    breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
  });
  onBreaker?.(target, () => BREAKER_STATES[breaker.state]);
  return async (send) => {
    try {
      return await breaker.execute(send);
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      throw new TransientError('BREAKER_OPEN', `${target}: sends are held back after repeated failures`, {
        outage: true,
        cause: error,
      });
    }
  };
}
