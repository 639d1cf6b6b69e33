// Compiler of expressions into closures: a query is compiled once and run on many documents.
import { isObject, own, type Json } from '../protocol/json';
import type { AggregateName, BinaryOperator, Expression } from './ast';
import { CosmosError } from '../protocol/errors';
import { builtIn, builtInNames, finite } from './functions';
import { createLike } from './like';
import { unsupported } from './tokenizer';
import { compareValues, equalValues, type Value } from './values';

/** What an expression is evaluated in. */
export interface Scope {
  /** The document, then one value per JOIN. */
  readonly row: readonly Value[];
  readonly parameters: ReadonlyMap<string, Json>;
  /** The finished aggregates, where the expression stands after aggregation. */
  readonly aggregates: readonly Value[];
}

export type Evaluate = (scope: Scope) => Value;

export interface AggregateCall {
  readonly name: AggregateName;
  readonly arg: Evaluate;
}

/** What an expression may refer to. */
export interface Names {
  /** Aliases and their place in the row. */
  readonly sources: ReadonlyMap<string, number>;
  /** Where aggregates are collected and what they may refer to; undefined where none is allowed. */
  readonly aggregates:
    { readonly calls: AggregateCall[]; readonly sources: ReadonlyMap<string, number> } | undefined;
}

export function compile(expression: Expression, names: Names): Evaluate {
  switch (expression.kind) {
    case 'constant':
      return () => expression.value;
    case 'parameter':
      return compileParameter(expression.name);
    case 'source':
      return compileSource(expression, names);
    case 'member':
      return compileMember(expression, names);
    case 'unary':
      return compileUnary(expression.operator, compile(expression.operand, names));
    case 'binary':
      return compileBinary(
        expression.operator,
        compile(expression.left, names),
        compile(expression.right, names),
      );
    case 'in':
      return compileIn(
        compile(expression.operand, names),
        expression.options.map((option) => compile(option, names)),
      );
    case 'like':
      return compileLike(expression, names);
    case 'conditional': {
      const [test, then, otherwise] = [expression.test, expression.then, expression.otherwise].map((part) =>
        compile(part, names),
      ) as [Evaluate, Evaluate, Evaluate];
      return (scope) => (test(scope) === true ? then(scope) : otherwise(scope));
    }
    case 'call':
      return compileCall(expression, names);
    case 'aggregate':
      return compileAggregate(expression, names);
    case 'array': {
      const items = expression.items.map((item) => compile(item, names));
      return (scope) => items.map((item) => item(scope)).filter((value) => value !== undefined);
    }
    case 'object':
      return compileObject(expression.entries, names);
  }
}

function compileParameter(name: string): Evaluate {
  return ({ parameters }) => {
    const value = parameters.get(name);
    if (value === undefined)
      throw new CosmosError(
        400,
        `The query names the parameter ${name}, but the request gives no value for it.`,
      );
    return value;
  };
}

function compileSource(source: { name: string; at: number }, names: Names): Evaluate {
  const place = names.sources.get(source.name);
  if (place === undefined) {
    if (names.aggregates?.sources.has(source.name) === true)
      throw unsupported(source, `'${source.name}' beside an aggregate (that would need GROUP BY)`);
    throw new CosmosError(
      400,
      `Identifier '${source.name}' could not be resolved (at character ${source.at}).`,
    );
  }
  return ({ row }) => row[place];
}

const member = (value: Value, key: Value): Value => {
  if (typeof key === 'string') return isObject(value) ? own(value, key) : undefined;
  return typeof key === 'number' && Array.isArray(value) ? value[key] : undefined;
};

function compileMember(expression: { of: Expression; key: Expression }, names: Names): Evaluate {
  const of = compile(expression.of, names);
  if (expression.key.kind === 'constant') {
    const key = expression.key.value;
    return (scope) => member(of(scope), key);
  }
  const key = compile(expression.key, names);
  return (scope) => member(of(scope), key(scope));
}

function compileUnary(operator: 'NOT' | '-' | '+', operand: Evaluate): Evaluate {
  if (operator === 'NOT')
    return (scope) => {
      const value = operand(scope);
      return typeof value === 'boolean' ? !value : undefined;
    };
  const sign = operator === '-' ? -1 : 1;
  return (scope) => {
    const value = operand(scope);
    return typeof value === 'number' ? sign * value : undefined;
  };
}

const arithmetic =
  (f: (a: number, b: number) => number) =>
  (a: Value, b: Value): Value =>
    typeof a === 'number' && typeof b === 'number' ? finite(f(a, b)) : undefined;

