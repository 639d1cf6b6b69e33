// What .ci/run says of a run: its last line, and which failed suites may be run a second time.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.join(__dirname, '../..');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ci-counts-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** File of a jest result: per suite the states of its tests; none for a suite that could not be loaded. */
function resultOf(name: string, suites: Readonly<Record<string, readonly ('passed' | 'failed')[]>>): string {
  const file = path.join(folder, name);
  const testResults = Object.entries(suites).map(([suite, states]) => ({
    name: path.join(ROOT, suite),
    status: states.length === 0 || states.includes('failed') ? 'failed' : 'passed',
    assertionResults: states.map((status) => ({ status })),
  }));
  writeFileSync(file, JSON.stringify({ testResults }));
  return file;
}

const run = (program: string, ...files: string[]): string =>
  execFileSync('node', [path.join(ROOT, '.ci', program), ...files], { encoding: 'utf8' }).trim();
const suitesToRunAgain = (file: string): string[] =>
  run('failed.mjs', file)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => path.relative(ROOT, line));

test('a suite that could not be loaded, and a run without a result, are failures', () => {
  const first = resultOf('first', { 'test/unit/a.test.ts': ['passed', 'failed'], 'test/unit/b.test.ts': [] });
  expect(run('count.mjs', first)).toBe('1 passed, 2 failed');
  writeFileSync(path.join(folder, 'none'), '');
  expect(run('count.mjs', path.join(folder, 'none'))).toBe('0 passed, 1 failed');
});

test('what passed the second time counts as passed, what failed twice as failed', () => {
  const first = resultOf('first', {
    'test/unit/a.test.ts': ['passed'],
    'test/scenario/b.test.ts': ['passed', 'failed'],
    'test/crash/c.test.ts': ['failed'],
  });
  const again = resultOf('again', {
    'test/scenario/b.test.ts': ['passed', 'passed'],
    'test/crash/c.test.ts': ['failed'],
  });
  expect(run('count.mjs', first, again)).toBe('3 passed, 1 failed');
});

test('a few suites that start processes are run again, and nothing is when logic failed', () => {
  const processes = { 'test/scenario/b.test.ts': ['failed'], 'test/console/c.test.ts': ['passed'] } as const;
  expect(suitesToRunAgain(resultOf('first', processes))).toEqual(['test/scenario/b.test.ts']);
  const logic = { ...processes, 'test/saga/d.test.ts': ['failed'] } as const;
  expect(suitesToRunAgain(resultOf('logic', logic))).toEqual([]);
});

test('many failures are no accident, and are not run again', () => {
  const many = Object.fromEntries(
    ['a', 'b', 'c', 'd'].map((name) => [`test/crash/${name}.test.ts`, ['failed'] as const]),
  );
  expect(suitesToRunAgain(resultOf('first', many))).toEqual([]);
});
