// Loader of a built Functions app by its package.json `main`, with `@azure/functions-core` supplied by intercepting
// `require` as the real worker does. It must not know what the app registers.
import { existsSync, readFileSync, statSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { HostStartError } from './errors';

const CORE_MODULE = '@azure/functions-core';

/** The SDK keeps its registrations in module variables, so a process has room for one app. */
let loadedApp: string | undefined;

/**
 * Requires the entry file of the app in `appRoot`; `coreModule` is what the SDK gets for `@azure/functions-core`, now
 * and whenever it asks later. Returns the entry file.
 * @throws HostStartError naming the file and the fault.
 */
export function loadApp(appRoot: string, coreModule: object): string {
  if (loadedApp !== undefined) {
    throw new HostStartError(
      `This process has loaded ${loadedApp} already. A host process runs one app: start another process for ${appRoot}.`,
    );
  }
  const entryFile = entryFileOf(appRoot);
  loadedApp = entryFile;
  supplyCoreModule(coreModule);
  try {
    createRequire(entryFile)(entryFile);
  } catch (error) {
    if (error instanceof HostStartError) throw error;
    throw loadFailure(entryFile, error);
  }
  return entryFile;
}

/** The error that the app's start ended with; `what` says where in its start. */
export function loadFailure(what: string, error: unknown): HostStartError {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new HostStartError(
    `The app failed while it was loaded (${what}):\n${text}\n` +
      'On the platform the host would now run with no function and answer every request with 404. Correct the error and start again.',
    { cause: error },
  );
}

/** @throws HostStartError when the app's package.json names no file that this host can load. */
export function entryFileOf(appRoot: string): string {
  const manifest = path.join(appRoot, 'package.json');
  const main = readMain(manifest);
  if (/[*?{}[\]]/.test(main)) {
    throw new HostStartError(
      `"main" in ${manifest} is a pattern (${main}), which is not simulated by the local host: name one file that requires the others.`,
    );
  }
  const entryFile = path.resolve(appRoot, main);
  if (!existsSync(entryFile) || !statSync(entryFile).isFile()) {
    throw new HostStartError(
      `"main" in ${manifest} names ${entryFile}, which is not a file. Build the app first (npm run build).`,
    );
  }
  return entryFile;
}

function readMain(manifest: string): string {
  let content: { main?: unknown; type?: unknown } | null;
  try {
    content = JSON.parse(readFileSync(manifest, 'utf8')) as typeof content;
  } catch (error) {
    throw new HostStartError(
      `${manifest} could not be read (${(error as Error).message}). A Functions app has a package.json with "main": give its folder as the app root.`,
    );
  }
  const { main, type } = content ?? {};
  if (typeof main !== 'string' || main === '') {
    throw new HostStartError(
      `${manifest} has no "main". The Functions worker loads the file it names: add it.`,
    );
  }
  if (main.endsWith('.mjs') || (type === 'module' && !main.endsWith('.cjs'))) {
    throw new HostStartError(
      `"main" in ${manifest} is an ES module (${main}), which is not simulated by the local host: build the app to CommonJS.`,
    );
  }
  return main;
}

type Load = (request: string, ...rest: unknown[]) => unknown;

function supplyCoreModule(coreModule: object): void {
  const loader = Module as unknown as { _load: Load };
  const load = loader._load;
  loader._load = (request, ...rest) =>
    request === CORE_MODULE ? coreModule : Reflect.apply(load, Module, [request, ...rest]);
}
