// Finder of what an instance of the app keeps in memory beyond a call, and of what it does by time, in the syntax of
// src/. docs/many-instances.md says of each what several instances do with it.
//
// Found is: a variable or collection that a function changes which outlives the call that made it (module level, or the
// closure of a factory); what is made by one of the makers below; timers and triggers that run by themselves.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** Calls and classes that give something with a memory or connections of its own. */
const MAKERS: ReadonlySet<string> = new Set([
  ...['createBoundedMap', 'createAcceptedIds', 'circuitBreaker', 'createSendBreaker'],
  ...['Agent', 'CosmosClient', 'ServiceBusClient', 'EventGridPublisherClient'],
]);
/** By name, or by `app.<name>`. */
const TIMERS: ReadonlySet<string> = new Set(['setTimeout', 'setInterval', 'setImmediate']);
const TRIGGERS: ReadonlySet<string> = new Set([
  'timer',
  'cosmosDB',
  'serviceBusQueue',
  'serviceBusTopic',
  'eventGrid',
]);
const COLLECTIONS: ReadonlySet<string> = new Set(['Map', 'Set', 'WeakMap', 'WeakSet']);
const CHANGES: ReadonlySet<string> = new Set([
  ...['set', 'add', 'delete', 'clear', 'push', 'pop', 'shift', 'unshift', 'splice'],
]);

/** What was found, by file: names of variables, makers, timers and triggers. */
export function instanceState(root: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const name of readdirSync(path.join(root, 'src'), { recursive: true }) as string[]) {
    // A page in a browser is no instance of the app.
    if (!name.endsWith('.ts') || name.startsWith('console/')) continue;
    const file = path.join('src', name);
    const names = stateOf(file, readFileSync(path.join(root, file), 'utf8'));
    if (names.length > 0) found.set(file, names);
  }
  return found;
}

/** As `instanceState`, of one text. */
export function stateOf(file: string, text: string): readonly string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    const name = runningName(node) ?? changedName(node, source);
    if (name !== undefined) found.add(name);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...found].sort();
}

/** The maker, timer or trigger that is called here. */
function runningName(node: ts.Node): string | undefined {
  if (ts.isNewExpression(node)) {
    const made = node.expression.getText().split('.').at(-1) ?? '';
    return MAKERS.has(made) ? made : undefined;
  }
  if (ts.isImportDeclaration(node))
    return node.moduleSpecifier.getText().includes('timers/promises') ? 'timers/promises' : undefined;
  if (!ts.isCallExpression(node)) return undefined;
  const called = node.expression;
  if (ts.isIdentifier(called))
    return MAKERS.has(called.text) || TIMERS.has(called.text) ? called.text : undefined;
  if (!ts.isPropertyAccessExpression(called) || called.expression.getText() !== 'app') return undefined;
  return TRIGGERS.has(called.name.text) ? `app.${called.name.text}` : undefined;
}

/** The variable that is changed here and outlives the call. */
function changedName(node: ts.Node, source: ts.SourceFile): string | undefined {
  const changed = changedVariable(node);
  if (changed === undefined) return undefined;
  const declaration = declarationOf(changed, source);
  if (declaration === undefined || !mayChange(declaration, node)) return undefined;
  const home = functionAround(declaration);
  return home === undefined || outlives(node, home) ? changed.text : undefined;
}

function changedVariable(node: ts.Node): ts.Identifier | undefined {
  if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind)) return rootOf(node.left);
  if ((ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) && isStep(node.operator))
    return rootOf(node.operand);
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  return CHANGES.has(node.expression.name.text) ? rootOf(node.expression.expression) : undefined;
}

const isAssignment = (kind: ts.SyntaxKind): boolean =>
  kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;

const isStep = (operator: ts.PrefixUnaryOperator): boolean =>
  operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken;

function rootOf(node: ts.Expression): ts.Identifier | undefined {
  if (ts.isIdentifier(node)) return node;
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node))
    return rootOf(node.expression);
  return undefined;
}

/** A parameter is its caller's; a constant changes only by what it holds. */
function mayChange(declaration: ts.VariableDeclaration, change: ts.Node): boolean {
  if (!ts.isCallExpression(change)) return true;
  const { initializer } = declaration;
  if (initializer === undefined || ts.isArrayLiteralExpression(initializer)) return true;
  return ts.isNewExpression(initializer) && COLLECTIONS.has(initializer.expression.getText());
}

function declarationOf(use: ts.Identifier, source: ts.SourceFile): ts.VariableDeclaration | undefined {
  let scope: ts.Node | undefined = use;
  while (scope !== undefined) {
    const found = declaredIn(scope, use.text);
    if (found !== undefined) return ts.isVariableDeclaration(found) ? found : undefined;
    scope = scope === source ? undefined : scope.parent;
  }
  return undefined;
}

/** The declaration of the name in this very scope: a variable, or the parameter that hides one. */
function declaredIn(
  scope: ts.Node,
  name: string,
): ts.VariableDeclaration | ts.ParameterDeclaration | undefined {
  const parameters = ts.isFunctionLike(scope) ? [...scope.parameters] : [];
  const parameter = parameters.find((each) => each.name.getText() === name);
  if (parameter !== undefined) return parameter;
  if (!ts.isBlock(scope) && !ts.isSourceFile(scope)) return undefined;
  for (const statement of scope.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    const found = statement.declarationList.declarations.find((each) => each.name.getText() === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function functionAround(node: ts.Node): ts.Node | undefined {
  let at = node.parent as ts.Node | undefined;
  while (at !== undefined && !ts.isFunctionLike(at)) at = at.parent;
  return at;
}

/** Whether the change is in a function that `home` made and that is not used up by the call it is handed to at once. */
function outlives(change: ts.Node, home: ts.Node): boolean {
  let inner = functionAround(change);
  while (inner !== undefined && inner !== home) {
    if (!isCallback(inner)) return true;
    inner = functionAround(inner);
  }
  return false;
}

/** `list.map((each) => …)`, `list.forEach(…)`: over when the call is. */
function isCallback(node: ts.Node): boolean {
  const { parent } = node;
  return (
    ts.isCallExpression(parent) && parent.arguments.includes(node as ts.Expression) && !isHandler(parent)
  );
}

/** A function handed to these is called later. */
function isHandler(call: ts.CallExpression): boolean {
  const name = call.expression.getText().split('.').at(-1) ?? '';
  return ['on', 'once', 'then', 'catch', 'finally', 'setTimeout', 'addEventListener'].includes(name);
}
