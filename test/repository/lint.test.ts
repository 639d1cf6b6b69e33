// The determinism ban for orchestrator code holds: a seeded bad file is refused. walls.test.ts is about imports.
import { lintTexts, type Finding } from '../support/lint-texts';

const seeded: readonly { readonly what: string; readonly file: string; readonly code: string }[] = [
  {
    what: 'the time of day in the saga',
    file: 'src/saga/engine/seeded.ts',
    code: 'export const a = Date.now();',
  },
  { what: 'a new date in the saga', file: 'src/saga/engine/seeded.ts', code: 'export const a = new Date();' },
  { what: 'a new date in the domain', file: 'src/domain/seeded.ts', code: 'export const a = new Date();' },
  { what: 'chance in the saga', file: 'src/saga/engine/seeded.ts', code: 'export const a = Math.random();' },
  { what: 'settings in the saga', file: 'src/saga/engine/seeded.ts', code: 'export const a = process.env;' },
  {
    what: 'an await in the saga',
    file: 'src/saga/engine/seeded.ts',
    code: 'export async function a(b: Promise<void>) {\n  await b;\n}',
  },
  { what: 'a timer in the saga', file: 'src/saga/engine/seeded.ts', code: 'setTimeout(() => undefined, 1);' },
  {
    what: 'the time of day in the orchestrator file',
    file: 'src/saga/engine/seeded.orchestrator.ts',
    code: 'export const a = Date.now();',
  },
  {
    what: 'the time of day in an orchestrator file of any folder',
    file: 'src/functions/seeded.orchestrator.ts',
    code: 'export const a = Date.now();',
  },
  {
    what: 'an orchestrator where it is registered',
    file: 'src/functions/seeded.ts',
    code: "df.app.orchestration('A', function* () { return yield Date.now(); });",
  },
  {
    what: 'a generator that could be registered as an orchestrator',
    file: 'src/operations/seeded.ts',
    code: 'export function* a() { yield 1; }',
  },
  {
    what: 'a method that could be registered as an orchestrator',
    file: 'src/main.ts',
    code: 'export const a = { *run() { yield 1; } };',
  },
  {
    what: 'a function that gives a generator where it is registered',
    file: 'src/functions/seeded.ts',
    code: "df.app.orchestration('A', (context) => run(context));",
  },
  {
    what: 'options with an orchestrator where it is registered',
    file: 'src/functions/seeded.ts',
    code: "df.app.orchestration('A', { handler: (context) => run(context) });",
  },
  {
    what: 'a registration under another name',
    file: 'src/functions/seeded.ts',
    code: 'const register = df.app.orchestration;',
  },
  {
    what: 'the type of an orchestrator elsewhere',
    file: 'src/functions/seeded.ts',
    code: "import type { OrchestrationHandler } from 'durable-functions';",
  },
  {
    what: 'the qualified type of an orchestrator elsewhere',
    file: 'src/functions/seeded.ts',
    code: 'export const a = (context: df.OrchestrationContext) => run(context);',
  },
  {
    what: 'locale data in the domain',
    file: 'src/domain/seeded.ts',
    code: "export const a = new Intl.NumberFormat('en');",
  },
  {
    what: 'an order by locale in a query',
    file: 'src/queries/seeded.ts',
    code: "export const a = 'a'.localeCompare('b');",
  },
  ...['Date.now()', 'new Date()', 'Date()'].flatMap((code) =>
    ['src/operations/seeded.ts', 'packages/azure-local/src/host/seeded.ts'].map((file) => ({
      what: `the time of day by ${code} instead of the clock, in ${file.split('/')[0] ?? ''}`,
      ...{ file, code: `export const a = ${code};` },
    })),
  ),
];

const allowed: readonly { readonly file: string; readonly code: string }[] = [
  {
    file: 'src/saga/engine/seeded.ts',
    code: "import '../../domain/money';\nexport const a = Date.parse('2026-01-01');",
  },
  {
    file: 'src/functions/seeded.durable.ts',
    code: "import { a } from '../saga/a.orchestrator';\ndf.app.orchestration('A', a);",
  },
  {
    file: 'src/functions/seeded.orchestrator.ts',
    code: "import type { OrchestrationHandler } from 'durable-functions';\nimport '../saga/engine/interpreter';\nexport function* a() { yield 1; }",
  },
  { file: 'src/main.ts', code: 'export const a = Date.now();' },
  { file: 'src/adapters/seeded.ts', code: 'export async function* a() { yield 1; }' },
];

const bans = /no-restricted-(globals|properties|syntax)|walls/;

describe('lint', () => {
  let findings: Finding[][] = [];
  beforeAll(() => {
    findings = lintTexts([...seeded, ...allowed]);
  });

  test.each(seeded.map(({ what }, index) => [what, index] as const))('refuses %s', (_, index) => {
    expect(findings[index]?.filter((finding) => bans.test(finding.rule))).not.toEqual([]);
  });

  test.each(allowed.map(({ code }, index) => [code, index] as const))('takes %j', (_, index) => {
    expect(findings[seeded.length + index]?.filter((finding) => bans.test(finding.rule))).toEqual([]);
  });
});
