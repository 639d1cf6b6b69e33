// Inline constraints of ASP.NET routing (`{id:int:min(1)}`), as predicates over a path segment.

export type Constraint = (value: string) => boolean;

const INT_32 = 2n ** 31n;
const INT_64 = 2n ** 63n;
const WHOLE_NUMBER = /^\s*[+-]?\d+\s*$/;
const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/;
const FLOAT = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;
const HEX = '[0-9a-f]';
const HYPHENATED = `${HEX}{8}-${HEX}{4}-${HEX}{4}-${HEX}{4}-${HEX}{12}`;
const GUID = new RegExp(`^(${HEX}{32}|${HYPHENATED}|\\{${HYPHENATED}\\}|\\(${HYPHENATED}\\))$`, 'i');

const WITHOUT_ARGUMENT: Readonly<Record<string, Constraint>> = {
  int: (value) => isWholeNumberBelow(value, INT_32),
  long: (value) => isWholeNumberBelow(value, INT_64),
  bool: (value) => /^(true|false)$/i.test(value.trim()),
  alpha: (value) => /^[a-z]*$/i.test(value),
  guid: (value) => GUID.test(value.trim()),
  decimal: (value) => NUMBER.test(value),
  float: (value) => FLOAT.test(value),
  double: (value) => FLOAT.test(value),
  required: (value) => value !== '',
};

/** Returns the predicate of `name` or `name(argument)`, or undefined when there is none of that name and form. */
export function parseConstraint(text: string): Constraint | undefined {
  const open = text.indexOf('(');
  if (open === -1) return WITHOUT_ARGUMENT[text.toLowerCase()];
  if (!text.endsWith(')')) return undefined;
  const name = text.slice(0, open).toLowerCase();
  const argument = text.slice(open + 1, -1);
  return name === 'regex' ? matching(argument) : withNumbers(name, argument.split(',').map(Number));
}

/** .NET's regular expressions are tried unanchored and without case here too; their own syntax is JavaScript's mostly. */
function matching(pattern: string): Constraint | undefined {
  try {
    const expression = new RegExp(pattern, 'i');
    return (value) => expression.test(value);
  } catch {
    return undefined;
  }
}

function withNumbers(name: string, [first, second]: readonly number[]): Constraint | undefined {
  if (first === undefined || Number.isNaN(first) || Number.isNaN(second ?? 0)) return undefined;
  const isOne = second === undefined;
  switch (name) {
    case 'length':
      return ({ length }) => length >= first && length <= (second ?? first);
    case 'minlength':
      return isOne ? ({ length }) => length >= first : undefined;
    case 'maxlength':
      return isOne ? ({ length }) => length <= first : undefined;
    case 'min':
      return isOne ? (value) => isWithin(value, first, Infinity) : undefined;
    case 'max':
      return isOne ? (value) => isWithin(value, -Infinity, first) : undefined;
    case 'range':
      return isOne ? undefined : (value) => isWithin(value, first, second);
    default:
      return undefined;
  }
}

function isWholeNumberBelow(value: string, limit: bigint): boolean {
  if (!WHOLE_NUMBER.test(value)) return false;
  const number = BigInt(value.trim().replace(/^\+/, ''));
  return number >= -limit && number < limit;
}

function isWithin(value: string, least: number, most: number): boolean {
  return isWholeNumberBelow(value, INT_64) && Number(value) >= least && Number(value) <= most;
}
