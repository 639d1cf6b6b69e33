// Sends the spans and metrics that still wait when the platform ends the app.
import { app } from '@azure/functions';

/** Registers the hook; how long a flush may take is bounded by what is flushed. */
export function flushAtEnd(waiting: readonly { flush(): Promise<void> }[]): void {
  app.hook.appTerminate(async () => {
    await Promise.all(waiting.map((one) => one.flush()));
  });
}
