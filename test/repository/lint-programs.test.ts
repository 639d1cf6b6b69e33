// Lint of the programs that Node runs as they are (scripts/, .ci/, the configuration): what has no types is checked too.
import { lintTexts } from '../support/lint-texts';

const REFUSED: readonly (readonly [string, string, string])[] = [
  ['a name that is nowhere', "console.log(nowhere, 'here');", 'no-undef'],
  ['a variable that nothing uses', 'const unused = 1;', '@typescript-eslint/no-unused-vars'],
  ['a comparison that converts', 'process.exitCode = process.argv == 1 ? 1 : 0;', 'eqeqeq'],
  [
    'a function that is longer than one screen',
    `export function long() {\n${'  console.log();\n'.repeat(61)}}`,
    'max-lines-per-function',
  ],
];
const FILES = [
  'scripts/seeded.mjs',
  'scripts/seeded.cjs',
  '.ci/seeded.mjs',
  'seeded.mjs',
  'test/support/seeded.mjs',
  'tools/chaos/seeded.cjs',
  'packages/azure-local/seeded.mjs',
];

test('lint refuses in every program what it refuses in the rest of the code', () => {
  const seeded = FILES.flatMap((file) => REFUSED.map(([what, code, rule]) => ({ file, what, code, rule })));
  const findings = lintTexts(seeded);
  const missed = seeded.filter(({ rule }, index) => !findings[index]?.some((found) => found.rule === rule));
  expect(missed.map(({ what, file }) => `${what} in ${file}`)).toEqual([]);
});
