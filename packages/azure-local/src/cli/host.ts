// Host process: starts the thread of the app, then loads the program that serves it (host-process.ts), so that both start
// beside each other. The app's settings are its environment. Alone:
// `node dist/local/host.js '{"dataDir":".local","appRoot":".","port":7071}'`.
import { createRequire } from 'node:module';
import path from 'node:path';
import { launchAppThread } from '../host/app-thread-launch';
import type * as hostProcess from './host-process';

/** Undefined for options that the host's program will refuse, which says what is wrong with them. */
function appRootOf(options = '{}'): string | undefined {
  try {
    const { appRoot = '.' } = JSON.parse(options) as { appRoot?: unknown };
    return typeof appRoot === 'string' ? path.resolve(appRoot) : undefined;
  } catch {
    return undefined;
  }
}

const thread = launchAppThread(path.join(__dirname, 'app-worker.js'), appRootOf(process.argv[2]));
const program = createRequire(__filename)('./host-process.js') as typeof hostProcess;
void program.runHost(thread);
