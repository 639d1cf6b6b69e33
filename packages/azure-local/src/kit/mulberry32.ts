// Random number generator mulberry32, whose whole state is one 32-bit integer: the same seed gives the same numbers on
// every machine.

export interface Draw {
  /** In [0, 1). */
  readonly value: number;
  /** What the next draw starts from. */
  readonly state: number;
}

/** The next number of the stream that stands at `state`, which at first is the seed. */
export function draw(state: number): Draw {
  const next = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(next ^ (next >>> 15), next | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return { value: ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32, state: next };
}
