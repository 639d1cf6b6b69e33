// Promise of an answer that is never given: what is held for good waits for it.
export const NEVER = new Promise<never>(() => undefined);
