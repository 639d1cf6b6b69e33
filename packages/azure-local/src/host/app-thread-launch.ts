// Start of the thread of an app, before there is a host: it loads little, as a host process begins with it.
import { Worker } from 'node:worker_threads';
import type { ThreadData } from './app-thread-messages';

/** Node's own 48 MB are full several times a second under load, and what is alive is copied each time (docs/performance.md). */
const YOUNG_GENERATION_MB = 192;

/**
 * Starts `program` as a thread, which reads and compiles the app in `appRoot` ahead where it is known, and runs nothing of it
 * before a host says so (app-thread.W4).
 */
export function launchAppThread(program: string, appRoot: string | undefined): Worker {
  const workerData: ThreadData = { appRoot };
  return new Worker(program, {
    workerData,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
}
