// Parser for a query of the log: a table, then where, extend, project and summarize.
import { millisecondsOf, tokensOf, type Token } from './tokens';

export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'member'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'binary'; readonly sign: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'in'; readonly left: Expression; readonly list: readonly Expression[] };

/** A column that is made; unnamed ones get the name that Kusto would give. */
export interface Assignment {
  readonly name: string;
  readonly value: Expression;
}

export type Operator =
  | { readonly kind: 'where'; readonly condition: Expression }
  | { readonly kind: 'extend' | 'project'; readonly columns: readonly Assignment[] }
  | {
      readonly kind: 'summarize';
      readonly columns: readonly Assignment[];
      readonly by: readonly Assignment[];
    };

export interface Query {
  readonly table: string;
  readonly operators: readonly Operator[];
}

/** Binary operators by how strongly they bind, the weakest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  ['==', '!=', '<', '<=', '>', '>=', 'startswith', 'in'],
  ['+', '-'],
  ['*', '/'],
];

/** @throws when the query uses what is not known here, naming it. */
export function parseQuery(text: string): Query {
  const tokens = new Tokens(tokensOf(text));
  const table = tokens.take('name');
  const operators: Operator[] = [];
  while (tokens.takeIf('|')) operators.push(operator(tokens));
  tokens.take('end');
  return { table, operators };
}

class Tokens {
  private at = 0;
  constructor(private readonly tokens: readonly Token[]) {}

  peek(ahead = 0): Token {
    return this.tokens[this.at + ahead] ?? { kind: 'end', text: '' };
  }

  take(kind: Token['kind'], text?: string): string {
    const token = this.peek();
    if (token.kind !== kind || (text !== undefined && token.text !== text))
      throw new Error(`${text ?? kind} is expected in the query, not "${token.text}"`);
    this.at += 1;
    return token.text;
  }

  takeIf(text: string): boolean {
    const { kind, text: found } = this.peek();
    if (kind === 'string' || kind === 'end' || found !== text) return false;
    this.at += 1;
    return true;
  }
}

function operator(tokens: Tokens): Operator {
  const kind = tokens.take('name');
  switch (kind) {
    case 'where':
      return { kind, condition: expression(tokens) };
    case 'extend':
    case 'project':
      return { kind, columns: assignments(tokens) };
    case 'summarize': {
      const columns = assignments(tokens);
      return { kind, columns, by: tokens.takeIf('by') ? assignments(tokens) : [] };
    }
    default:
      throw new Error(`the operator ${kind} is not known here`);
  }
}

function assignments(tokens: Tokens): Assignment[] {
  const all: Assignment[] = [];
  do {
    const isNamed = tokens.peek().kind === 'name' && tokens.peek(1).text === '=';
    const name = isNamed ? tokens.take('name') : undefined;
    if (isNamed) tokens.take('sign', '=');
    const value = expression(tokens);
    all.push({ name: name ?? nameOf(value), value });
  } while (tokens.takeIf(','));
  return all;
}

/** Kusto names a binned column after the column, and a count `count_`. */
function nameOf(value: Expression): string {
  if (value.kind === 'column' || value.kind === 'member') return value.name;
  const [first] = value.kind === 'call' ? value.args : [];
  if (value.kind === 'call' && value.name === 'bin' && first !== undefined) return nameOf(first);
  throw new Error('name the column in the query');
}

function expression(tokens: Tokens, level = 0): Expression {
  const signs = LEVELS[level];
  if (signs === undefined) return postfix(tokens);
  let left = expression(tokens, level + 1);
  for (let { text, kind } = tokens.peek(); kind !== 'string' && signs.includes(text);) {
    tokens.takeIf(text);
    left =
      text === 'in'
        ? { kind: 'in', left, list: list(tokens) }
        : { kind: 'binary', sign: text, left, right: expression(tokens, level + 1) };
    ({ text, kind } = tokens.peek());
  }
  return left;
}

function postfix(tokens: Tokens): Expression {
  let of = primary(tokens);
  while (tokens.takeIf('.')) of = { kind: 'member', of, name: tokens.take('name') };
  return of;
}

function primary(tokens: Tokens): Expression {
  const { kind, text } = tokens.peek();
  if (tokens.takeIf('(')) {
    const inner = expression(tokens);
    tokens.take('sign', ')');
    return inner;
  }
  if (kind === 'end' || kind === 'sign') throw new Error(`a value is expected in the query, not "${text}"`);
  tokens.take(kind);
  if (kind === 'string') return { kind: 'literal', value: JSON.parse(text) as string };
  if (kind === 'number') return { kind: 'literal', value: Number(text) };
  if (kind === 'timespan') return { kind: 'literal', value: millisecondsOf(text) };
  if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true' };
  return tokens.peek().text === '('
    ? { kind: 'call', name: text, args: list(tokens) }
    : { kind: 'column', name: text };
}

function list(tokens: Tokens): Expression[] {
  tokens.take('sign', '(');
  const items: Expression[] = [];
  while (!tokens.takeIf(')')) {
    items.push(expression(tokens));
    if (tokens.peek().text !== ')') tokens.take('sign', ',');
  }
  return items;
}

/** Every expression in a query, inner ones too. */
export function expressionsIn({ operators }: Query): Expression[] {
  const outer = operators.flatMap((operation) =>
    operation.kind === 'where'
      ? [operation.condition]
      : [...operation.columns, ...(operation.kind === 'summarize' ? operation.by : [])].map(
          ({ value }) => value,
        ),
  );
  return outer.flatMap(withInner);
}

function withInner(expression: Expression): Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'column':
      return [expression];
    case 'member':
      return [expression, ...withInner(expression.of)];
    case 'call':
      return [expression, ...expression.args.flatMap(withInner)];
    case 'binary':
      return [expression, ...withInner(expression.left), ...withInner(expression.right)];
    case 'in':
      return [expression, ...withInner(expression.left), ...expression.list.flatMap(withInner)];
  }
}
