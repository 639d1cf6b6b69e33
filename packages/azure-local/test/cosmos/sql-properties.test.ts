import fc from 'fast-check';
import type { JsonObject } from '../../src/cosmos/protocol/json';
import { indexEntry, sortable } from '../../src/cosmos/indexes';
import { compileQuery, scopeOf } from '../../src/cosmos/sql/query';
import { parseQuery } from '../../src/cosmos/sql/parse-query';
import { compareForOrder, type Value } from '../../src/cosmos/sql/values';

const PROPERTIES = ['a', 'b', 'c'] as const;

const scalar = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
  fc.constantFrom('', 'x', 'xy', 'Xy', "q'uo\\te", '\u{1F600}', '\uFFFD'),
  fc.boolean(),
  fc.constant(null),
);
const document = fc.record(
  { a: scalar, b: scalar, c: fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })) },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>;

type Truth = boolean | undefined;
interface Predicate {
  readonly sql: string;
  readonly holds: (document: JsonObject) => Truth;
}

const literal = (value: unknown): string =>
  typeof value === 'string'
    ? `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
    : JSON.stringify(value);

const sameType = (a: unknown, b: unknown): boolean => typeof a === typeof b && (a === null) === (b === null);
const codePoints = (text: string): number[] => Array.from(text, (character) => character.codePointAt(0) ?? 0);

/** The specification, without the product's helpers. */
function less(a: unknown, b: unknown): Truth {
  if (a === undefined || b === undefined || !sameType(a, b) || typeof a === 'object')
    return a === null && b === null ? false : undefined;
  if (typeof a !== 'string' || typeof b !== 'string') return (a as number) < (b as number);
  const [left, right] = [codePoints(a), codePoints(b)];
  const at = left.findIndex((point, index) => point !== right[index]);
  if (at < 0) return left.length < right.length;
  return at < right.length && (left[at] as number) < (right[at] as number);
}

const not = (truth: Truth): Truth => (truth === undefined ? undefined : !truth);
const equal = (a: unknown, b: unknown): Truth =>
  a === undefined || b === undefined ? undefined : Object.is(a, b) || a === b;

const comparison: fc.Arbitrary<Predicate> = fc
  .record({
    property: fc.constantFrom(...PROPERTIES),
    operator: fc.constantFrom('=', '!=', '<', '<=', '>', '>='),
    value: scalar,
  })
  .map(({ property, operator, value }) => ({
    sql: `c.${property} ${operator} ${literal(value)}`,
    holds: (doc) => {
      const actual = doc[property];
      switch (operator) {
        case '=':
          return equal(actual, value);
        case '!=':
          return not(equal(actual, value));
        case '<':
          return less(actual, value);
        case '>':
          return less(value, actual);
        case '<=':
          return not(less(value, actual));
        default:
          return not(less(actual, value));
      }
    },
  }));

const membership: fc.Arbitrary<Predicate> = fc
  .record({
    property: fc.constantFrom(...PROPERTIES),
    values: fc.array(scalar, { minLength: 1, maxLength: 3 }),
  })
  .map(({ property, values }) => ({
    sql: `c["${property}"] IN (${values.map(literal).join(', ')})`,
    holds: (doc) =>
      doc[property] === undefined ? undefined : values.some((value) => value === doc[property]),
  }));

const definition: fc.Arbitrary<Predicate> = fc.constantFrom(...PROPERTIES).map((property) => ({
  sql: `IS_DEFINED(c.${property})`,
  holds: (doc) => doc[property] !== undefined,
}));

const predicate = fc.letrec<{ any: Predicate }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    comparison,
    membership,
    definition,
    tie('any').map(({ sql, holds }) => ({
      sql: `NOT (${sql})`,
      holds: (doc: JsonObject) => not(holds(doc)),
    })),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => ({
      sql: `(${a.sql} AND ${b.sql})`,
      holds: (doc: JsonObject): Truth => {
        const truths = [a.holds(doc), b.holds(doc)];
        return truths.includes(false) ? false : truths.includes(undefined) ? undefined : true;
      },
    })),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => ({
      sql: `(${a.sql} OR ${b.sql})`,
      holds: (doc: JsonObject): Truth => {
        const truths = [a.holds(doc), b.holds(doc)];
        return truths.includes(true) ? true : truths.includes(undefined) ? undefined : false;
      },
    })),
  ),
})).any;

test('WHERE lets through exactly the documents that a plain filter lets through', () => {
  fc.assert(
    fc.property(
      predicate,
      fc.array(document, { minLength: 1, maxLength: 10 }),
      ({ sql, holds }, documents) => {
        const query = compileQuery(parseQuery(`SELECT * FROM c WHERE ${sql}`));
        const found = documents.filter((doc) => query.where?.(scopeOf([doc], new Map())) === true);
        expect(found).toEqual(documents.filter((doc) => holds(doc) === true));
      },
    ),
    { numRuns: 1000 },
  );
});

test('an index entry sorts as ORDER BY sorts the value', () => {
  const bytes = (text: string): Buffer => Buffer.from(text);
  fc.assert(
    fc.property(
      fc.option(scalar, { nil: undefined }),
      fc.option(scalar, { nil: undefined }),
      (a: Value, b: Value) => {
        expect(Math.sign(Buffer.compare(bytes(sortable(a)), bytes(sortable(b))))).toBe(
          Math.sign(compareForOrder(a, b)),
        );
      },
    ),
    { numRuns: 1000 },
  );
});

test('two documents share the beginning of their index entries exactly if the indexed values are equal', () => {
  const shape = { partition: true, equal: ['a', 'b'], order: null };
  fc.assert(
    fc.property(document, document, (one, two) => {
      const [first, second] = [indexEntry(shape, '["p"]', one), indexEntry(shape, '["p"]', two)];
      if (first === null || second === null)
        expect([one, two].some(({ a, b }) => a === undefined || b === undefined)).toBe(true);
      else expect(first === second).toBe(one.a === two.a && one.b === two.b);
    }),
  );
});
