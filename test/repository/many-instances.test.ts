// docs/many-instances.md against the source: everything that an instance remembers or does by itself is on it.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { instanceState, stateOf } from '../support/instance-state';

const root = path.resolve(__dirname, '../..');
const page = readFileSync(path.join(root, 'docs/many-instances.md'), 'utf8');

/** The rows that name a source file, with what else they name in code. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('|') && line.includes('`src/'))
  .map((line) => ({ line, names: [...line.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name) }));

const found = instanceState(root);

test.each([...found])('%s is on the page with all that it remembers or does by itself', (file, names) => {
  const told = rows.filter((row) => row.names.includes(file)).flatMap((row) => row.names);
  expect(names.filter((name) => !told.includes(name))).toEqual([]);
});

test('the page names no source file that remembers nothing', () => {
  const files = rows.flatMap(({ names }) => names.filter((name) => name.startsWith('src/')));
  expect(files.filter((file) => !found.has(file) && file !== 'src/functions/feed-leases.ts')).toEqual([]);
});

test('every test that the page names is there, and every row about several instances names one', () => {
  const named = [...page.matchAll(/`(test\/[^`]+\.test\.ts)`/g)].map(([, file = '']) => file);
  expect(named.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  const [remembered, byItself] = page.split('## What an instance ').slice(1);
  const several = `${remembered}${byItself?.split('## ')[0]}`;
  const shown = rows.filter(({ line }) => several.includes(line));
  expect(shown.length).toBeGreaterThan(20);
  expect(
    shown.filter(({ names }) => !names.some((name) => /^(?:test|packages\/[\w-]+\/test)\//.test(name))),
  ).toEqual([]);
});

describe('in a source file', () => {
  test.each([
    ['a variable of the module', 'let last = 0; export function f() { last += 1; }', ['last']],
    [
      'a collection of the module',
      'const seen = new Set(); export const f = (id) => seen.add(id);',
      ['seen'],
    ],
    [
      'a cache in the closure of a factory',
      'export function make() { const cache = new Map(); return { put: (k, v) => cache.set(k, v) }; }',
      ['cache'],
    ],
    [
      'what is made once',
      'export function once(make) { let made; return () => (made ??= make()); }',
      ['made'],
    ],
    ['a timer', 'export function f() { setInterval(() => undefined, 1000); }', ['setInterval']],
    ['a trigger', "app.timer('T', { handler });", ['app.timer']],
    ['a breaker', 'export const b = circuitBreaker(handleAll, {});', ['circuitBreaker']],
  ])('%s is found', (_, text, names) => {
    expect(stateOf('a.ts', text)).toEqual(names);
  });

  test.each([
    ['a constant table', "const KNOWN = new Set(['a']); export const f = (x) => KNOWN.has(x);"],
    [
      'a variable of one call',
      'export function f(list) { let n = 0; for (const x of list) n += x; return n; }',
    ],
    [
      'a collection that a callback fills at once',
      'export function f(list) { const m = new Map(); list.forEach((x) => m.set(x, 1)); return m; }',
    ],
    ['what is handed in', 'export function f(cache) { return () => cache.set(1, 2); }'],
  ])('%s is not', (_, text) => {
    expect(stateOf('a.ts', text)).toEqual([]);
  });
});
