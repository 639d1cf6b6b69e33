// Finder of the log lines that the app's source writes: the event of each, and the names of its fields.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** Fields by event; those of all places that write it. */
export type LoggedFields = ReadonlyMap<string, ReadonlySet<string>>;

/** Of every source file below `folder`. */
export function logCallsBelow(folder: string): LoggedFields {
  const all = new Map<string, Set<string>>();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const where = path.join(folder, file);
    for (const [event, fields] of logCallsIn(readFileSync(where, 'utf8'))) {
      all.set(event, new Set([...(all.get(event) ?? []), ...fields]));
    }
  }
  return all;
}

const WRITES = /(?:^|\.|\b)(?:log|invocationLog\([\w.]+\))(?:\.(?:info|warn|error)|\[.*\])$/s;

/** Of the text of a source file. */
export function logCallsIn(text: string): LoggedFields {
  const file = ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest, true);
  const calls = new Map<string, Set<string>>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && WRITES.test(node.expression.getText())) {
      const [event, fields] = node.arguments;
      for (const name of event === undefined ? [] : textsIn(event)) {
        calls.set(name, new Set([...(calls.get(name) ?? []), ...fieldsOf(fields, file)]));
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return calls;
}

/** A text, or either of two. */
function textsIn(node: ts.Expression): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...textsIn(node.whenTrue), ...textsIn(node.whenFalse)];
  return [];
}

function fieldsOf(node: ts.Node | undefined, file: ts.SourceFile): string[] {
  if (node === undefined) return [];
  if (ts.isIdentifier(node)) return fieldsOf(declared(node.text, file), file);
  if (ts.isCallExpression(node)) return fieldsOfCall(node.expression.getText(), file);
  if (ts.isParenthesizedExpression(node)) return fieldsOf(node.expression, file);
  if (ts.isConditionalExpression(node))
    return [...fieldsOf(node.whenTrue, file), ...fieldsOf(node.whenFalse, file)];
  if (!ts.isObjectLiteralExpression(node)) return [];
  return node.properties.flatMap((property) => {
    if (ts.isSpreadAssignment(property)) return fieldsOf(property.expression, file);
    return [property.name.getText()];
  });
}

const PORT = path.resolve(__dirname, '../../src/ports/log.ts');

/** A function of the file, or of the port of the log. */
function fieldsOfCall(name: string, file: ts.SourceFile): string[] {
  const own = declared(name, file);
  if (own !== undefined) return fieldsOf(own, file);
  const port = ts.createSourceFile('log.ts', readFileSync(PORT, 'utf8'), ts.ScriptTarget.Latest, true);
  return fieldsOf(declared(name, port), port);
}

/** What a constant of the file stands for, or what a function of it returns. */
function declared(name: string, file: ts.SourceFile): ts.Node | undefined {
  let found: ts.Node | undefined;
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === name) found ??= node.initializer;
    if (ts.isFunctionDeclaration(node) && node.name?.text === name)
      found ??= node.body?.statements.find(ts.isReturnStatement)?.expression;
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
