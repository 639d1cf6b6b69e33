// One change of a stopped system's databases, for curve.js: `node dist/bench/curve-fill.js '<StoppedChange as JSON>'`.
import { say } from './curve/progress';
import type { StoppedChange } from './curve/stopped-store';
import { checkReaders, fillStore, liftChangeNumbers } from './curve/store-fill';

const SAID_EVERY_MS = 5_000;

function main(): void {
  const change = JSON.parse(process.argv[2] ?? '') as StoppedChange;
  if (change.change === 'lift') liftChangeNumbers(change.dataDir);
  else if (change.change === 'check') checkReaders(change.dataDir);
  else {
    let saidMs = Date.now();
    fillStore(change.dataDir, change.sample, change.range, (what) => {
      if (Date.now() - saidMs < SAID_EVERY_MS) return;
      saidMs = Date.now();
      say(what);
    });
  }
}

main();
