// Program that makes one change to a stopped system's databases, for curve.js: `node dist/bench/curve-fill.js
// '<StoppedChange as JSON>'`.
import { say } from './curve/progress';
import type { StoppedChange } from './curve/stopped-store';
import { checkReaders, fillStore, liftChangeNumbers } from './curve/store-fill';

const SAID_EVERY_MS = 5_000;

function main(): void {
  const change = JSON.parse(process.argv[2] ?? '') as StoppedChange;
  switch (change.change) {
    case 'lift':
      liftChangeNumbers(change.dataDir);
      return;
    case 'check':
      checkReaders(change.dataDir);
      return;
    case 'fill':
      fillStore(change.dataDir, change.sample, change.range, sayNowAndThen());
  }
}

/** Prints progress, now and then. */
function sayNowAndThen(): (what: string) => void {
  let saidMs = Date.now();
  return (what) => {
    if (Date.now() - saidMs < SAID_EVERY_MS) return;
    saidMs = Date.now();
    say(what);
  };
}

main();
