// Tokenizer of query text. It knows no grammar.
import { CosmosError } from '../protocol/errors';

export interface Token {
  readonly kind: 'word' | 'string' | 'number' | 'parameter' | 'symbol' | 'end';
  /** A word as written, a string's content, a parameter with its `@`, a symbol. */
  readonly text: string;
  /** Where it starts, counted from 0. */
  readonly at: number;
}

const WHITESPACE = /(?:\s+|--[^\n]*)+/y;
const WORD = /[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*/y;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const PARAMETER = /@\w+/y;
const SYMBOL = /\?\?|<=|>=|<>|!=|\|\||[()[\]{},.:?*+\-/%=<>]/y;
const STRING = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/sy;

const ESCAPE = /\\(u[0-9a-fA-F]{4}|.)/gs;
const ESCAPED: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

const unescape = (literal: string): string =>
  literal
    .slice(1, -1)
    .replace(ESCAPE, (_, code: string) =>
      code.length === 5 ? String.fromCharCode(parseInt(code.slice(1), 16)) : (ESCAPED[code] ?? code),
    );

const KINDS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['word', WORD],
  ['number', NUMBER],
  ['parameter', PARAMETER],
  ['string', STRING],
  ['symbol', SYMBOL],
];

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** All tokens and a final `end`; a 400 that names the character it cannot read. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += match(WHITESPACE, text, at)?.length ?? 0;
    if (at >= text.length) break;
    const start = at;
    for (const [kind, pattern] of KINDS) {
      const found = match(pattern, text, at);
      if (found === undefined) continue;
      tokens.push({ kind, text: kind === 'string' ? unescape(found) : found, at });
      at += found.length;
      break;
    }
    if (at === start)
      throw new CosmosError(400, `Syntax error at character ${at}: '${text.charAt(at)}' is not supported.`);
  }
  tokens.push({ kind: 'end', text: 'the end of the query', at: text.length });
  return tokens;
}

/** A cursor over tokens: what both halves of the parser share. */
export interface TokenStream {
  peek(ahead?: number): Token;
  next(): Token;
  /** Whether a word (in any case) or symbol is next. */
  sees(text: string): boolean;
  /** Takes it if it is next. */
  take(text: string): boolean;
  expect(text: string): Token;
  /** Takes a name that is not a keyword. */
  name(what: string): string;
}

/** Words that cannot be an alias. */
const KEYWORDS = new Set(
  `SELECT VALUE DISTINCT TOP FROM JOIN WHERE GROUP HAVING ORDER BY OFFSET LIMIT AND OR NOT IN BETWEEN LIKE ESCAPE AS
   ASC DESC EXISTS TRUE FALSE NULL UNDEFINED`.split(/\s+/),
);

export const syntaxError = (token: Token, wanted: string): CosmosError =>
  new CosmosError(400, `Syntax error at character ${token.at}: expected ${wanted}, found '${token.text}'.`);

export const unsupported = (token: { at: number }, what: string): CosmosError =>
  new CosmosError(400, `The local Cosmos DB look-alike does not support ${what} (at character ${token.at}).`);

export function tokenStream(tokens: readonly Token[]): TokenStream {
  let position = 0;
  const peek = (ahead = 0): Token => tokens[Math.min(position + ahead, tokens.length - 1)] as Token;
  const next = (): Token => {
    const token = peek();
    position += 1;
    return token;
  };
  const sees = (text: string): boolean => {
    const token = peek();
    if (token.kind === 'word') return token.text.toUpperCase() === text;
    return token.kind === 'symbol' && token.text === text;
  };
  const take = (text: string): boolean => {
    if (!sees(text)) return false;
    position += 1;
    return true;
  };
  return {
    peek,
    next,
    sees,
    take,
    expect(text) {
      if (!sees(text)) throw syntaxError(peek(), text);
      return next();
    },
    name(what) {
      const token = peek();
      if (token.kind !== 'word' || KEYWORDS.has(token.text.toUpperCase())) throw syntaxError(token, what);
      return next().text;
    },
  };
}
