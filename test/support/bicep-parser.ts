// The grammar of Bicep, as far as infra/ uses it; what it does not know it refuses with file and line. It builds a
// tree and gives no meaning to it.
import { bicepTokens, type StringPart, type Token } from './bicep-tokens';

export type Expression =
  | { readonly kind: 'value'; readonly value: string | number | boolean | null }
  | { readonly kind: 'text'; readonly parts: readonly Expression[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'member'; readonly of: Expression; readonly key: Expression }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'equal'; readonly left: Expression; readonly right: Expression; readonly not: boolean }
  | {
      readonly kind: 'choice';
      readonly condition: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
  | { readonly kind: 'if'; readonly condition: Expression; readonly body: Expression }
  | {
      readonly kind: 'for';
      readonly item: string;
      readonly index: string | undefined;
      readonly list: Expression;
      readonly body: Expression;
    };

export interface Statement {
  readonly kind: 'param' | 'var' | 'resource' | 'module' | 'output';
  readonly name: string;
  /** The type of a parameter or output, `Type@version` of a resource, the path of a module. */
  readonly type: string;
  /** Absent for a parameter without a default. */
  readonly value: Expression | undefined;
  readonly line: number;
}

export interface BicepFile {
  readonly targetScope: string;
  readonly statements: readonly Statement[];
  readonly imports: readonly { readonly names: readonly string[]; readonly from: string }[];
}

/** The tree of one file; `file` is for messages only. */
export function parseBicep(file: string, text: string): BicepFile {
  const statements: Statement[] = [];
  const imports: { names: readonly string[]; from: string }[] = [];
  let targetScope = 'resourceGroup';
  const reader = createReader(file, bicepTokens(text));
  reader.skipBreaks();
  while (!reader.isAtEnd()) {
    while (reader.takes('@')) {
      reader.expression();
      reader.skipBreaks();
    }
    const line = reader.line();
    const kind = reader.word();
    if (kind === 'targetScope') {
      reader.need('=');
      targetScope = reader.string();
    } else if (kind === 'import') {
      reader.need('{');
      const names = reader.list('}', () => reader.word());
      if (reader.word() !== 'from') reader.refuse('an import without "from"');
      imports.push({ names, from: reader.string() });
    } else if (kind === 'param' || kind === 'var' || kind === 'output') {
      const name = reader.word();
      const type = kind === 'var' ? '' : reader.word();
      statements.push({ kind, name, type, line, value: reader.takes('=') ? reader.expression() : undefined });
    } else if (kind === 'resource' || kind === 'module') {
      const [name, type] = [reader.word(), reader.string()];
      reader.need('=');
      statements.push({ kind, name, type, line, value: reader.expression() });
    } else {
      reader.refuse(`"${kind}"`);
    }
    reader.endStatement();
  }
  return { targetScope, statements, imports };
}

type Reader = ReturnType<typeof createReader>;

function createReader(file: string, tokens: readonly Token[]) {
  let at = 0;
  const peek = (): Token => tokens[at] ?? { kind: 'end', line: 0 };
  const reader = {
    line: () => peek().line,
    isAtEnd: () => peek().kind === 'end',
    refuse(what: string): never {
      throw new Error(
        `${file}:${peek().line}: the tests do not read ${what} here; teach test/support/bicep-*.ts`,
      );
    },
    skipBreaks() {
      while (peek().kind === 'break') at++;
    },
    endStatement() {
      if (peek().kind !== 'break' && peek().kind !== 'end') reader.refuse('more on this line');
      reader.skipBreaks();
    },
    /** Whether the next word is `text`; if so it is taken. */
    takes(text: string): boolean {
      const token = peek();
      const isNext = (token.kind === 'mark' || token.kind === 'word') && token.text === text;
      if (isNext) at++;
      return isNext;
    },
    need(text: string) {
      if (!reader.takes(text)) reader.refuse(`anything but "${text}"`);
    },
    word(): string {
      const token = peek();
      if (token.kind !== 'word') return reader.refuse('anything but a name');
      at++;
      return token.text;
    },
    string(): string {
      const token = reader.take();
      const [part, ...others] = token.kind === 'string' ? token.parts : [];
      return typeof part === 'string' && others.length === 0
        ? part
        : reader.refuse('anything but plain text');
    },
    take(): Token {
      const token = peek();
      at++;
      return token;
    },
    /** What `item` reads, again and again, until `end`; commas and line breaks lie between. */
    list<T>(end: string, item: () => T): T[] {
      const items: T[] = [];
      reader.skipBreaks();
      while (!reader.takes(end)) {
        items.push(item());
        reader.takes(',');
        reader.skipBreaks();
      }
      return items;
    },
    expression: (): Expression => choice(reader),
    textParts: (parts: readonly StringPart[]): Expression[] =>
      parts.map((part) =>
        typeof part === 'string' ? { kind: 'value', value: part } : createReader(file, part).expression(),
      ),
  };
  return reader;
}

function choice(reader: Reader): Expression {
  if (reader.takes('if')) {
    reader.need('(');
    const condition = reader.expression();
    reader.need(')');
    return { kind: 'if', condition, body: reader.expression() };
  }
  const condition = comparison(reader);
  if (!reader.takes('?')) return condition;
  const yes = reader.expression();
  reader.need(':');
  return { kind: 'choice', condition, yes, no: reader.expression() };
}

function comparison(reader: Reader): Expression {
  const left = unary(reader);
  const not = reader.takes('!=');
  if (!not && !reader.takes('==')) return left;
  return { kind: 'equal', left, right: unary(reader), not };
}

function unary(reader: Reader): Expression {
  if (reader.takes('!')) return { kind: 'not', of: unary(reader) };
  if (reader.takes('-')) {
    const token = reader.take();
    return token.kind === 'number' ? { kind: 'value', value: -token.value } : reader.refuse('"-"');
  }
  let expression = primary(reader);
  for (;;) {
    if (reader.takes('.')) {
      expression = { kind: 'member', of: expression, key: { kind: 'value', value: reader.word() } };
    } else if (reader.takes('[')) {
      expression = { kind: 'member', of: expression, key: reader.expression() };
      reader.need(']');
    } else if (!reader.takes('!')) {
      return expression;
    }
  }
}

const CONSTANTS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

function primary(reader: Reader): Expression {
  const token = reader.take();
  if (token.kind === 'number') return { kind: 'value', value: token.value };
  if (token.kind === 'string') return text(reader.textParts(token.parts));
  if (token.kind === 'word') {
    const constant = CONSTANTS[token.text];
    if (constant !== undefined) return { kind: 'value', value: constant };
    if (!reader.takes('(')) return { kind: 'name', name: token.text };
    return { kind: 'call', name: token.text, args: reader.list(')', reader.expression) };
  }
  if (token.kind === 'mark' && token.text === '{') {
    return { kind: 'object', entries: reader.list('}', () => entry(reader)) };
  }
  if (token.kind === 'mark' && token.text === '[') {
    reader.skipBreaks();
    return reader.takes('for') ? loop(reader) : { kind: 'array', items: reader.list(']', reader.expression) };
  }
  return reader.refuse(token.kind === 'mark' ? `"${token.text}"` : 'the end of the line');
}

function text(parts: readonly Expression[]): Expression {
  const [only, ...others] = parts;
  return only !== undefined && others.length === 0 ? only : { kind: 'text', parts };
}

function entry(reader: Reader): readonly [Expression, Expression] {
  const token = reader.take();
  let key: Expression;
  if (token.kind === 'word') key = { kind: 'value', value: token.text };
  else if (token.kind === 'string') key = text(reader.textParts(token.parts));
  else return reader.refuse('anything but a property');
  reader.need(':');
  return [key, reader.expression()];
}

function loop(reader: Reader): Expression {
  const hasIndex = reader.takes('(');
  const item = reader.word();
  if (hasIndex) reader.need(',');
  const index = hasIndex ? reader.word() : undefined;
  if (hasIndex) reader.need(')');
  reader.need('in');
  const list = reader.expression();
  reader.need(':');
  const body = reader.expression();
  reader.skipBreaks();
  reader.need(']');
  return { kind: 'for', item, index, list, body };
}
