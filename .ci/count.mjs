// Prints `N passed, N failed` from jest's JSON result. A suite that could not be loaded counts as one failure, and so
// does a run that left no result, such as a build that failed.
import { readFileSync } from 'node:fs';

const text = readFileSync(process.argv[2], 'utf8');
const result =
  text === '' ? { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 1 } : JSON.parse(text);
const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
console.log(`${result.numPassedTests} passed, ${failed} failed`);
