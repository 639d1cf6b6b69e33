// Thread of the app in a host process; the host starts it (host/app-thread.ts).
import { parentPort, workerData } from 'node:worker_threads';
import { entryFileOf } from '../host/app-loader';
import { runAppThread } from '../host/app-thread-program';
import type { ThreadData } from '../host/app-thread-messages';
import { cacheCode } from '../kit/code-cache';
import { CODE_FOLDER } from '../supervisor/code-folder';

const compileAhead = cacheCode(CODE_FOLDER);

function compileApp({ appRoot }: ThreadData): void {
  if (appRoot === undefined) return;
  try {
    compileAhead(entryFileOf(appRoot));
  } catch {
    // The start of the app says what is wrong with it.
  }
}

if (parentPort !== null) {
  compileApp(workerData as ThreadData);
  void runAppThread(parentPort);
}
