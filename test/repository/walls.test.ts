// The table of who may import whom (eslint/walls.mjs) is what lint enforces: every pair of it is tried, in every form that
// an import can have.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { cyclesIn } from '../support/import-graph';
import { lintTexts, repositoryRoot, type Finding } from '../support/lint-texts';

interface Row {
  readonly imports: readonly string[];
  readonly packages: readonly string[];
  readonly computed?: boolean;
}

const WALLS = JSON.parse(
  execFileSync(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { WALLS } from './eslint/walls.mjs'; console.log(JSON.stringify(WALLS))`,
    ],
    { cwd: repositoryRoot, encoding: 'utf8' },
  ),
) as Readonly<Record<string, Row>>;
const RULE = 'walls/imports';
/** A recording is never edited, so lint leaves it alone. */
const NOT_LINTED = ['test/golden', 'packages/azure-local/test/golden'];
const rows = Object.entries(WALLS).filter(([row]) => !NOT_LINTED.includes(row));
const srcRows = rows.filter(([row]) => row.startsWith('src/'));

/** Files that belong to a row. */
function filesOf(row: string): readonly string[] {
  if (row === 'src/**/*.orchestrator.ts')
    return ['saga', 'functions', 'domain'].map((folder) => `src/${folder}/seeded.orchestrator.ts`);
  if (row.includes('*')) return [row.replace('*', 'seeded')];
  return /\.[cm]?[jt]s$/.test(row) ? [row] : [`${row}/seeded.ts`, `${row}/deeper/seeded.ts`];
}

/** The same, and what else names a row: a folder by its name, or by its index. */
const targetsOf = (row: string): readonly string[] =>
  /[*]|\.[cm]?[jt]s$/.test(row) ? filesOf(row) : [...filesOf(row), row, `${row}/index.ts`];

const packageOf = (file: string): string => /^packages\/[^/]+/.exec(file)?.[0] ?? '';

/** The name under which a package shares a file with the others; undefined for what it keeps, or what is in none. */
function sharedName(target: string): string | undefined {
  const [, folder = '', shared = ''] =
    /^packages\/([^/]+)\/(?:src\/)?((?:(?!src|test|build).*)|testing\/.*)$/.exec(
      target.replace(/\.[cm]?[jt]s$/, ''),
    ) ?? [];
  if (shared === '') return undefined;
  return `${folder === 'simulators' ? 'order-saga-simulators' : folder}/${shared}`;
}

/** The ways in which `file` can name a file of its own repository. */
function spellings(file: string, target: string): readonly string[] {
  const shared = sharedName(target);
  if (packageOf(file) !== packageOf(target) && shared !== undefined)
    return /\.[cm]?[jt]s$/.test(target) ? [shared, `${shared}.js`] : [shared];
  const from = path.posix.dirname(file);
  const bare = target.replace(/\.[cm]?[jt]s$/, '');
  const relative = path.posix.relative(from, bare);
  const plain = relative.startsWith('.') ? relative : `./${relative}`;
  const roundabout = `./${'../'.repeat(from.split('/').length)}${bare}`;
  const endings = bare === target ? ['/'] : ['.ts', '.js'];
  return [...new Set([plain, ...endings.map((ending) => plain + ending), from === '.' ? plain : roundabout])];
}

const FORMS: readonly ((name: string) => string)[] = [
  (name) => `import '${name}';`,
  (name) => `import { a } from '${name}';`,
  (name) => `import * as a from '${name}';`,
  (name) => `import type { A } from '${name}';`,
  (name) => `import { type A } from '${name}';`,
  (name) => `import a = require('${name}');`,
  (name) => `export * from '${name}';`,
  (name) => `export { a } from '${name}';`,
  (name) => `export type { A } from '${name}';`,
  (name) => `void import('${name}');`,
  (name) => `void import(\`${name}\`);`,
  (name) => `type A = import('${name}').A;`,
  (name) => `type A = typeof import('${name}');`,
  (name) => `require('${name}');`,
  (name) => `require.resolve('${name}');`,
  (name) => `module.require('${name}');`,
  (name) => `jest.requireActual('${name}');`,
  (name) => `jest.mock('${name}');`,
  (name) => `process.getBuiltinModule('${name}');`,
];

interface Seed {
  readonly file: string;
  readonly code: string;
  readonly isAllowed: boolean;
}

/** Names of packages go through one comparison, whatever the form: each is tried in a form of every kind of syntax. */
const FEW_FORMS = FORMS.filter((form) =>
  /^(import '|export \*|void import\('|type A = import|require\()/.test(form('')),
);

/** Which file of a row imports which of another changes nothing about the forms: they are tried between the first two. */
const ONE_FORM = FORMS.slice(0, 1);

/** The first name in every form, the others in one. */
const seedsOf = (
  file: string,
  [name = '', ...others]: readonly string[],
  isAllowed: boolean,
  forms = FORMS,
): Seed[] =>
  [...forms.map((form) => form(name)), ...others.map((other) => `import '${other}';`)].map((code) => ({
    file,
    code,
    isAllowed,
  }));

/** From one package into another only what it shares can be imported, and only by name. */
const mayReach = (file: string, target: string): boolean =>
  packageOf(file) === packageOf(target) || sharedName(target) !== undefined;

/** Imports of every row from `row`, its own row among them. */
const rowSeeds = ([row, { imports }]: readonly [string, Row]): Seed[] =>
  filesOf(row).flatMap((file, at) =>
    Object.keys(WALLS).flatMap((to) =>
      targetsOf(to).flatMap((target, nth) => {
        const isAllowed = to === row || (imports.includes(to) && mayReach(file, target));
        return seedsOf(file, spellings(file, target), isAllowed, at + nth === 0 ? FORMS : ONE_FORM);
      }),
    ),
  );

const everyPackage = [
  ...new Set([...Object.values(WALLS).flatMap(({ packages }) => packages), 'left-pad', 'order-saga']),
].filter((name) => name !== 'node:*');
const OF_NODE = ['node:fs', 'node:fs/promises', 'fs', 'crypto', 'timers/promises', 'node:test'];

const mayImport = (packages: readonly string[], name: string): boolean =>
  packages.includes(name) ||
  (OF_NODE.includes(name) && packages.includes(name.startsWith('node:') ? name : `node:${name}`)) ||
  ((OF_NODE.includes(name) || name.startsWith('node:')) && packages.includes('node:*'));

const PLACES_IN_NO_ROW = ['README.md', 'new-folder/file', 'src', 'src/new-folder/file', 'node_modules/zod'];
const NAMES_OF_NO_PACKAGE = ['/etc/passwd', 'file:///etc/passwd', 'src/config', '#config', ''];

/** Imports of packages from `row`, of paths into them, and of what is in no row. */
const packageSeeds = ([row, { packages }]: readonly [string, Row]): Seed[] =>
  filesOf(row).flatMap((file) => [
    ...[...everyPackage, ...OF_NODE].flatMap((name) =>
      seedsOf(file, [name], mayImport(packages, name), FEW_FORMS),
    ),
    ...everyPackage.flatMap((name) => seedsOf(file, [`${name}/deep/path.js`], false, FEW_FORMS)),
    ...PLACES_IN_NO_ROW.flatMap((place) => seedsOf(file, spellings(file, place), false)),
    ...NAMES_OF_NO_PACKAGE.flatMap((name) => seedsOf(file, [name], false)),
  ]);

const computedSeeds = ([row, { computed = false }]: readonly [string, Row]): Seed[] =>
  filesOf(row).flatMap((file) =>
    ['void import(a);', 'void import(`a${b}`);', 'require(a);', "require('a' + b);"].map((code) => ({
      file,
      code,
      isAllowed: computed,
    })),
  );

/** What lint treats in another way than the table says, by row. */
function wrongByRow(): ReadonlyMap<string, readonly string[]> {
  const texts = rows.flatMap((row) => {
    const seeds = [...rowSeeds(row), ...packageSeeds(row), ...computedSeeds(row)];
    return filesOf(row[0]).map((file) => {
      const own = seeds.filter((seed) => seed.file === file);
      return { row: row[0], file, own, code: own.map(({ code }) => code).join('\n') };
    });
  });
  const findings = lintTexts(texts, RULE);
  const wrong = new Map<string, readonly string[]>();
  for (const [index, { row, file, own }] of texts.entries())
    wrong.set(row, [...(wrong.get(row) ?? []), ...wrongIn(file, own, findings[index] ?? [])]);
  return wrong;
}

function wrongIn(file: string, seeds: readonly Seed[], findings: readonly Finding[]): readonly string[] {
  if (findings.some(({ rule }) => rule !== RULE)) return [`${file} is not parsed`];
  const refused = new Set(findings.map(({ line }) => line));
  return seeds
    .filter(({ isAllowed }, at) => refused.has(at + 1) === isAllowed)
    .map(({ code, isAllowed }) => `${file}: ${code} is ${isAllowed ? 'refused' : 'let through'}`);
}

describe('lint', () => {
  let wrong: ReadonlyMap<string, readonly string[]> = new Map();
  beforeAll(() => {
    wrong = wrongByRow();
  });

  test.each(rows)('lets %s import what its row names, and refuses everything else', (row) => {
    expect(wrong.get(row)).toEqual([]);
  });

  test('refuses a file that is in no row', () => {
    const [findings] = lintTexts([{ file: 'src/new-folder/seeded.ts', code: 'export const a = 1;' }], RULE);
    expect(findings?.map(({ rule }) => rule)).toEqual([RULE]);
  });
});

describe('the table of who may import whom', () => {
  test('names only rows that there are', () => {
    const named = Object.values(WALLS).flatMap(({ imports }) => imports);
    expect(named.filter((row) => !(row in WALLS))).toEqual([]);
  });

  test('has no cycle among the rows of the app and of the platform', () => {
    const oneWay = Object.entries(WALLS).filter(([row]) => /^(?:src|packages|local)/.test(row));
    expect(cyclesIn(new Map(oneWay.map(([row, { imports }]) => [row, imports])))).toEqual([]);
  });

  test('keeps the app and what runs it apart', () => {
    const leaving = srcRows.flatMap(([, { imports }]) => imports).filter((row) => !row.startsWith('src/'));
    const platform = Object.keys(WALLS).filter((row) => /^(?:packages|local|scripts)/.test(row));
    const entering = platform
      .flatMap((row) => WALLS[row]?.imports ?? [])
      .filter((row) => row.startsWith('src'));
    expect(platform.length).toBeGreaterThan(10);
    expect([leaving, entering]).toEqual([[], []]);
  });

  test('lets nothing compute the name of what the app imports', () => {
    expect(srcRows.filter(([, { computed }]) => computed)).toEqual([]);
  });

  test('keeps what is replayed pure', () => {
    expect(WALLS['src/domain']).toMatchObject({ imports: [], packages: [] });
    expect(WALLS['src/saga/engine']).toMatchObject({ imports: ['src/domain'], packages: [] });
    for (const table of ['src/saga/order', 'src/saga/returns'] as const)
      expect(WALLS[table]).toMatchObject({ imports: ['src/domain', 'src/saga/engine'], packages: [] });
    expect(WALLS['src/**/*.orchestrator.ts']).toMatchObject({
      imports: ['src/domain', 'src/saga/engine', 'src/saga/order', 'src/saga/returns'],
      packages: ['durable-functions'],
    });
  });

  test.each([
    ['@azure/functions', ['src/functions/*.durable.ts', 'src/main.ts', 'src/functions']],
    ['durable-functions', ['src/**/*.orchestrator.ts', 'src/functions/*.durable.ts']],
    ['@azure/cosmos', ['src/adapters']],
    ['@azure/service-bus', ['src/adapters']],
    ['@azure/eventgrid', ['src/adapters']],
    ['@azure/identity', ['src/exporters', 'src/adapters']],
    ['undici', ['src/adapters']],
    ['cockatiel', ['src/adapters']],
  ])('has %s in the app only in %j', (name, places) => {
    expect(srcRows.filter(([, { packages }]) => packages.includes(name)).map(([row]) => row)).toEqual(places);
  });
});
