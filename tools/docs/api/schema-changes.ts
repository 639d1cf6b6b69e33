// Comparator of two JSON Schemas: a schema of requests must take what it took before, a schema of answers may let through no
// more than before. Knows the keywords that this app's schemas have (json-schemas.ts).

export type Json = Readonly<Record<string, unknown>>;
export type Direction = 'request' | 'answer';

/** A schema in its document, whose references lead into it. */
export interface Placed {
  readonly schema: unknown;
  readonly document: unknown;
}

/** One sentence for each breaking change; `at` is where the schema stands. */
export function schemaChanges(before: Placed, after: Placed, direction: Direction, at: string): string[] {
  const [old, now] = [before, after].map(resolved) as [Json, Json];
  const nested = (key: string, where: string): string[] =>
    isJson(old[key]) && isJson(now[key])
      ? schemaChanges({ ...before, schema: old[key] }, { ...after, schema: now[key] }, direction, where)
      : [];
  return [
    ...(direction === 'request' ? narrowed(old, now, at) : widened(old, now, at)),
    ...fieldChanges({ ...before, schema: old }, { ...after, schema: now }, direction, at),
    ...nested('items', `${at}[]`),
    ...nested('additionalProperties', `${at}.*`),
  ];
}

function narrowed(old: Json, now: Json, at: string): string[] {
  const lost = typesOf(old).filter((type) => !covers(typesOf(now), type));
  const values = valuesOf(old)?.filter((value) => valuesOf(now)?.includes(value) === false) ?? [];
  const broken = (what: string): string => `${at} ${what}: breaks whoever sends it`;
  return [
    ...lost.map((type) => broken(`takes no ${type} any more`)),
    ...values.map((value) => broken(`takes ${value} no more`)),
    ...(valuesOf(old) === undefined && valuesOf(now) !== undefined
      ? [broken('takes a few values only')]
      : []),
    ...LOWER.filter((key) => numberIn(now, key, -Infinity) > numberIn(old, key, -Infinity)).map((key) =>
      broken(`has ${key} ${text(now[key])}, not ${text(old[key])}`),
    ),
    ...UPPER.filter((key) => numberIn(now, key, Infinity) < numberIn(old, key, Infinity)).map((key) =>
      broken(`has ${key} ${text(now[key])}, not ${text(old[key])}`),
    ),
    ...FORMS.filter((key) => now[key] !== undefined && now[key] !== old[key]).map((key) =>
      broken(`has ${key} ${text(now[key])}, not ${text(old[key])}`),
    ),
    ...(old['additionalProperties'] !== false && now['additionalProperties'] === false
      ? [`${at} takes no other fields any more: breaks whoever sends some`]
      : []),
  ];
}

function widened(old: Json, now: Json, at: string): string[] {
  const gained = typesOf(now).filter((type) => !covers(typesOf(old), type));
  const values = valuesOf(now)?.filter((value) => valuesOf(old)?.includes(value) === false) ?? [];
  const broken = (what: string): string => `${at} ${what}: breaks whoever reads it`;
  return [
    ...gained.map((type) => broken(`may be ${type}`)),
    ...values.map((value) => broken(`may be ${value}`)),
    ...(valuesOf(old) !== undefined && valuesOf(now) === undefined ? [broken('may be any value')] : []),
    ...FORMS.filter((key) => old[key] !== undefined && now[key] !== old[key]).map((key) =>
      broken(`has ${key} ${text(now[key])}, not ${text(old[key])}`),
    ),
  ];
}

function fieldChanges(before: Placed, after: Placed, direction: Direction, at: string): string[] {
  const [old, now] = [fieldsOf(before.schema), fieldsOf(after.schema)];
  const isClosed = isJson(after.schema) && after.schema['additionalProperties'] === false;
  const kept = [...old].flatMap(([name, { schema, required }]) => {
    const field = `${at}.${name}`;
    const current = now.get(name);
    if (current === undefined) {
      if (direction === 'answer') return [`${field} is gone: breaks whoever reads it`];
      return isClosed ? [`${field} is not taken any more: breaks whoever sends it`] : [];
    }
    const inner = schemaChanges(
      { ...before, schema },
      { ...after, schema: current.schema },
      direction,
      field,
    );
    if (direction === 'answer' && required && !current.required)
      return [`${field} may be missing: breaks whoever reads it`, ...inner];
    if (direction === 'request' && !required && current.required)
      return [`${field} is required now: breaks whoever leaves it out`, ...inner];
    return inner;
  });
  const added = [...now].filter(([name, { required }]) => !old.has(name) && required);
  return direction === 'answer'
    ? kept
    : [
        ...kept,
        ...added.map(([name]) => `${at}.${name} is new and required: breaks whoever does not know it`),
      ];
}

const LOWER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems'];
const UPPER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems'];
const FORMS = ['pattern', 'format'];

const text = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value));

function numberIn(schema: Json, key: string, otherwise: number): number {
  const value = schema[key];
  return typeof value === 'number' ? value : otherwise;
}

/** Follows references, and makes one schema of a choice between one schema and null. */
function resolved({ schema, document }: Placed): Json {
  if (!isJson(schema)) return {};
  const { $ref, anyOf } = schema;
  if (typeof $ref === 'string') return resolved({ schema: at(document, $ref), document });
  if (!Array.isArray(anyOf)) return schema;
  const [first = {}, ...more] = (anyOf as unknown[]).filter(
    (one) => !(isJson(one) && one['type'] === 'null'),
  );
  if (more.length > 0)
    throw new Error('a choice between several schemas is not compared yet: teach this file');
  const one = resolved({ schema: first, document });
  return anyOf.length > 1 ? { ...one, type: [...typesOf(one), 'null'] } : one;
}

function at(document: unknown, reference: string): unknown {
  return reference
    .split('/')
    .slice(1)
    .reduce<unknown>((value, key) => (isJson(value) ? value[key] : undefined), document);
}

function typesOf({ type, ...schema }: Json): readonly string[] {
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.map(String);
  return valuesOf(schema) === undefined ? ['any value'] : ['string'];
}

const covers = (types: readonly string[], type: string): boolean =>
  types.includes(type) || types.includes('any value') || (type === 'integer' && types.includes('number'));

function valuesOf(schema: Json): readonly string[] | undefined {
  if ('const' in schema) return [text(schema['const'])];
  return Array.isArray(schema['enum']) ? schema['enum'].map(text) : undefined;
}

function fieldsOf(schema: unknown): ReadonlyMap<string, { schema: unknown; required: boolean }> {
  if (!isJson(schema) || !isJson(schema['properties'])) return new Map();
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  return new Map(
    Object.entries(schema['properties']).map(([name, field]) => [
      name,
      { schema: field, required: required.includes(name) },
    ]),
  );
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
