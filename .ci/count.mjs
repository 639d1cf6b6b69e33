// Prints `N passed, N failed` from jest's JSON results: of the whole run and, where there was one, of the second run of
// suites that had failed, whose counts then stand for theirs. A suite that could not be loaded counts as one failure,
// and so does a run that left no result, such as a build that failed.
import { passedAndFailed, suitesOf } from './results.mjs';

const [first, again] = process.argv.slice(2).map(suitesOf);
const counts = passedAndFailed(first, again);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
