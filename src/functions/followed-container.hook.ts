// Creates the container that the Cosmos DB triggers follow before they start, where the app creates its containers itself
// (locally). Elsewhere a container is created at its first use; but the trigger of the Functions host fails for a container
// that is not there, and its later attempts fail whatever is there by then.
import { app } from '@azure/functions';

/** A store that does not answer holds up no start: the triggers say themselves what they lack. */
const WITHIN_MS = 10_000;

/** Registers the hook; `create` creates the container unless it is there, `warn` writes a line for whoever starts the app. */
export function createBeforeStart(create: () => Promise<unknown>, warn: (line: string) => void): void {
  app.hook.appStart(async () => {
    const why = await Promise.race([
      create().then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      ),
      gaveUp(),
    ]);
    if (why !== undefined)
      warn(
        `the container of the orders is not there when the triggers start, and may keep them from it: ${why}`,
      );
  });
}

const gaveUp = (): Promise<string> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(`no answer within ${WITHIN_MS / 1_000} s`), WITHIN_MS).unref();
  });
