// Options of the engine in engine.ts.
import type { Clock } from '../kit/clock';
import type { Journal } from '../storage/journal';
import type { DurableFunctionInvoker } from './contract';
import type { HostLog } from '../kit/host-log';
import type { EpisodeHolds } from './episode-holds';
import type { callHttp } from './http-activity';
import type { Versioning } from './versioning';

/** Of the extension on a machine with few cores: 10 per core. */
export const DEFAULT_CONCURRENCY = 20;
export const DEFAULT_DRAIN_MS = 5_000;

export interface DurableEngineOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly functions: DurableFunctionInvoker;
  readonly hubName: string;
  readonly log: HostLog;
  readonly maxConcurrentActivities?: number;
  readonly maxConcurrentOrchestrators?: number;
  /** Stands in for the built-in activity of durable HTTP. */
  readonly callHttp?: typeof callHttp;
  /** Which versions run here; any when absent. */
  readonly versioning?: Versioning;
  /** How long `close` waits for what is in flight, in wall time. */
  readonly drainMs?: number;
  /** Episodes that are to be held; none without it. */
  readonly holds?: EpisodeHolds;
}
