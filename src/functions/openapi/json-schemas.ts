// Makes the JSON Schemas of the OpenAPI document from the schemas that validate. What is sent and what is answered are
// both described as JSON has them: before a schema's transforms.
import { z } from 'zod';
import { AS_READ } from '../../validation';
import type { Route } from '../routes/route';

export type JsonSchema = Readonly<Record<string, unknown>>;

export const referenceTo = (name: string): string => `#/components/schemas/${name}`;

/** The schemas of bodies and answers by the names under which the document has them. */
export function componentSchemas(routes: readonly Route[]): Readonly<Record<string, JsonSchema>> {
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of componentNames(routes)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io: 'input', uri: referenceTo, override: asDocumented });
  const named = Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(named.map(([name, schema]) => [name, withoutIds(schema)]));
}

/**
 * Under which name the document has each schema: its title, or the name of the first route that takes or answers it:
 * `CreateOrderBody`, `GetHealthAnswer`.
 */
export function componentNames(routes: readonly Route[]): ReadonlyMap<z.ZodType, string> {
  const names = new Map<z.ZodType, string>();
  const add = (schema: z.ZodType, otherwise: string): void => {
    if (!names.has(schema)) names.set(schema, schema.meta()?.title ?? otherwise);
    if (schema instanceof z.ZodArray) add(schema.element as z.ZodType, `${otherwise}Entry`);
  };
  for (const { name, body, answers } of routes) {
    if (body !== undefined) add(body.schema, `${name}Body`);
    for (const { schema } of Object.values(answers)) add(schema, `${name}Answer`);
  }
  return names;
}

/** The schema of one parameter. */
export function parameterSchema(schema: z.ZodType): JsonSchema {
  return withoutIds(z.toJSONSchema(schema, { io: 'input', override: asDocumented }));
}

interface Made {
  readonly zodSchema: unknown;
  readonly jsonSchema: Record<string, unknown>;
}

/** Called by zod for every schema, with the JSON Schema it has made of it, which is changed in place. */
function asDocumented({ zodSchema, jsonSchema }: Made): void {
  const { [AS_READ]: read, type: _, pattern: __, ...kept } = jsonSchema;
  if (read instanceof z.ZodType) {
    for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key);
    Object.assign(jsonSchema, withoutIds(z.toJSONSchema(read)), kept);
  }
  // Left out by zod where the schema transforms: a value that is read, not one that is sent.
  if (zodSchema instanceof z.ZodDefault) jsonSchema['default'] = zodSchema.def.defaultValue;
  // The format says it in one word; the pattern of a date has 250 characters.
  if (typeof jsonSchema['format'] === 'string') delete jsonSchema['pattern'];
  if (jsonSchema['maximum'] === Number.MAX_SAFE_INTEGER) delete jsonSchema['maximum'];
}

function withoutIds(schema: object): JsonSchema {
  const kept = Object.entries(schema).filter(
    ([key]) => key !== '$schema' && key !== '$id' && key !== 'title',
  );
  return Object.fromEntries(kept);
}
