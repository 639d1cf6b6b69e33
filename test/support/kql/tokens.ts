// Tokenizer for a query of the log: the part of KQL that infra/queries uses. What is none of it is refused.

export interface Token {
  readonly kind: 'name' | 'number' | 'timespan' | 'string' | 'sign' | 'end';
  readonly text: string;
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const PATTERNS: readonly (readonly [Token['kind'] | 'skip', RegExp])[] = [
  ['skip', /\s+|\/\/[^\n]*/y],
  ['timespan', /\d+[smhd]\b/y],
  ['number', /\d+(?:\.\d+)?/y],
  ['name', /[A-Za-z_]\w*/y],
  ['string', /"(?:[^"\\\n]|\\.)*"/y],
  ['sign', /==|!=|<=|>=|[|,.()<>=+\-*/]/y],
];

/** @throws when there is something that is no token, saying where. */
export function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < query.length;) {
    const found = tokenAt(query, at);
    if (found === undefined) throw new Error(`no KQL known here: ${query.slice(at, at + 40)}`);
    if (found.kind !== 'skip') tokens.push({ kind: found.kind, text: found.text });
    at += found.text.length;
  }
  return [...tokens, { kind: 'end', text: '' }];
}

function tokenAt(
  query: string,
  at: number,
): { readonly kind: Token['kind'] | 'skip'; readonly text: string } | undefined {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const text = pattern.exec(query)?.[0];
    if (text !== undefined) return { kind, text };
  }
  return undefined;
}

/** Of a token such as `15m`. */
export function millisecondsOf(timespan: string): number {
  return Number(timespan.slice(0, -1)) * (UNITS_MS[timespan.slice(-1)] ?? NaN);
}
