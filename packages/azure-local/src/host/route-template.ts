// Parser and matcher of ASP.NET route templates: literal, {parameter}, {parameter?}, {parameter=default}, {*rest},
// constraints. It must not know HTTP. Part of a segment as a parameter (`{name}.json`) is refused.
import { HostStartError } from './errors';
import { parseConstraint, type Constraint } from './route-constraints';

export type Segment = LiteralSegment | ParameterSegment;

export interface LiteralSegment {
  readonly kind: 'literal';
  /** In lower case: literals match without case. */
  readonly text: string;
}

export interface ParameterSegment {
  readonly kind: 'parameter' | 'catchAll';
  readonly name: string;
  readonly constraints: readonly Constraint[];
  readonly isOptional: boolean;
  readonly defaultValue: string | undefined;
}

/** Parses `template`; `where` names the function in errors. */
export function parseTemplate(template: string, where: string): readonly Segment[] {
  const refuse = (fault: string): HostStartError =>
    new HostStartError(`The route "${template}" of function ${where} ${fault}.`);
  const parts = splitOutsideBraces(template.replace(/^\/+|\/+$/g, ''), '/');
  if (parts === undefined) throw refuse('has a brace that is not closed; a literal brace is doubled');
  if (parts.length === 1 && parts[0] === '') return [];
  const segments = parts.map((part) => parseSegment(part, refuse));
  const names = segments.flatMap((segment) => (segment.kind === 'literal' ? [] : [segment.name]));
  if (new Set(names).size < names.length) throw refuse('names a parameter twice');
  if (segments.slice(0, -1).some((segment) => segment.kind === 'catchAll')) {
    throw refuse('goes on after a catch-all, which takes the rest of the path');
  }
  return segments;
}

/** Orders templates as ASP.NET does: the more specific segment first, from the left; a prefix before what is longer. */
export function compareTemplates(a: readonly Segment[], b: readonly Segment[]): number {
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const difference = rank(a[index]) - rank(b[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function rank(segment: Segment | undefined): number {
  if (segment === undefined) return 0;
  if (segment.kind === 'literal') return 1;
  const isConstrained = segment.constraints.length > 0;
  if (segment.kind === 'parameter') return isConstrained ? 2 : 3;
  return isConstrained ? 4 : 5;
}

function parseSegment(text: string, refuse: (fault: string) => HostStartError): Segment {
  if (text === '') throw refuse('has an empty segment');
  if (!/[{}]/.test(text)) return { kind: 'literal', text: text.toLowerCase() };
  const inner = /^\{(?!\{)([\s\S]+)\}$/.exec(text)?.[1];
  if (inner === undefined || splitOutsideBraces(inner, '\0') === undefined) {
    throw refuse(`mixes text and parameters in "${text}", which is not simulated by the local host`);
  }
  const unescaped = inner.replaceAll('{{', '{').replaceAll('}}', '}');
  const [head = '', ...constraintTexts] = splitOutsideParentheses(unescaped);
  const isCatchAll = head.startsWith('*') || unescaped.startsWith('*');
  const last = constraintTexts.at(-1) ?? head;
  const equals = last.includes('(') ? -1 : last.indexOf('=');
  const isOptional = last.endsWith('?');
  const trim = (part: string): string =>
    part !== last ? part : equals >= 0 ? part.slice(0, equals) : isOptional ? part.slice(0, -1) : part;
  const name = trim(head).replace(/^\*{1,2}/, '');
  if (name === '' || /[/{}?*]/.test(name)) throw refuse(`has a parameter without a proper name in "${text}"`);
  return {
    kind: isCatchAll ? 'catchAll' : 'parameter',
    name,
    constraints: constraintTexts.map((constraintText) => {
      const constraint = parseConstraint(trim(constraintText));
      if (constraint === undefined) {
        throw refuse(
          `has the constraint "${trim(constraintText)}", which is not simulated by the local host`,
        );
      }
      return constraint;
    }),
    isOptional,
    defaultValue: equals >= 0 ? last.slice(equals + 1) : undefined,
  };
}

/** Splits at `separator` outside `{…}`; a doubled brace is a literal one. Undefined when a brace is left open. */
function splitOutsideBraces(text: string, separator: string): string[] | undefined {
  const parts: string[] = [];
  let from = 0;
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if ((character === '{' || character === '}') && text.charAt(index + 1) === character) index += 1;
    else if (character === '{') depth += 1;
    else if (character === '}') depth -= 1;
    else if (character === separator && depth === 0) {
      parts.push(text.slice(from, index));
      from = index + 1;
    }
    if (depth < 0) return undefined;
  }
  return depth === 0 ? [...parts, text.slice(from)] : undefined;
}

/** `id:int:regex(a:b)` → id, int, regex(a:b). */
function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (character === ':' && depth === 0) {
      parts.push(text.slice(from, index));
      from = index + 1;
    }
  }
  return [...parts, text.slice(from)];
}
