// Start of an app: load, check, start hooks; afterwards its functions can be invoked. It opens no port and runs no
// trigger.
import { loadApp, loadFailure } from './app-loader';
import { createAppRegistry, type AppRegistry } from './core-module';
import type { ProgrammingModel } from './core-types';
import { HostStartError } from './errors';
import { hostFunctions, type HostedFunction, type ServedBindings } from './hosted-function';
import type { HostLogger } from '../kit/log';
import type { Environment } from './settings';

export interface StartedApp {
  readonly app: AppRegistry;
  readonly model: ProgrammingModel;
  readonly functions: readonly HostedFunction[];
  readonly entryFile: string;
  /** What the hooks of the app share. */
  readonly appHookData: object;
}

const CATEGORY = 'Worker';

/** @throws HostStartError when the app cannot be loaded, or has something that is not simulated. */
export async function startApp(
  appRoot: string,
  environment: Environment,
  served: ServedBindings,
  log: HostLogger,
): Promise<StartedApp> {
  const app = createAppRegistry((level, category, message) => {
    const line = { level, message, category, hookData: {} };
    app.runLogHooks(line);
    log.write(line.level, category === 'user' ? `${CATEGORY}.User` : CATEGORY, line.message);
  });
  const entryFile = loadApp(appRoot, app.module);
  const model = app.programmingModel();
  if (model === undefined) {
    throw new HostStartError(
      `${entryFile} registered no function with @azure/functions. Only the programming model v4 is simulated ` +
        '(no function.json): register functions with app.http(…) and the like where "main" of package.json loads them.',
    );
  }
  const functions = hostFunctions(app.functions.values(), environment, served);
  const appHookData = {};
  try {
    await app.runHooks('appStart', { hookData: appHookData, appHookData, functionAppDirectory: appRoot });
    app.lock();
    refuseHttpStream(await model.getCapabilities({}));
  } catch (error) {
    throw error instanceof HostStartError ? error : loadFailure('an appStart hook', error);
  }
  return { app, model, functions, entryFile, appHookData };
}

/** Runs the `appTerminate` hooks; an error in them is logged, since nothing is left to fail. */
export async function terminateApp({ app, appHookData }: StartedApp, log: HostLogger): Promise<void> {
  try {
    await app.runHooks('appTerminate', { hookData: appHookData, appHookData });
  } catch (error) {
    log.write('error', CATEGORY, 'An appTerminate hook failed.', error);
  }
}

function refuseHttpStream(capabilities: Readonly<Record<string, string>>): void {
  if (capabilities['HttpUri'] === undefined) return;
  throw new HostStartError(
    'app.setup({ enableHttpStream: true }) is not simulated by the local host yet: leave it off, or run the app with `func start`.',
  );
}
