// Parser of expressions by recursive descent: one function per level of precedence, loosest first.
import type { BinaryOperator, Expression } from './ast';
import { syntaxError, unsupported, type Token, type TokenStream } from './tokenizer';

const AGGREGATES = new Set(['COUNT', 'SUM', 'AVG', 'MIN', 'MAX'] as const);
const COMPARISONS: Readonly<Record<string, BinaryOperator>> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

const isAggregate = (name: string): name is 'COUNT' => (AGGREGATES as Set<string>).has(name);

/** Parses one expression and leaves the stream behind it. */
export function parseExpression(tokens: TokenStream): Expression {
  const test = parseCoalesce(tokens);
  if (!tokens.take('?')) return test;
  const then = parseExpression(tokens);
  tokens.expect(':');
  return { kind: 'conditional', test, then, otherwise: parseExpression(tokens) };
}

function leftAssociative(
  tokens: TokenStream,
  operators: readonly BinaryOperator[],
  operand: (tokens: TokenStream) => Expression,
): Expression {
  let left = operand(tokens);
  for (;;) {
    const operator = operators.find((candidate) => tokens.take(candidate));
    if (operator === undefined) return left;
    left = { kind: 'binary', operator, left, right: operand(tokens) };
  }
}

const parseCoalesce = (tokens: TokenStream): Expression => leftAssociative(tokens, ['??'], parseOr);
const parseOr = (tokens: TokenStream): Expression => leftAssociative(tokens, ['OR'], parseAnd);
const parseAnd = (tokens: TokenStream): Expression => leftAssociative(tokens, ['AND'], parseNot);

function parseNot(tokens: TokenStream): Expression {
  return tokens.take('NOT')
    ? { kind: 'unary', operator: 'NOT', operand: parseNot(tokens) }
    : parseComparison(tokens);
}

function parseComparison(tokens: TokenStream): Expression {
  const left = parseConcat(tokens);
  if (tokens.sees('NOT')) {
    tokens.next();
    const negated = parsePredicate(tokens, left);
    if (negated === undefined) throw syntaxError(tokens.peek(), 'IN, BETWEEN or LIKE');
    return { kind: 'unary', operator: 'NOT', operand: negated };
  }
  const predicate = parsePredicate(tokens, left);
  if (predicate !== undefined) return predicate;
  const operator = tokens.peek().kind === 'symbol' ? COMPARISONS[tokens.peek().text] : undefined;
  if (operator === undefined) return left;
  tokens.next();
  return { kind: 'binary', operator, left, right: parseConcat(tokens) };
}

function parsePredicate(tokens: TokenStream, operand: Expression): Expression | undefined {
  if (tokens.take('IN')) {
    tokens.expect('(');
    return { kind: 'in', operand, options: parseList(tokens, ')') };
  }
  if (tokens.take('BETWEEN')) {
    const low = parseConcat(tokens);
    tokens.expect('AND');
    const high = parseConcat(tokens);
    return {
      kind: 'binary',
      operator: 'AND',
      left: { kind: 'binary', operator: '>=', left: operand, right: low },
      right: { kind: 'binary', operator: '<=', left: operand, right: high },
    };
  }
  if (!tokens.take('LIKE')) return undefined;
  const pattern = parseConcat(tokens);
  if (!tokens.take('ESCAPE')) return { kind: 'like', operand, pattern, escape: undefined };
  const escape = tokens.next();
  if (escape.kind !== 'string' || escape.text.length !== 1)
    throw syntaxError(escape, 'one character in quotes');
  return { kind: 'like', operand, pattern, escape: escape.text };
}

const parseConcat = (tokens: TokenStream): Expression => leftAssociative(tokens, ['||'], parseSum);
const parseSum = (tokens: TokenStream): Expression => leftAssociative(tokens, ['+', '-'], parseProduct);
const parseProduct = (tokens: TokenStream): Expression =>
  leftAssociative(tokens, ['*', '/', '%'], parseUnary);

function parseUnary(tokens: TokenStream): Expression {
  for (const operator of ['-', '+'] as const)
    if (tokens.take(operator)) return { kind: 'unary', operator, operand: parseUnary(tokens) };
  return parseMember(tokens);
}

function parseMember(tokens: TokenStream): Expression {
  let value = parsePrimary(tokens);
  for (;;) {
    if (tokens.take('.')) {
      const key = tokens.next();
      if (key.kind !== 'word') throw syntaxError(key, 'a property name');
      value = { kind: 'member', of: value, key: { kind: 'constant', value: key.text } };
    } else if (tokens.take('[')) {
      value = { kind: 'member', of: value, key: parseExpression(tokens) };
      tokens.expect(']');
    } else return value;
  }
}

function parseList(tokens: TokenStream, close: string): Expression[] {
  const items: Expression[] = [];
  if (tokens.take(close)) return items;
  do items.push(parseExpression(tokens));
  while (tokens.take(','));
  tokens.expect(close);
  return items;
}

function parseObject(tokens: TokenStream): Expression {
  const entries: (readonly [string, Expression])[] = [];
  if (!tokens.take('}')) {
    do {
      const key = tokens.next();
      if (key.kind !== 'word' && key.kind !== 'string') throw syntaxError(key, 'a property name');
      tokens.expect(':');
      entries.push([key.text, parseExpression(tokens)]);
    } while (tokens.take(','));
    tokens.expect('}');
  }
  return { kind: 'object', entries };
}

function parsePrimary(tokens: TokenStream): Expression {
  const token = tokens.next();
  switch (token.kind) {
    case 'string':
      return { kind: 'constant', value: token.text };
    case 'number':
      return { kind: 'constant', value: Number(token.text) };
    case 'parameter':
      return { kind: 'parameter', name: token.text, at: token.at };
    case 'word':
      return parseWord(tokens, token);
    case 'symbol':
      return parseBracketed(tokens, token);
    case 'end':
      throw syntaxError(token, 'an expression');
  }
}

function parseBracketed(tokens: TokenStream, token: Token): Expression {
  if (token.text === '[') return { kind: 'array', items: parseList(tokens, ']') };
  if (token.text === '{') return parseObject(tokens);
  if (token.text !== '(') throw syntaxError(token, 'an expression');
  if (tokens.sees('SELECT')) throw unsupported(token, 'subqueries');
  const inner = parseExpression(tokens);
  tokens.expect(')');
  return inner;
}

function parseWord(tokens: TokenStream, token: Token): Expression {
  switch (token.text.toUpperCase()) {
    case 'TRUE':
      return { kind: 'constant', value: true };
    case 'FALSE':
      return { kind: 'constant', value: false };
    case 'NULL':
      return { kind: 'constant', value: null };
    case 'UNDEFINED':
      return { kind: 'constant', value: undefined };
    case 'EXISTS':
      throw unsupported(token, 'EXISTS and subqueries');
    case 'UDF':
      throw unsupported(token, 'user-defined functions');
  }
  if (!tokens.sees('(')) return { kind: 'source', name: token.text, at: token.at };
  tokens.next();
  const name = token.text.toUpperCase();
  const args = parseList(tokens, ')');
  if (!isAggregate(name)) return { kind: 'call', name, args, at: token.at };
  const [arg] = args;
  if (arg === undefined || args.length !== 1) throw syntaxError(token, `one argument for ${name}`);
  return { kind: 'aggregate', name, arg, at: token.at };
}
