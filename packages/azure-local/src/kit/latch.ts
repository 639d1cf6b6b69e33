// Promise that somebody else resolves: what is held waits for it until it is let go.

export interface Latch {
  readonly released: Promise<void>;
  /** Idempotent. */
  readonly release: () => void;
}

export function createLatch(): Latch {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  return { released, release };
}
