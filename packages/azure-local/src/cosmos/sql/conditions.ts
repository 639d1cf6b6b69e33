// Extracts from WHERE the conditions that an index can serve: those of the top-level conjunction that compare a
// property of the document with a value known before the query runs.
import type { BinaryOperator, Expression } from './ast';

type Comparing = '=' | '<' | '<=' | '>' | '>=';

/** `c.property operator value`. */
export interface Comparison {
  readonly property: string;
  readonly operator: Comparing;
  readonly value: Expression;
}

/** The same comparison seen from its other side. */
const TURNED: Readonly<Partial<Record<BinaryOperator, Comparing>>> = {
  '=': '=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** The conditions of which all must hold. */
function conjunctionOf(where: Expression | undefined): readonly Expression[] {
  if (where === undefined) return [];
  return where.kind === 'binary' && where.operator === 'AND'
    ? [...conjunctionOf(where.left), ...conjunctionOf(where.right)]
    : [where];
}

export function comparisonsOf(where: Expression | undefined, root: string): readonly Comparison[] {
  return conjunctionOf(where).flatMap((condition) => {
    if (condition.kind !== 'binary') return [];
    const { left, right, operator } = condition;
    const turned = TURNED[operator];
    if (turned === undefined) return [];
    const [onLeft, onRight] = [propertyOf(left, root), propertyOf(right, root)];
    if (onLeft !== undefined && isKnown(right))
      return [{ property: onLeft, operator: operator as Comparing, value: right }];
    return onRight !== undefined && isKnown(left)
      ? [{ property: onRight, operator: turned, value: left }]
      : [];
  });
}

/** An array that holds the id of every document the query can give: from `=`, `IN` or `ARRAY_CONTAINS`. */
export function idsOf(where: Expression | undefined, root: string): Expression | undefined {
  const isId = (expression: Expression | undefined): boolean =>
    expression !== undefined && propertyOf(expression, root) === 'id';
  for (const { property, operator, value } of comparisonsOf(where, root))
    if (property === 'id' && operator === '=') return { kind: 'array', items: [value] };
  for (const condition of conjunctionOf(where)) {
    if (condition.kind === 'in' && isId(condition.operand) && condition.options.every(isKnown))
      return { kind: 'array', items: condition.options };
    if (condition.kind !== 'call' || condition.name.toUpperCase() !== 'ARRAY_CONTAINS') continue;
    const [list, item, ...more] = condition.args;
    if (list !== undefined && isKnown(list) && isId(item) && more.length === 0) return list;
  }
  return undefined;
}

/** The name of a property of the document itself; undefined for any other expression. */
export function propertyOf(expression: Expression, root: string): string | undefined {
  if (expression.kind !== 'member' || expression.of.kind !== 'source' || expression.of.name !== root)
    return undefined;
  const { key } = expression;
  return key.kind === 'constant' && typeof key.value === 'string' ? key.value : undefined;
}

/** The path of a value in the document, `/a/b`; undefined for any other expression. */
export function pathOf(expression: Expression, root: string): string | undefined {
  if (expression.kind === 'source') return expression.name === root ? '' : undefined;
  if (expression.kind !== 'member' || expression.key.kind !== 'constant') return undefined;
  const { value } = expression.key;
  if (typeof value !== 'string') return undefined;
  const parent = pathOf(expression.of, root);
  return parent === undefined ? undefined : `${parent}/${value}`;
}

function isKnown(expression: Expression): boolean {
  if (expression.kind === 'array') return expression.items.every(isKnown);
  return expression.kind === 'constant' || expression.kind === 'parameter';
}
