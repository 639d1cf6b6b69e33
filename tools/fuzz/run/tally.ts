// Tally of the inputs that the system answered with a success; the stores are compared with it at the end.

export interface Tally {
  /** Ids of orders that were answered with 200 or 202. */
  readonly orders: Set<string>;
  /** Ids of messages that the broker took for the queue `orders`. */
  readonly messages: Set<string>;
  /** Inventory events, and changes of stock that become such events. */
  inventoryNews: number;
  /** Inputs that were taken rather than refused, by target. */
  readonly taken: Map<string, number>;
}

/** Ids of orchestrations that the management API is asked to start begin so; no order's does. */
export const OWN_INSTANCES = 'fuzz-';

export const createTally = (): Tally => ({
  orders: new Set(),
  messages: new Set(),
  inventoryNews: 0,
  taken: new Map(),
});

/** Notes that an input of `target` was taken. */
export function noteTaken({ taken }: Tally, target: string): void {
  taken.set(target, (taken.get(target) ?? 0) + 1);
}
