// Parser of the clauses of a query, in their fixed order. A feature of the service that is not simulated is refused by
// its name.
import type { Expression, Iteration, QueryTree, Selection, SelectItem } from './ast';
import { parseExpression } from './parse-expression';
import { syntaxError, tokenize, tokenStream, unsupported, type TokenStream } from './tokenizer';

/** Parses a whole query; a 400 that says what was expected, and where. */
export function parseQuery(text: string): QueryTree {
  const tokens = tokenStream(tokenize(text));
  tokens.expect('SELECT');
  const distinct = tokens.take('DISTINCT');
  const top = tokens.take('TOP') ? parseExpressionOfCount(tokens) : undefined;
  const selection = parseSelection(tokens);
  if (!tokens.sees('FROM')) throw syntaxError(tokens.peek(), 'FROM');
  tokens.next();
  const { root, iterations } = parseFrom(tokens);
  const where = tokens.take('WHERE') ? parseExpression(tokens) : undefined;
  if (tokens.sees('GROUP')) throw unsupported(tokens.peek(), 'GROUP BY');
  const orderBy = parseOrderBy(tokens);
  let offset: Expression | undefined;
  let limit: Expression | undefined;
  if (tokens.take('OFFSET')) {
    offset = parseExpressionOfCount(tokens);
    tokens.expect('LIMIT');
    limit = parseExpressionOfCount(tokens);
  }
  if (tokens.peek().kind !== 'end') throw syntaxError(tokens.peek(), 'the end of the query');
  if (top !== undefined && limit !== undefined)
    throw unsupported({ at: 0 }, 'TOP together with OFFSET LIMIT');
  return { distinct, top, selection, root, iterations, where, orderBy, offset, limit };
}

/** A patch's condition, `FROM c WHERE …`, as the query that finds the document if it holds. */
export const parseCondition = (condition: string): QueryTree => parseQuery(`SELECT * ${condition}`);

function parseExpressionOfCount(tokens: TokenStream): Expression {
  const token = tokens.next();
  if (token.kind === 'number') return { kind: 'constant', value: Number(token.text) };
  if (token.kind === 'parameter') return { kind: 'parameter', name: token.text, at: token.at };
  throw syntaxError(token, 'a number or a parameter');
}

function parseSelection(tokens: TokenStream): Selection {
  if (tokens.sees('*')) return { kind: 'all', at: tokens.next().at };
  if (tokens.take('VALUE')) return { kind: 'value', expression: parseExpression(tokens) };
  const items: SelectItem[] = [];
  do {
    const expression = parseExpression(tokens);
    const named = tokens.take('AS') || (tokens.peek().kind === 'word' && !tokens.sees('FROM'));
    items.push({ expression, name: named ? tokens.name('an alias') : nameOf(expression, items) });
  } while (tokens.take(','));
  return { kind: 'list', items };
}

/** A path is named after its last step; anything else `$1`, `$2`, … as the service does. */
function nameOf(expression: Expression, before: readonly SelectItem[]): string {
  if (expression.kind === 'source') return expression.name;
  if (
    expression.kind === 'member' &&
    expression.key.kind === 'constant' &&
    typeof expression.key.value === 'string'
  )
    return expression.key.value;
  return `$${before.filter((item) => item.name.startsWith('$')).length + 1}`;
}

function parseFrom(tokens: TokenStream): { root: string; iterations: readonly Iteration[] } {
  const iterations: Iteration[] = [];
  let root = tokens.name('the container or an alias for it');
  if (tokens.take('IN')) {
    const path = parsePath(tokens);
    iterations.push({ alias: root, path });
    root = rootOf(path);
  } else if (tokens.sees('.') || tokens.sees('[')) {
    throw unsupported(tokens.peek(), 'a path in FROM; use FROM alias IN path, or SELECT the path');
  } else if (tokens.take('AS') || isAlias(tokens)) {
    root = tokens.name('an alias');
  }
  while (tokens.take('JOIN')) {
    if (tokens.sees('(')) throw unsupported(tokens.peek(), 'subqueries');
    const alias = tokens.name('an alias');
    tokens.expect('IN');
    iterations.push({ alias, path: parsePath(tokens) });
  }
  return { root, iterations };
}

const CLAUSES = new Set(['JOIN', 'WHERE', 'GROUP', 'ORDER', 'OFFSET']);

function isAlias(tokens: TokenStream): boolean {
  const token = tokens.peek();
  return token.kind === 'word' && !CLAUSES.has(token.text.toUpperCase());
}

function parsePath(tokens: TokenStream): Expression {
  if (tokens.sees('(')) throw unsupported(tokens.peek(), 'subqueries');
  const start = tokens.peek();
  const path = parseExpression(tokens);
  if (path.kind !== 'member' && path.kind !== 'source') throw syntaxError(start, 'a path');
  return path;
}

function rootOf(path: Expression): string {
  let expression = path;
  while (expression.kind === 'member') expression = expression.of;
  return expression.kind === 'source' ? expression.name : 'c';
}

function parseOrderBy(tokens: TokenStream): QueryTree['orderBy'] {
  const keys: { expression: Expression; descending: boolean; at: number }[] = [];
  if (!tokens.take('ORDER')) return keys;
  tokens.expect('BY');
  do {
    const { at, text } = tokens.peek();
    if (text.toUpperCase() === 'RANK') throw unsupported({ at }, 'ORDER BY RANK');
    const expression = parseExpression(tokens);
    if (expression.kind !== 'member') throw unsupported({ at }, 'ORDER BY anything but a path');
    const descending = tokens.take('DESC');
    if (!descending) tokens.take('ASC');
    keys.push({ expression, descending, at });
  } while (tokens.take(','));
  return keys;
}
