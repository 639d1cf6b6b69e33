// Evaluator of a parsed query over rows. As Kusto does: what is missing is null, and a comparison with null is false.
import type { Assignment, Expression, Operator, Query } from './parse';

export type Value = string | number | boolean | Date | null | { readonly [field: string]: unknown };
export type Row = Readonly<Record<string, Value>>;
/** By name: every row of a table has all of its columns. */
export type Tables = Readonly<Record<string, readonly Row[]>>;

/** @throws when the query names a table or a column that is not there, or a function that is not known here. */
export function runQuery({ table, operators }: Query, tables: Tables): readonly Row[] {
  const rows = tables[table];
  if (rows === undefined) throw new Error(`there is no table ${table}`);
  return operators.reduce<readonly Row[]>((input, operation) => apply(operation, input), rows);
}

function apply(operation: Operator, rows: readonly Row[]): readonly Row[] {
  switch (operation.kind) {
    case 'where':
      return rows.filter((row) => evaluate(operation.condition, row) === true);
    case 'extend':
      return rows.map((row) => ({ ...row, ...made(operation.columns, row) }));
    case 'project':
      return rows.map((row) => made(operation.columns, row));
    case 'summarize':
      return summarize(operation.columns, operation.by, rows);
  }
}

/** Columns that are made together see the row as it was. */
const made = (columns: readonly Assignment[], row: Row): Row =>
  Object.fromEntries(columns.map(({ name, value }) => [name, evaluate(value, row)]));

function summarize(columns: readonly Assignment[], by: readonly Assignment[], rows: readonly Row[]): Row[] {
  const groups = new Map<string, { readonly key: Row; readonly rows: Row[] }>();
  for (const row of rows) {
    const key = made(by, row);
    const text = JSON.stringify(key);
    const group = groups.get(text) ?? { key, rows: [] };
    groups.set(text, group);
    group.rows.push(row);
  }
  if (by.length === 0 && groups.size === 0) groups.set('', { key: {}, rows: [] });
  return [...groups.values()].map(({ key, rows: members }) => ({
    ...key,
    ...Object.fromEntries(columns.map(({ name, value }) => [name, aggregate(value, members)])),
  }));
}

function aggregate(expression: Expression, rows: readonly Row[]): Value {
  if (expression.kind !== 'call') throw new Error('summarize needs aggregations');
  const [first, second] = expression.args;
  const values = (): Value[] =>
    rows.map((row) => (first === undefined ? null : evaluate(first, row))).filter((value) => value !== null);
  switch (expression.name) {
    case 'count':
      return rows.length;
    case 'countif':
      return values().filter((value) => value === true).length;
    case 'min':
      return sorted(values())[0] ?? null;
    case 'max':
      return sorted(values()).at(-1) ?? null;
    case 'percentile':
      return percentile(sorted(values()), second?.kind === 'literal' ? Number(second.value) : NaN);
    default:
      throw new Error(`the aggregation ${expression.name} is not known here`);
  }
}

const sorted = (values: readonly Value[]): Value[] =>
  [...values].sort(
    (a, b) => Number(a instanceof Date ? a.getTime() : a) - Number(b instanceof Date ? b.getTime() : b),
  );

/** The least value that `percent` of 100 do not exceed. */
function percentile(values: readonly Value[], percent: number): Value {
  return values[Math.max(0, Math.ceil((percent / 100) * values.length) - 1)] ?? null;
}

function evaluate(expression: Expression, row: Row): Value {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'column': {
      const value = row[expression.name];
      if (value === undefined) throw new Error(`there is no column ${expression.name}`);
      return value;
    }
    case 'member':
      return memberOf(evaluate(expression.of, row), expression.name);
    case 'in':
      return expression.list.some((item) => equals(evaluate(expression.left, row), evaluate(item, row)));
    case 'binary':
      return binary(expression.sign, evaluate(expression.left, row), () => evaluate(expression.right, row));
    case 'call':
      return call(
        expression.name,
        expression.args.map((argument) => evaluate(argument, row)),
      );
  }
}

function memberOf(of: Value, name: string): Value {
  if (typeof of !== 'object' || of === null || of instanceof Date) return null;
  return (of[name] ?? null) as Value;
}

const numberOf = (value: Value): number =>
  value instanceof Date ? value.getTime() : typeof value === 'number' ? value : NaN;

const equals = (a: Value, b: Value): boolean =>
  a !== null &&
  b !== null &&
  (a instanceof Date && b instanceof Date ? a.getTime() === b.getTime() : a === b);

function binary(sign: string, left: Value, right: () => Value): Value {
  switch (sign) {
    case 'and':
      return left === true && right() === true;
    case 'or':
      return left === true || right() === true;
    case '==':
      return equals(left, right());
    case '!=':
      return !equals(left, right());
    case 'startswith':
      return typeof left === 'string' && left.toLowerCase().startsWith(textOf(right()).toLowerCase());
    case '<':
      return numberOf(left) < numberOf(right());
    case '<=':
      return numberOf(left) <= numberOf(right());
    case '>':
      return numberOf(left) > numberOf(right());
    case '>=':
      return numberOf(left) >= numberOf(right());
    default:
      return arithmetic(sign, numberOf(left), numberOf(right()));
  }
}

function arithmetic(sign: string, left: number, right: number): number {
  switch (sign) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    default:
      throw new Error(`the operator ${sign} is not known here`);
  }
}

function call(name: string, args: readonly Value[]): Value {
  const [first = null, second = null, third = null] = args;
  switch (name) {
    case 'not':
      return first !== true;
    case 'tostring':
      return textOf(first);
    case 'todouble':
      return first === null || Number.isNaN(Number(first)) ? null : Number(first);
    case 'strcat':
      return args.map(textOf).join('');
    case 'parse_json':
      return parsed(first);
    case 'case':
      return chosen(args);
    case 'bin':
      return binned(first, numberOf(second));
    case 'datetime_diff':
      if (first !== 'millisecond') throw new Error(`datetime_diff in ${textOf(first)} is not known here`);
      return numberOf(second) - numberOf(third);
    default:
      throw new Error(`the function ${name} is not known here`);
  }
}

function textOf(value: Value): string {
  if (value === null) return '';
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function parsed(value: Value): Value {
  try {
    return JSON.parse(textOf(value)) as Value;
  } catch {
    // As Kusto: a text that is no JSON is a value of its own.
    return value;
  }
}

/** Conditions and values in turn, then the value of none. */
function chosen(args: readonly Value[]): Value {
  for (let at = 0; at + 1 < args.length; at += 2) if (args[at] === true) return args[at + 1] ?? null;
  return args.at(-1) ?? null;
}

function binned(value: Value, size: number): Value {
  const floor = Math.floor(numberOf(value) / size) * size;
  return value instanceof Date ? new Date(floor) : floor;
}
