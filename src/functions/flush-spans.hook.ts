// Sends the spans that still wait when the platform ends the app.
import { app } from '@azure/functions';
import type { SpanQueue } from '../telemetry/traces/span-queue';

/** Registers the hook; the time that a flush may take is the queue's to bound. */
export function flushAtEnd(queues: readonly SpanQueue[]): void {
  app.hook.appTerminate(async () => {
    await Promise.all(queues.map((queue) => queue.flush()));
  });
}
