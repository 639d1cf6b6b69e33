// Table of who may import whom: eslint.config.mjs enforces it, test/repository/walls.test.ts tries every pair of it.
// The rule import-walls.mjs reads it. A place that is in no row may import nothing and be imported by nothing.
//
// Key: a folder with all that is below it, one file, or a pattern for file names. The first row that matches a file is
// its row. `imports`: other rows (a row's own files may always import one another). `packages`: what may be imported by
// exactly this name; 'node:*' is every module of Node. `computed`: may import by a name that is only known when it runs.
import { APP_WALLS } from './app-walls.mjs';
import { PLATFORM_WALLS } from './platform-walls.mjs';
import { TEST_WALLS } from './test-walls.mjs';

export const WALLS = {
  ...APP_WALLS,
  ...PLATFORM_WALLS,
  ...TEST_WALLS,

  // What runs before anything is built.
  scripts: {
    why: 'scripts/ run before anything is built',
    imports: [],
    packages: ['node:*', 'esbuild', 'playwright-core', 'prettier', 'typescript'],
    computed: true,
  },
  eslint: { why: 'the lint rules', imports: [], packages: ['node:module', 'node:path'] },
  'eslint.config.mjs': {
    why: 'the lint configuration',
    imports: ['eslint'],
    packages: ['typescript-eslint'],
  },
  'jest.config.cjs': { why: 'the test configuration', imports: ['scripts'], packages: [] },
  'jest.sequencer.cjs': {
    why: 'the order of the test suites',
    imports: [],
    packages: ['@jest/test-sequencer'],
  },
  '.ci': { why: 'run by the build server', imports: [], packages: ['node:*'] },
};

/** The row of a file or folder (a path from the root of the repository, with or without its ending); undefined outside. */
export function rowOf(place, walls = WALLS) {
  return Object.keys(walls).find((key) => matches(key, place));
}

function matches(key, place) {
  if (place === key || place.startsWith(`${key}/`)) return true;
  if (/\.[cm]?[jt]sx?$/.test(key) && !key.includes('*')) return withoutEnding(place) === withoutEnding(key);
  return key.includes('*') && patternOf(key).test(withoutEnding(place));
}

const withoutEnding = (file) => file.replace(/\.[cm]?[jt]sx?$/, '');

/** A pattern as a regular expression for names without their ending: `**` is any folder, `*` any name in one folder. */
function patternOf(key) {
  const parts = { '**/*': '.*', '*': '[^/]*', '.': '\\.' };
  return new RegExp(`^${withoutEnding(key).replaceAll(/\*\*\/\*|\*|\./g, (part) => parts[part])}$`);
}

/** The workspace packages: the name they are imported by, and their folder. */
const WORKSPACES = { 'azure-local': 'packages/azure-local', 'order-saga-simulators': 'packages/simulators' };

/** The folder of the package that a file belongs to; empty for the app's own. */
export const packageOf = (file) =>
  Object.values(WORKSPACES).find((folder) => file.startsWith(`${folder}/`)) ?? '';

/** The file in the repository that a name of a workspace package stands for, as the packages' `exports` say. */
export function workspaceFile(name) {
  const workspace = Object.keys(WORKSPACES).find((one) => name.startsWith(`${one}/`));
  if (workspace === undefined) return undefined;
  const within = name.slice(workspace.length + 1);
  return `${WORKSPACES[workspace]}/${within.startsWith('testing/') ? '' : 'src/'}${within}`;
}
