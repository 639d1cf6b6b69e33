// Generator of docs/rules.md: which tests prove which rule of docs/architecture.md. A test cites a rule by beginning
// its title with the number, as in `S7: …` or `S8, S13: …`. Titles are read from the syntax tree, so comments and
// other texts do not count.
import ts from 'typescript';
import { markdownTable } from './tables';

export interface Proof {
  readonly rule: string;
  /** As jest prints it, without the citation. */
  readonly title: string;
  readonly file: string;
}

const CITATION = /^(S\d+(?:, S\d+)*): /;

/** The rules by number, in the order of the page. */
export function rulesIn(architecture: string): string[] {
  return [...architecture.matchAll(/^- \*\*(S\d+)\*\* /gm)].map((match) => match[1] ?? '');
}

/** Every citation in a test file; one test may prove several rules. */
export function proofsIn(file: string, text: string): Proof[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
  return titlesIn(source, []).flatMap((path) => {
    const rules = path.flatMap((title) => CITATION.exec(title)?.[1]?.split(', ') ?? []);
    const title = path.map((part) => part.replace(CITATION, '')).join(' › ');
    return rules.map((rule) => ({ rule, title, file }));
  });
}

/** docs/rules.md. @throws when a rule has no test, or a test cites a rule that is not there. */
export function rulesPage(rules: readonly string[], proofs: readonly Proof[]): string {
  const bare = rules.filter((rule) => !proofs.some((proof) => proof.rule === rule));
  if (bare.length > 0) throw new Error(`no test cites ${bare.join(', ')}`);
  const stray = proofs.find(({ rule }) => !rules.includes(rule));
  if (stray !== undefined) throw new Error(`${stray.file} cites ${stray.rule}, which is no rule`);
  const rows = rules.flatMap((rule) =>
    proofs
      .filter((proof) => proof.rule === rule)
      .map(({ title, file }) => [rule, literal(title), `[${file.replace(/^test\//, '')}](../${file})`]),
  );
  return [
    '# Rules and their tests',
    'The rules of [architecture.md](architecture.md) and the tests that cite them. Written by `npm run docs`; a rule without a test fails `test/repository/docs.test.ts`.',
    markdownTable(['Rule', 'Test', 'File'], rows),
  ].join('\n\n');
}

/** The titles of all tests, each behind those of the `describe`s around it. */
function titlesIn(node: ts.Node, around: readonly string[]): string[][] {
  const call = ts.isCallExpression(node) ? titleOf(node) : undefined;
  if (call?.kind === 'test') return [[...around, call.title]];
  const path = call === undefined ? around : [...around, call.title];
  const found: string[][] = [];
  ts.forEachChild(node, (child) => void found.push(...titlesIn(child, path)));
  return found;
}

function titleOf(call: ts.CallExpression): { kind: 'test' | 'describe'; title: string } | undefined {
  const [title] = call.arguments;
  if (title === undefined || !ts.isStringLiteralLike(title)) return undefined;
  const called = calleeName(call.expression);
  return called === 'test' || called === 'describe' ? { kind: called, title: title.text } : undefined;
}

/** `test` of `test(…)`, `test.only(…)` and `test.each(…)(…)`. */
function calleeName(expression: ts.Expression): string | undefined {
  if (ts.isIdentifier(expression)) return expression.text;
  if (ts.isPropertyAccessExpression(expression) || ts.isCallExpression(expression)) {
    return calleeName(expression.expression);
  }
  return ts.isTaggedTemplateExpression(expression) ? calleeName(expression.tag) : undefined;
}

/** Text in which nothing is Markdown. */
const literal = (text: string): string => text.replace(/[\\`*_<>[\]]/g, '\\$&');
