// Validation of whatever comes from outside (bodies, queries, headers, settings, messages): a schema's value, or the
// fields that are wrong. The one place that words a problem: each message says what is wrong and what is allowed.
import { z } from 'zod';

export interface FieldError {
  /** As in `items[0].quantity`; empty for the input itself. */
  readonly path: string;
  readonly message: string;
}

export type Validated<T> =
  | { readonly kind: 'valid'; readonly value: T }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] };

/** Parses `input`; reports every wrong field at once. Words of the schema itself win over the standard ones. */
export function validate<T>(schema: z.ZodType<T>, input: unknown): Validated<T> {
  const parsed = schema.safeParse(input, { error: standardWords });
  if (parsed.success) return { kind: 'valid', value: parsed.data };
  return { kind: 'invalid', errors: parsed.error.issues.flatMap(fieldErrors) };
}

/** A number written as text, as in a query or a setting; both bounds are allowed values, `above` is not. */
export function numberText(bounds: {
  readonly min?: number;
  readonly above?: number;
  readonly max: number;
  readonly fractions?: boolean;
}): z.ZodType<number, string> {
  const { min, above, max, fractions = false } = bounds;
  const finite = fractions ? z.number() : z.int();
  const fromBelow = min === undefined ? finite : finite.min(min);
  const between = (above === undefined ? fromBelow : fromBelow.gt(above)).max(max);
  return z
    .string()
    .regex(/^[+-]?\d+(\.\d+)?$/, 'must be a number in digits, such as 5')
    .transform(Number)
    .pipe(between)
    .meta({ [AS_READ]: between });
}

/** Key of the metadata of a schema of text: the schema of what the text is read as, which is what documents show. */
export const AS_READ = 'asRead';

/** "must be a number, not a string". */
export function wrongType(expected: string, input: unknown): string {
  return `must be ${TYPE_WORDS[expected] ?? expected}, not ${wordsFor(input)}`;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
  record: 'an object',
};

function wordsFor(input: unknown): string {
  if (input === null || typeof input === 'undefined') return String(input);
  if (Array.isArray(input)) return 'an array';
  // Of the right type, and still not what is expected: 1.5, Infinity.
  if (typeof input === 'number' && !Number.isSafeInteger(input)) return String(input);
  return typeof input === 'object' ? 'an object' : `a ${typeof input}`;
}

/** What zod's codes are called here; undefined leaves zod's own text. */
function standardWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined && issue.code !== 'unrecognized_keys') return 'is required';
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected, issue.input);
    case 'invalid_value':
      return issue.values.length === 1
        ? `must be ${String(issue.values[0])}`
        : `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return bound(issue.origin, Number(issue.minimum), issue.inclusive === false ? 'more than' : 'at least');
    case 'too_big':
      return bound(issue.origin, Number(issue.maximum), issue.inclusive === false ? 'less than' : 'at most');
    default:
      return undefined;
  }
}

const COUNTED: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
};

function bound(origin: string, limit: number, comparison: string): string {
  const unit = COUNTED[origin];
  if (unit === undefined && limit === 0 && comparison === 'at least') return 'must not be negative';
  if (unit === undefined) return `must be ${comparison} ${limit}`;
  if (limit === 1 && comparison === 'at least' && origin === 'string') return 'must not be empty';
  return `must have ${comparison} ${limit} ${limit === 1 ? unit[0] : unit[1]}`;
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const path = pathText(issue.path);
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
  return issue.keys.map((key) => ({
    path: path === '' ? key : `${path}.${key}`,
    message: 'is not a known field',
  }));
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  );
}

/** "items[0].quantity must be at least 1; customerId is required"; `input` is what the whole is called. */
export function describeErrors(errors: readonly FieldError[], input: string): string {
  return errors.map(({ path, message }) => `${path === '' ? `(${input})` : path} ${message}`).join('; ');
}

/** Where a text is no JSON, without the piece of the text that the parser's message shows: it may hold personal data. */
export function jsonFault(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/,? (?:\.{3})?"[^]*$/, '').slice(0, 200);
}
