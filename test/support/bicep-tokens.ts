// The words of a Bicep file. Knows no grammar; a line break is a word, because Bicep ends statements with it.

export type Token =
  | { readonly kind: 'word' | 'mark'; readonly text: string; readonly line: number }
  | { readonly kind: 'number'; readonly value: number; readonly line: number }
  | { readonly kind: 'string'; readonly parts: readonly StringPart[]; readonly line: number }
  | { readonly kind: 'break' | 'end'; readonly line: number };

/** Literal text, or the words between `${` and `}`. */
export type StringPart = string | readonly Token[];

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", $: '$' };
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /\d+/y;
const MARK = /[!=]=|<=|>=|&&|\|\||\?\?|::|\.\?|[-{}[\]()@=:,.?!<>+*/%|]/y;
const SPACE = /[ \t\r]+|\/\/[^\n]*|\/\*[^]*?\*\//y;

/** The words of `text`; a multi-line string or a character that Bicep does not have is refused with its line. */
export function bicepTokens(text: string): readonly Token[] {
  return readTokens(text, 0, 1, false).tokens;
}

interface Read {
  readonly tokens: readonly Token[];
  /** Where reading stopped: behind the end of the text, or behind the `}` that closes an interpolation. */
  readonly at: number;
  readonly line: number;
}

function readTokens(text: string, from: number, firstLine: number, inString: boolean): Read {
  const tokens: Token[] = [];
  let [at, line, depth] = [from, firstLine, 0];
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  while (at < text.length) {
    const space = match(SPACE);
    const word = match(WORD);
    const number = match(NUMBER);
    if (space !== undefined) {
      line += space.split('\n').length - 1;
      at += space.length;
    } else if (text[at] === '\n') {
      tokens.push({ kind: 'break', line: line++ });
      at++;
    } else if (text[at] === "'") {
      const { parts, end } = readString(text, at, line);
      tokens.push({ kind: 'string', parts, line });
      at = end;
    } else if (word !== undefined) {
      tokens.push({ kind: 'word', text: word, line });
      at += word.length;
    } else if (number !== undefined) {
      tokens.push({ kind: 'number', value: Number(number), line });
      at += number.length;
    } else {
      const mark = match(MARK);
      if (mark === undefined) throw new Error(`line ${line}: ${JSON.stringify(text[at])} is no Bicep`);
      if (mark === '{') depth++;
      at += mark.length;
      if (mark === '}' && depth-- === 0 && inString) break;
      tokens.push({ kind: 'mark', text: mark, line });
    }
  }
  tokens.push({ kind: 'end', line });
  return { tokens, at, line };
}

function readString(text: string, from: number, line: number): { parts: StringPart[]; end: number } {
  if (text.startsWith("'''", from))
    throw new Error(`line ${line}: multi-line strings are not read by the tests`);
  const parts: StringPart[] = [];
  let [literal, at] = ['', from + 1];
  while (text[at] !== "'") {
    if (at >= text.length || text[at] === '\n') throw new Error(`line ${line}: the string does not end`);
    if (text.startsWith('${', at)) {
      const inner = readTokens(text, at + 2, line, true);
      parts.push(literal, inner.tokens);
      [literal, at] = ['', inner.at];
    } else if (text[at] === '\\') {
      literal += ESCAPES[text[at + 1] ?? ''] ?? '';
      at += 2;
    } else {
      literal += text[at++] ?? '';
    }
  }
  parts.push(literal);
  return { parts, end: at + 1 };
}
