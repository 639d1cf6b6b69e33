// Plugin for esbuild that writes two forms of source in others that mean the same. V8 gives the objects of the one no
// hidden class in common, and the functions of the other one each: thousands a second, which cost much to make, and what
// an old one refers to outlives every minor garbage collection (docs/performance.md).
import { readFile } from 'node:fs/promises';
import ts from 'typescript';

const LOADERS = { '.ts': 'ts', '.js': 'js', '.mjs': 'js', '.cjs': 'js' };
const SUSPECTS = /\{\s*\.\.\.|\b__awaiter\(/;

/**
 * `{ ...a, b }` becomes `{ ...null, ...a, b }`: the literal then starts as an empty object, not as a copy of `a`, after
 * which V8 of Node 20 finds no hidden class again for what is added. An async function that TypeScript translated for old
 * engines becomes one again: its body is a generator function made for each call. Lines stay where they are.
 */
export function sharedShapes(text, path = 'source.ts') {
  if (!SUSPECTS.test(text)) return text;
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const edits = [];
  const replace = (start, end, by) => edits.push({ start, end, by });
  const visit = (node) => {
    if (startsWithSpread(node)) {
      const first = node.properties[0].getStart(file);
      replace(first, first, '...null, ');
    } else if (isTranslatedAsync(node, text)) {
      const { body } = node.arguments[3];
      replace(node.getStart(file), body.getStart(file), '(async () => ');
      replace(body.end, node.end, ')()');
      for (const each of yieldsIn(body)) {
        const { expression, end } = each;
        const start = each.getStart(file);
        replace(start, start + 'yield'.length, expression === undefined ? 'await undefined' : 'await (');
        if (expression !== undefined) replace(end, end, ')');
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return edited(text, edits);
}

export const sharedShapesPlugin = {
  name: 'shared-shapes',
  setup(build) {
    build.onLoad({ filter: /\.(ts|js|mjs|cjs)$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = sharedShapes(text, path);
      return contents === text ? undefined : { contents, loader: LOADERS[path.slice(path.lastIndexOf('.'))] };
    });
  },
};

/** Nothing may follow a rest of a pattern, so this is no pattern. */
const startsWithSpread = (node) =>
  ts.isObjectLiteralExpression(node) &&
  node.properties.length > 1 &&
  ts.isSpreadAssignment(node.properties[0]);

/** What may stand before a parenthesis without being called by it. */
const OPERATOR_BEFORE = /(?:[;{(,=:?[&|!>]|\b(?:return|yield|await|void|throw))\s*$/;

/** What an arrow function has not of its own, and what a generator may name as it likes. */
const OF_ITS_OWN = /\barguments\b|\byield\s*\*|\bnew\s*\.|\bawait\b/;

/** `__awaiter(this, void 0, void 0, function* () { … })`, as TypeScript writes it; any other stays as it is. */
function isTranslatedAsync(node, text) {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return false;
  if (node.expression.text !== '__awaiter' || node.arguments.length !== 4) return false;
  const [receiver, values, promise, body] = node.arguments;
  return (
    receiver.kind === ts.SyntaxKind.ThisKeyword &&
    ts.isVoidExpression(values) &&
    ts.isVoidExpression(promise) &&
    ts.isFunctionExpression(body) &&
    body.asteriskToken !== undefined &&
    body.name === undefined &&
    body.parameters.length === 0 &&
    OPERATOR_BEFORE.test(text.slice(Math.max(0, node.pos - 16), node.expression.end - '__awaiter'.length)) &&
    !OF_ITS_OWN.test(text.slice(body.pos, body.end))
  );
}

/** Those of this function, not of functions in it; the name of a method is no part of the method. */
function yieldsIn(body) {
  const found = [];
  const visit = (node) => {
    if (ts.isFunctionLike(node)) {
      if (node.name !== undefined) visit(node.name);
      return;
    }
    if (ts.isYieldExpression(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(body, visit);
  return found;
}

/** Edits that start at the same place keep their order. */
function edited(text, edits) {
  let at = 0;
  let result = '';
  for (const { start, end, by } of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(at, start) + by;
    at = end;
  }
  return result + text.slice(at);
}
