// Worker in the thread that it is made in: loads the app, runs its start hooks, then its functions. It opens no port and
// knows no trigger.
import { loadApp, loadFailure } from './app-loader';
import { createAppRegistry } from './core-module';
import { HostStartError } from './errors';
import type { AppLog, AppWorker } from './app-worker';
import { runHandler } from './handler-run';

const CATEGORY = 'Worker';

/** @throws HostStartError when the app cannot be loaded, or has something that is not simulated. */
export async function startApp(appRoot: string, log: AppLog): Promise<AppWorker> {
  const app = createAppRegistry((level, category, message) => {
    const line = { level, message, category, hookData: {} };
    app.runLogHooks(line);
    log(line.level, category === 'user' ? `${CATEGORY}.User` : CATEGORY, line.message);
  });
  const entryFile = loadApp(appRoot, app.module);
  const model = app.programmingModel();
  if (model === undefined) {
    throw new HostStartError(
      `${entryFile} registered no function with @azure/functions. Only the programming model v4 is simulated ` +
        '(no function.json): register functions with app.http(…) and the like where "main" of package.json loads them.',
    );
  }
  const appHookData = {};
  try {
    await app.runHooks('appStart', { hookData: appHookData, appHookData, functionAppDirectory: appRoot });
    app.lock();
    refuseHttpStream(await model.getCapabilities({}));
  } catch (error) {
    throw error instanceof HostStartError ? error : loadFailure('an appStart hook', error);
  }
  let closed: Promise<void> | undefined;
  const dependencies = { app, model, log, appHookData };
  return {
    entryFile,
    functions: Array.from(app.functions.values(), ({ metadata }) => metadata),
    invoke: (order) => runHandler(dependencies, order),
    addArguments: (added) => void process.argv.push(...added),
    close: () =>
      (closed ??= app
        .runHooks('appTerminate', { hookData: appHookData, appHookData })
        // Nothing is left to fail.
        .catch((error: unknown) => log('error', CATEGORY, 'An appTerminate hook failed.', error))),
  };
}

function refuseHttpStream(capabilities: Readonly<Record<string, string>>): void {
  if (capabilities['HttpUri'] === undefined) return;
  throw new HostStartError(
    'app.setup({ enableHttpStream: true }) is not simulated by the local host yet: leave it off, or run the app with `func start`.',
  );
}
