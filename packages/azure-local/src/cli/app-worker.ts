// Thread of the app in a host process; the host starts it (host/app-thread.ts).
import { parentPort, workerData } from 'node:worker_threads';
import { runAppThread } from '../host/app-thread-program';
import type { ThreadData } from '../host/app-thread-messages';
import { cacheCode } from '../kit/code-cache';
import { CODE_FOLDER } from '../supervisor/code-folder';

cacheCode(CODE_FOLDER);
if (parentPort !== null) void runAppThread(parentPort, workerData as ThreadData);
