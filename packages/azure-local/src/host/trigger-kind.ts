// Interface of a trigger type: one file per type makes listeners of the functions that have it.
import type { HostedFunction } from './hosted-function';
import type { Invoke } from './invocation';
import type { AppWorker } from './app-worker';

/** Something that takes in work while the host runs. */
export interface HostListener {
  start(): Promise<void>;
  /** Takes in nothing more, and resolves when what it has taken in is done. Idempotent. */
  close(): Promise<void>;
}

export interface TriggerKind {
  /** The type of the trigger binding, such as `timerTrigger`. */
  readonly type: string;
  /** Whether its listeners run functions by their retry policies; else a function with one is refused. */
  readonly takesRetryPolicy?: boolean;
  /** Loads ahead, while the app starts, what its listeners will probably need. It must not throw. */
  prepare?(): void;
  /**
   * Builds the listener for the enabled functions of this type; called once, when there is at least one.
   * @throws HostStartError naming function, option and remedy for what it cannot do.
   */
  listen(
    functions: readonly HostedFunction[],
    invoke: Invoke,
    worker: Pick<AppWorker, 'addArguments'>,
  ): TriggerListener;
}

export interface TriggerListener extends HostListener {
  /** Runs a function now, as `POST /admin/functions/{name}` does. */
  runNow?(functionName: string): void;
}
