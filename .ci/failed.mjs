// Prints the failed suites of a run that may be run a second time, one path a line: suites that start processes of their
// own, a few at most. Prints nothing when any other suite failed: logic that fails once is wrong.
import { suitesOf } from './results.mjs';

const STARTS_PROCESSES = /\/test\/(console|scenario|crash|local|contract)\/|\/packages\/azure-local\/test\//;
const AT_MOST = 3;

const failed = [...(suitesOf(process.argv[2]) ?? [])].filter(([, { failed }]) => failed > 0);
const mayRunAgain = failed.length <= AT_MOST && failed.every(([name]) => STARTS_PROCESSES.test(name));
if (mayRunAgain) for (const [name] of failed) console.log(name);
