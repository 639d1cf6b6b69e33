// Table of the built-in functions: name, number of arguments, implementation. An argument of the wrong type gives
// undefined, as in the service.
import { isObject } from '../protocol/json';
import { equalValues, type Value } from './values';

export interface BuiltIn {
  readonly min: number;
  readonly max: number;
  readonly call: (...args: readonly Value[]) => Value;
}

const isText = (value: Value): value is string => typeof value === 'string';

/** JSON has no infinities: a result that is not finite is undefined. */
export const finite = (value: number): Value => (Number.isFinite(value) ? value : undefined);

const ofNumber = (f: (n: number) => number): BuiltIn => ({
  min: 1,
  max: 1,
  call: (value) => (typeof value === 'number' ? finite(f(value)) : undefined),
});

const ofText = (f: (text: string) => Value): BuiltIn => ({
  min: 1,
  max: 1,
  call: (value) => (isText(value) ? f(value) : undefined),
});

const test = (f: (value: Value) => boolean): BuiltIn => ({ min: 1, max: 1, call: f });

/** Two texts and an optional "ignore case". */
const compareTexts = (f: (text: string, part: string) => Value): BuiltIn => ({
  min: 2,
  max: 3,
  call: (text, part, ignoreCase = false) => {
    if (!isText(text) || !isText(part) || typeof ignoreCase !== 'boolean') return undefined;
    return ignoreCase ? f(text.toLowerCase(), part.toLowerCase()) : f(text, part);
  },
});

/** A text and a count. */
const textAndCount = (f: (text: string, count: number) => string): BuiltIn => ({
  min: 2,
  max: 2,
  call: (text, count) => (isText(text) && typeof count === 'number' ? f(text, Math.trunc(count)) : undefined),
});

function arrayContains(array: Value, wanted: Value, partial: Value = false): Value {
  if (!Array.isArray(array) || wanted === undefined) return undefined;
  if (partial !== true || !isObject(wanted)) return array.some((item) => equalValues(item, wanted));
  const wantedEntries = Object.entries(wanted);
  return array.some(
    (item) =>
      isObject(item) &&
      wantedEntries.every(
        ([key, value]) => Object.hasOwn(item, key) && equalValues(item[key] as typeof value, value),
      ),
  );
}

function concat(...parts: readonly Value[]): Value {
  return parts.every(isText) ? parts.join('') : undefined;
}

function substring(text: Value, start: Value, length: Value): Value {
  if (!isText(text) || typeof start !== 'number' || typeof length !== 'number') return undefined;
  const from = Math.max(0, Math.trunc(start));
  return text.slice(from, from + Math.max(0, Math.trunc(length)));
}

const textOf = (value: Value): Value => {
  if (value === undefined || isText(value)) return value;
  return JSON.stringify(value);
};

/** Half away from zero, as the service rounds. */
const round = (n: number): number => Math.sign(n) * Math.round(Math.abs(n));

const TABLE: Readonly<Record<string, BuiltIn>> = {
  IS_DEFINED: test((value) => value !== undefined),
  IS_NULL: test((value) => value === null),
  IS_BOOL: test((value) => typeof value === 'boolean'),
  IS_NUMBER: test((value) => typeof value === 'number'),
  IS_STRING: test(isText),
  IS_ARRAY: test(Array.isArray),
  IS_OBJECT: test(isObject),
  IS_PRIMITIVE: test((value) => value !== undefined && (value === null || typeof value !== 'object')),
  ARRAY_CONTAINS: { min: 2, max: 3, call: arrayContains },
  ARRAY_LENGTH: { min: 1, max: 1, call: (value) => (Array.isArray(value) ? value.length : undefined) },
  STARTSWITH: compareTexts((text, part) => text.startsWith(part)),
  ENDSWITH: compareTexts((text, part) => text.endsWith(part)),
  CONTAINS: compareTexts((text, part) => text.includes(part)),
  STRINGEQUALS: compareTexts((text, part) => text === part),
  INDEX_OF: {
    min: 2,
    max: 2,
    call: (text, part) => (isText(text) && isText(part) ? text.indexOf(part) : undefined),
  },
  LENGTH: ofText((text) => text.length),
  LOWER: ofText((text) => text.toLowerCase()),
  UPPER: ofText((text) => text.toUpperCase()),
  TRIM: ofText((text) => text.trim()),
  LTRIM: ofText((text) => text.trimStart()),
  RTRIM: ofText((text) => text.trimEnd()),
  LEFT: textAndCount((text, count) => text.slice(0, Math.max(0, count))),
  RIGHT: textAndCount((text, count) => (count <= 0 ? '' : text.slice(-count))),
  SUBSTRING: { min: 3, max: 3, call: substring },
  REPLACE: {
    min: 3,
    max: 3,
    call: (text, from, to) =>
      isText(text) && isText(from) && isText(to) ? text.replaceAll(from, () => to) : undefined,
  },
  CONCAT: { min: 2, max: 100, call: concat },
  TOSTRING: { min: 1, max: 1, call: textOf },
  ABS: ofNumber(Math.abs),
  CEILING: ofNumber(Math.ceil),
  FLOOR: ofNumber(Math.floor),
  ROUND: ofNumber(round),
  SIGN: ofNumber(Math.sign),
  SQRT: ofNumber(Math.sqrt),
  TRUNC: ofNumber(Math.trunc),
  POWER: {
    min: 2,
    max: 2,
    call: (base, exponent) =>
      typeof base === 'number' && typeof exponent === 'number' ? finite(base ** exponent) : undefined,
  },
};

/** The function of that (upper-case) name, if it is simulated. */
export const builtIn = (name: string): BuiltIn | undefined =>
  Object.hasOwn(TABLE, name) ? TABLE[name] : undefined;

export const builtInNames = (): readonly string[] => Object.keys(TABLE);