const relation =
  (holds: (order: number) => boolean) =>
  (a: Value, b: Value): Value => {
    const order = compareValues(a, b);
    return order === undefined ? undefined : holds(order);
  };

const equality =
  (expected: boolean) =>
  (a: Value, b: Value): Value =>
    a === undefined || b === undefined ? undefined : equalValues(a, b) === expected;

type StrictOperator = Exclude<BinaryOperator, 'AND' | 'OR' | '??'>;

const OPERATIONS: Readonly<Record<StrictOperator, (a: Value, b: Value) => Value>> = {
  '=': equality(true),
  '!=': equality(false),
  '<': relation((order) => order < 0),
  '<=': relation((order) => order <= 0),
  '>': relation((order) => order > 0),
  '>=': relation((order) => order >= 0),
  '+': arithmetic((a, b) => a + b),
  '-': arithmetic((a, b) => a - b),
  '*': arithmetic((a, b) => a * b),
  '/': arithmetic((a, b) => a / b),
  '%': arithmetic((a, b) => a % b),
  '||': (a, b) => (typeof a === 'string' && typeof b === 'string' ? a + b : undefined),
};

/** AND is decided by a false, OR by a true, on either side; what is neither true nor false is undefined. */
function compileLogic(decisive: boolean, left: Evaluate, right: Evaluate): Evaluate {
  return (scope) => {
    const a = left(scope);
    if (a === decisive) return decisive;
    const b = right(scope);
    if (b === decisive) return decisive;
    return a === !decisive && b === !decisive ? !decisive : undefined;
  };
}

function compileBinary(operator: BinaryOperator, left: Evaluate, right: Evaluate): Evaluate {
  if (operator === 'AND') return compileLogic(false, left, right);
  if (operator === 'OR') return compileLogic(true, left, right);
  if (operator === '??')
    return (scope) => {
      const value = left(scope);
      return value === undefined ? right(scope) : value;
    };
  const operation = OPERATIONS[operator];
  return (scope) => operation(left(scope), right(scope));
}

function compileIn(operand: Evaluate, options: readonly Evaluate[]): Evaluate {
  const equals = equality(true);
  return (scope) => {
    const value = operand(scope);
    let result: Value = false;
    for (const option of options) {
      const same = equals(value, option(scope));
      if (same === true) return true;
      if (same === undefined) result = undefined;
    }
    return result;
  };
}

function compileLike(expression: Expression & { kind: 'like' }, names: Names): Evaluate {
  const operand = compile(expression.operand, names);
  const pattern = compile(expression.pattern, names);
  const like = createLike(
    expression.escape,
    expression.pattern.kind === 'constant' ? expression.pattern.value : undefined,
  );
  return (scope) => {
    const [text, template] = [operand(scope), pattern(scope)];
    return typeof text === 'string' && typeof template === 'string' ? like(text, template) : undefined;
  };
}

function compileCall(call: Expression & { kind: 'call' }, names: Names): Evaluate {
  const found = builtIn(call.name);
  if (found === undefined)
    throw unsupported(call, `the function ${call.name}; it knows ${builtInNames().join(', ')}`);
  if (call.args.length < found.min || call.args.length > found.max)
    throw new CosmosError(
      400,
      `${call.name} takes ${found.min === found.max ? found.min : `${found.min} to ${found.max}`} argument(s), not ${call.args.length} (at character ${call.at}).`,
    );
  const args = call.args.map((arg) => compile(arg, names));
  return (scope) => found.call(...args.map((arg) => arg(scope)));
}

function compileAggregate(aggregate: Expression & { kind: 'aggregate' }, names: Names): Evaluate {
  if (names.aggregates === undefined)
    throw unsupported(
      aggregate,
      `${aggregate.name} anywhere but in SELECT, and not inside another aggregate`,
    );
  const { calls, sources } = names.aggregates;
  const place = calls.length;
  calls.push({ name: aggregate.name, arg: compile(aggregate.arg, { sources, aggregates: undefined }) });
  return ({ aggregates }) => aggregates[place];
}

function compileObject(entries: readonly (readonly [string, Expression])[], names: Names): Evaluate {
  const compiled = entries.map(([key, value]) => [key, compile(value, names)] as const);
  return (scope) => {
    const properties: (readonly [string, Json])[] = [];
    for (const [key, evaluate] of compiled) {
      const value = evaluate(scope);
      if (value !== undefined) properties.push([key, value]);
    }
    return Object.fromEntries(properties);
  };
}
