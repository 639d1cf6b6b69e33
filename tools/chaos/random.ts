// Source of all randomness in a chaos run, so that a seed stands for one plan.
import { draw } from 'azure-local/kit/mulberry32';

export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number;
  chance(share: number): boolean;
  pick<T>(values: readonly [T, ...T[]]): T;
  /** A seed for somebody else's stream, 32 bits. */
  seed(): number;
}

/** The stream of `seed` and `purpose`: parts of a plan draw from streams of their own, so that none shifts another. */
export function createRandom(seed: number, purpose: string): Random {
  let state = seed >>> 0;
  for (const character of purpose) state = draw(state ^ (character.codePointAt(0) ?? 0)).state ^ (state << 5);
  state >>>= 0;
  const next = (): number => {
    const drawn = draw(state);
    state = drawn.state;
    return drawn.value;
  };
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    between,
    chance: (share) => next() < share,
    pick: (values) => values[between(0, values.length - 1)] ?? values[0],
    seed: () => between(0, 0xffff_ffff),
  };
}
