// Reader of jest's JSON results for the programs of this folder: suites by their path, with what passed and failed.
import { readFileSync } from 'node:fs';

/** @returns {Map<string, { passed: number, failed: number }> | undefined} undefined for a run that left no result. */
export function suitesOf(file) {
  const text = readFileSync(file, 'utf8');
  if (text === '') return undefined;
  return new Map(JSON.parse(text).testResults.map((suite) => [suite.name, countsOf(suite)]));
}

/** Sums over all suites; a suite of the second run stands for the same one of the first. */
export function passedAndFailed(first, again) {
  const sum = { passed: 0, failed: first === undefined ? 1 : 0 };
  for (const [name, counts] of first ?? []) {
    const { passed, failed } = again?.get(name) ?? counts;
    sum.passed += passed;
    sum.failed += failed;
  }
  return sum;
}

function countsOf({ status, assertionResults }) {
  const failed = assertionResults.filter((test) => test.status === 'failed').length;
  return {
    passed: assertionResults.filter((test) => test.status === 'passed').length,
    failed: status === 'failed' && failed === 0 ? 1 : failed,
  };
}
