// The folder borders and the determinism ban hold: a seeded bad file is refused.
import { execFileSync } from 'node:child_process';
import path from 'node:path';

const seeded: readonly { readonly what: string; readonly file: string; readonly code: string }[] = [
  { what: 'the time of day in the saga', file: 'src/saga/seeded.ts', code: 'export const a = Date.now();' },
  { what: 'a new date in the saga', file: 'src/saga/seeded.ts', code: 'export const a = new Date();' },
  { what: 'a new date in the domain', file: 'src/domain/seeded.ts', code: 'export const a = new Date();' },
  { what: 'chance in the saga', file: 'src/saga/seeded.ts', code: 'export const a = Math.random();' },
  { what: 'settings in the saga', file: 'src/saga/seeded.ts', code: 'export const a = process.env;' },
  {
    what: 'an await in the saga',
    file: 'src/saga/seeded.ts',
    code: 'export async function a(b: Promise<void>) {\n  await b;\n}',
  },
  { what: 'a timer in the saga', file: 'src/saga/seeded.ts', code: 'setTimeout(() => undefined, 1);' },
  {
    what: 'the time of day in the orchestrator file',
    file: 'src/saga/seeded.orchestrator.ts',
    code: 'export const a = Date.now();',
  },
  {
    what: 'the time of day in an orchestrator file of any folder',
    file: 'src/functions/seeded.orchestrator.ts',
    code: 'export const a = Date.now();',
  },
  {
    what: 'an adapter in an orchestrator file of any folder',
    file: 'src/functions/seeded.orchestrator.ts',
    code: "import '../adapters/cosmos-client';",
  },
  {
    what: 'an orchestrator where it is registered',
    file: 'src/functions/seeded.ts',
    code: "df.app.orchestration('A', function* () { return yield Date.now(); });",
  },
  {
    what: 'a generator that could be registered as an orchestrator',
    file: 'src/ops/seeded.ts',
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
  { what: 'Node in the saga', file: 'src/saga/seeded.ts', code: "import 'node:fs';" },
  { what: 'an adapter in the saga', file: 'src/saga/seeded.ts', code: "import '../adapters/cosmos-client';" },
  { what: 'the saga in the domain', file: 'src/domain/seeded.ts', code: "import '../saga/progress';" },
  { what: 'an SDK in the domain', file: 'src/domain/seeded.ts', code: "import '@azure/cosmos';" },
  { what: 'an SDK in a command', file: 'src/commands/seeded.ts', code: "import '@azure/cosmos';" },
  {
    what: 'an adapter in an activity',
    file: 'src/activities/seeded.ts',
    code: "import '../adapters/cosmos-client';",
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
  { what: 'an SDK in a port', file: 'src/ports/seeded.ts', code: "import 'durable-functions';" },
  { what: 'the local host in the app', file: 'src/functions/seeded.ts', code: "import '../../local/clock';" },
  { what: 'the app in the local host', file: 'local/host/seeded.ts', code: "import '../../src/config';" },
];

const allowed: readonly { readonly file: string; readonly code: string }[] = [
  {
    file: 'src/saga/seeded.ts',
    code: "import '../domain/money';\nexport const a = Date.parse('2026-01-01');",
  },
  { file: 'src/adapters/seeded.ts', code: "import '@azure/cosmos';\nimport '../ports/clock';" },
  { file: 'src/activities/seeded.ts', code: "import '../ports/clock';" },
  {
    file: 'src/functions/seeded.ts',
    code: "import { a } from '../saga/a.orchestrator';\ndf.app.orchestration('A', a);",
  },
  {
    file: 'src/functions/seeded.orchestrator.ts',
    code: "import type { OrchestrationHandler } from 'durable-functions';\nimport '../saga/interpreter';\nexport function* a() { yield 1; }",
  },
  { file: 'src/adapters/seeded.ts', code: 'export async function* a() { yield 1; }' },
];

const borders = /no-restricted-(imports|globals|properties|syntax)/;

function lint(texts: readonly { file: string; code: string }[]): string[][] {
  const program = path.resolve(__dirname, '../support/lint-text.mjs');
  const root = path.resolve(__dirname, '../..');
  return JSON.parse(
    execFileSync(process.execPath, [program], { cwd: root, input: JSON.stringify(texts), encoding: 'utf8' }),
  ) as string[][];
}

describe('lint', () => {
  let findings: string[][] = [];
  beforeAll(() => {
    findings = lint([...seeded, ...allowed]);
  });

  test.each(seeded.map(({ what }, index) => [what, index] as const))('refuses %s', (_, index) => {
    expect(findings[index]?.filter((finding) => borders.test(finding))).not.toEqual([]);
  });

  test.each(allowed.map(({ code }, index) => [code, index] as const))('takes %j', (_, index) => {
    expect(findings[seeded.length + index]?.filter((finding) => borders.test(finding))).toEqual([]);
  });
});
