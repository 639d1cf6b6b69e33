// Profiles the two processes of a running system on demand, and the thread of the app, for tools/bench/README.md:
//   PROFILE_DIR=/tmp/profiles NODE_OPTIONS="--require ./scripts/profile-hook.cjs" npm start
// then `kill -USR2 <pid>` (.local/run.json has the pids) begins, and a second one ends and writes <program>.cpuprofile and
// <program>.heapprofile, what was allocated though it is gone. Chrome's developer tools open both.
const { writeFileSync } = require('node:fs');
const { Session } = require('node:inspector');
const path = require('node:path');

const { BroadcastChannel, isMainThread } = require('node:worker_threads');

const folder = process.env.PROFILE_DIR;
// A thread has no name yet while it is preloaded; there is one, that of the app.
const program = isMainThread ? path.basename(process.argv[1] ?? '') : 'app-worker.js';
if (folder !== undefined && ['host.js', 'app-worker.js', 'platform.js'].includes(program)) {
  const session = new Session();
  session.connect();
  const write = (name) => (error, result) => {
    if (error !== null) throw new Error(`The profile could not be taken: ${error.message}`);
    writeFileSync(path.join(folder, `${path.parse(program).name}.${name}`), JSON.stringify(result.profile));
  };
  let running = false;
  const turn = () => {
    running = !running;
    if (running) {
      session.post('Profiler.enable');
      session.post('Profiler.start');
      session.post('HeapProfiler.startSampling', {
        includeObjectsCollectedByMajorGC: true,
        includeObjectsCollectedByMinorGC: true,
      });
    } else {
      session.post('Profiler.stop', write('cpuprofile'));
      session.post('HeapProfiler.stopSampling', write('heapprofile'));
    }
  };
  // A signal comes to the main thread only.
  const channel = new BroadcastChannel('profile');
  channel.unref();
  if (isMainThread) {
    process.on('SIGUSR2', () => {
      turn();
      channel.postMessage('turn');
    });
  } else {
    channel.onmessage = turn;
  }
}
