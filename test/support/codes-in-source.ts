// Finds the error codes that the app's source gives: thrown, answered, or put on orders and events.
import { readFileSync } from 'node:fs';
import ts from 'typescript';

const SNAKE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/;
const WORD = /^[A-Z][A-Z0-9_]+$/;
const CODE_NAMES = ['code', 'detailCode', 'failureCode', 'failureDetailCode'];
const THROWN = /^(TransientError|TerminalError|HttpProblem)$/;

/** Codes in the text of a source file: every word in UPPER_SNAKE, and words in capitals where a code stands. */
export function codesIn(file: string, text: string): readonly string[] {
  const codes = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) && !isType(node)) {
      const isCode = WORD.test(node.text) && standsForCode(node);
      if (SNAKE.test(node.text) || isCode) codes.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return [...codes];
}

export function codesInFile(file: string): readonly string[] {
  return codesIn(file, readFileSync(file, 'utf8'));
}

const isType = (node: ts.Node): boolean => ts.isLiteralTypeNode(node.parent);

/** The first argument of what is thrown, a value of a field for codes, or what one is compared with. */
function standsForCode(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isNewExpression(parent))
    return parent.arguments?.[0] === node && THROWN.test(parent.expression.getText());
  if (ts.isPropertyAssignment(parent)) return CODE_NAMES.includes(parent.name.getText());
  if (ts.isBinaryExpression(parent)) return /\b(detail)?[cC]ode$/.test(parent.left.getText());
  return ts.isConditionalExpression(parent) && standsForCode(parent);
}
