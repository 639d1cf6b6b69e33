// Registry of the unfinished instances by id, and of the callers that wait for one to end. It does no I/O.
import type { Instance } from './instance';

/** durable-engine.Q7: an ended instance is not in here. */
export class Instances {
  private readonly byId = new Map<string, Instance>();
  private readonly waiters = new Map<Instance, (() => void)[]>();

  get(id: string): Instance | undefined {
    return this.byId.get(id);
  }

  add(instance: Instance): void {
    this.byId.set(instance.facts.id, instance);
  }

  /** Whether this very run is unfinished. */
  has(instance: Instance): boolean {
    return this.byId.get(instance.facts.id) === instance;
  }

  delete(instance: Instance): void {
    this.byId.delete(instance.facts.id);
  }

  /** Puts the next execution into the place of the one that continues as new; waiting callers go on waiting. */
  replace(earlier: Instance, next: Instance): void {
    this.add(next);
    const waiting = this.waiters.get(earlier);
    this.waiters.delete(earlier);
    if (waiting !== undefined) this.waiters.set(next, waiting);
  }

  /** Resolves when `announceEnd` is called for this run, or of the last that continues it. */
  ended(instance: Instance): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.waiters.get(instance);
      if (waiting === undefined) this.waiters.set(instance, [resolve]);
      else waiting.push(resolve);
    });
  }

  announceEnd(instance: Instance): void {
    const waiting = this.waiters.get(instance) ?? [];
    this.waiters.delete(instance);
    for (const resolve of waiting) resolve();
  }
}
