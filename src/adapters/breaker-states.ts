// States of a circuit breaker by the library's numbers, as they are named to operators.
import { CircuitState } from 'cockatiel';

export type BreakerState = 'closed' | 'open' | 'halfOpen';

export const BREAKER_STATES = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'halfOpen',
  [CircuitState.Isolated]: 'open',
} as const satisfies Readonly<Record<CircuitState, BreakerState>>;

/** As they are counted. */
export const BREAKER_READINGS = {
  closed: 0,
  halfOpen: 0.5,
  open: 1,
} as const satisfies Readonly<Record<BreakerState, number>>;
