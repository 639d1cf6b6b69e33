// What may change in a schema without a new version.
import fc from 'fast-check';
import { isCompatible, type JsonSchema } from '../../../src/events/compatibility';

const schema = (properties: JsonSchema, ...required: string[]): JsonSchema => ({
  type: 'object',
  properties,
  required,
});
const text = { type: 'string' };
const base = schema({ id: text, at: { anyOf: [text, { type: 'null' }] }, note: text }, 'id', 'at');
const nested = (item: JsonSchema): JsonSchema => schema({ lines: { type: 'array', items: item } }, 'lines');

describe('a schema stays compatible', () => {
  test.each<[string, JsonSchema, JsonSchema]>([
    ['with a new optional field', base, { ...schema({ ...fields(base), more: text }, 'id', 'at') }],
    ['in another order', base, schema({ note: text, at: fields(base)['at'], id: text }, 'at', 'id')],
    ['with a description', base, { ...base, description: 'what it is', title: 'T' }],
    [
      'with a new optional field in a list',
      nested(base),
      nested(schema({ ...fields(base), x: text }, 'id', 'at')),
    ],
  ])('%s', (_, before, after) => {
    expect(isCompatible(before, after)).toEqual({ compatible: true });
  });
});

describe('a schema is no longer compatible', () => {
  test.each<[string, JsonSchema, JsonSchema, string]>([
    [
      'with a new required field',
      base,
      schema({ ...fields(base), x: text }, 'id', 'at', 'x'),
      'x is new and required',
    ],
    ['without a field', base, schema({ id: text, at: fields(base)['at'] }, 'id', 'at'), 'note is gone'],
    [
      'when a field becomes required',
      base,
      schema(fields(base), 'id', 'at', 'note'),
      'note was optional and is required',
    ],
    ['when a field becomes optional', base, schema(fields(base), 'id'), 'at was required and is optional'],
    [
      'when a type changes',
      base,
      schema({ ...fields(base), id: { type: 'integer' } }, 'id', 'at'),
      'id type was "string" and is "integer"',
    ],
    ['when null is no longer allowed', base, schema({ ...fields(base), at: text }, 'id', 'at'), 'at was'],
    [
      'when a limit comes',
      base,
      schema({ ...fields(base), id: { ...text, minLength: 1 } }, 'id', 'at'),
      'id minLength was not limited and is 1',
    ],
    [
      'deep in a list',
      nested(base),
      nested(schema({ ...fields(base), x: text }, 'id', 'at', 'x')),
      'lines[].x is new and required',
    ],
  ])('%s', (_, before, after, reason) => {
    const compared = isCompatible(before, after);
    expect(compared.compatible ? [] : compared.reasons.join('; ')).toContain(reason);
  });
});

const field = fc.constantFrom<JsonSchema>(text, { type: 'integer' }, { type: 'array', items: text }, base);
const anySchema = fc
  .dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.tuple(field, fc.boolean()))
  .map((parts) =>
    schema(
      Object.fromEntries(Object.entries(parts).map(([name, [type]]) => [name, type])),
      ...Object.entries(parts).flatMap(([name, [, required]]) => (required ? [name] : [])),
    ),
  );

describe('compatibility', () => {
  test('holds between a schema and itself, and with any optional field more', () => {
    fc.assert(
      fc.property(anySchema, field, (before, more) => {
        const { properties, required } = before as { properties: JsonSchema; required: string[] };
        expect(isCompatible(before, structuredClone(before)).compatible).toBe(true);
        expect(isCompatible(before, schema({ ...properties, z: more }, ...required)).compatible).toBe(true);
        expect(isCompatible(before, schema({ ...properties, z: more }, ...required, 'z')).compatible).toBe(
          false,
        );
      }),
    );
  });

  test('is handed on: two compatible changes in a row are one', () => {
    fc.assert(
      fc.property(anySchema, anySchema, anySchema, (a, b, c) => {
        if (!isCompatible(a, b).compatible || !isCompatible(b, c).compatible) return;
        expect(isCompatible(a, c).compatible).toBe(true);
      }),
    );
  });

  test('both ways round means the same fields', () => {
    fc.assert(
      fc.property(anySchema, anySchema, (a, b) => {
        const both = isCompatible(a, b).compatible && isCompatible(b, a).compatible;
        expect(both).toBe(same(a, b));
      }),
    );
  });
});

function fields(of: JsonSchema): JsonSchema {
  return of['properties'] as JsonSchema;
}

function same(a: JsonSchema, b: JsonSchema): boolean {
  const sorted = (of: JsonSchema): string =>
    JSON.stringify([
      Object.entries(fields(of)).sort(([x], [y]) => x.localeCompare(y)),
      [...(of['required'] as string[])].sort(),
    ]);
  return sorted(a) === sorted(b);
}
