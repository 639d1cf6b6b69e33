// Compatibility check of two JSON Schemas, whether one may replace the other without a new version: events written before must be readable
// by code of today, and events written today by consumers of before. Only a new optional field passes both ways.

export type Compatibility =
  { readonly compatible: true } | { readonly compatible: false; readonly reasons: readonly string[] };

export type JsonSchema = Readonly<Record<string, unknown>>;

/** What says nothing about which values are valid. */
const ANNOTATIONS = new Set(['$schema', '$id', '$comment', 'title', 'description', 'examples']);
const FIELDS = new Set(['properties', 'required']);

/** Compares what both schemas let through; the order of keys and `required`, and annotations, do not matter. */
export function isCompatible(before: JsonSchema, after: JsonSchema): Compatibility {
  const reasons = differences(before, after, '');
  return reasons.length === 0 ? { compatible: true } : { compatible: false, reasons };
}

function differences(before: unknown, after: unknown, path: string): string[] {
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((part, index) => differences(part, after[index], path));
  }
  if (!isSchema(before) || !isSchema(after)) {
    return before === after ? [] : [`${path || '(root)'} was ${text(before)} and is ${text(after)}`];
  }
  const keywords = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (keyword) => !ANNOTATIONS.has(keyword) && !FIELDS.has(keyword),
  );
  return [
    ...fieldDifferences(before, after, path),
    ...keywords.flatMap((keyword) => keywordDifferences(keyword, before[keyword], after[keyword], path)),
  ];
}

function keywordDifferences(keyword: string, before: unknown, after: unknown, path: string): string[] {
  if (keyword === 'items') return differences(before, after, `${path}[]`);
  const nested = isSchema(before) || Array.isArray(before);
  return nested ? differences(before, after, path) : differences(before, after, `${path} ${keyword}`.trim());
}

function fieldDifferences(before: JsonSchema, after: JsonSchema, path: string): string[] {
  const [then, now] = [fieldsOf(before), fieldsOf(after)];
  return [...new Set([...then.keys(), ...now.keys()])].flatMap((field) => {
    const at = path === '' ? field : `${path}.${field}`;
    const [old, current] = [then.get(field), now.get(field)];
    if (old === undefined) return current?.required === true ? [`${at} is new and required`] : [];
    if (current === undefined) return [`${at} is gone`];
    const moved = old.required === current.required ? [] : [`${at} ${requirement(current.required)}`];
    return [...moved, ...differences(old.schema, current.schema, at)];
  });
}

function requirement(required: boolean): string {
  return required ? 'was optional and is required' : 'was required and is optional';
}

function fieldsOf(schema: JsonSchema): ReadonlyMap<string, { schema: unknown; required: boolean }> {
  const required = Array.isArray(schema['required']) ? (schema['required'] as unknown[]) : [];
  const properties = isSchema(schema['properties']) ? schema['properties'] : {};
  return new Map(
    Object.entries(properties).map(([field, type]) => [
      field,
      { schema: type, required: required.includes(field) },
    ]),
  );
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return value === undefined ? 'not limited' : JSON.stringify(value);
}
