// Preload of the platform's and the hosts' processes (`node --require`): they start with the code of their programs that a
// start before has compiled.
import { isMainThread } from 'node:worker_threads';
import { CODE_FOLDER } from '../supervisor/code-folder';
import { cacheCode } from '../kit/code-cache';

// The thread of the app, which is preloaded as well, does so itself.
if (isMainThread) cacheCode(CODE_FOLDER);
