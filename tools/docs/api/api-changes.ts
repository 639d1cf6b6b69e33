// Comparator of two OpenAPI documents of this API: names each change that breaks callers, and which callers. Additions break
// none: routes, optional parameters and fields of requests, fields of answers, problems.
import { isJson, schemaChanges, type Json, type Placed } from './schema-changes';

/** One sentence for each breaking change: where, what, and which callers it breaks. */
export function breakingChanges(before: unknown, after: unknown): string[] {
  const [old, now] = [operationsOf(before), operationsOf(after)];
  return [
    ...[...old].flatMap(([route, operation]) => {
      const current = now.get(route);
      return current === undefined
        ? [`${route} is gone: breaks whoever calls it`]
        : operationChanges(
            route,
            { schema: operation, document: before },
            { schema: current, document: after },
          );
    }),
    ...codeChanges(before, after),
  ];
}

function operationsOf(document: unknown): ReadonlyMap<string, Json> {
  const operations = new Map<string, Json>();
  for (const [path, methods] of entriesIn(document, 'paths')) {
    for (const [method, operation] of entriesOf(methods))
      if (isJson(operation)) operations.set(`${method.toUpperCase()} ${path}`, operation);
  }
  return operations;
}

function operationChanges(route: string, before: Placed, after: Placed): string[] {
  const [old, now] = [asJson(before.schema), asJson(after.schema)];
  const name = (operation: Json): string => String(operation['operationId']);
  const asksNothing = ({ security }: Json): boolean => !Array.isArray(security) || security.length === 0;
  const bodyOf = ({ requestBody }: Json): unknown => jsonSchemaIn(asJson(requestBody));
  return [
    ...(name(old) === name(now)
      ? []
      : [`${route} was ${name(old)} and is ${name(now)}: breaks clients that were generated`]),
    ...(asksNothing(old) && !asksNothing(now)
      ? [`${route} asks who calls: breaks whoever calls it without a key or token`]
      : []),
    ...parameterChanges(route, before, after),
    ...(bodyOf(old) === undefined && bodyOf(now) !== undefined
      ? [`${route} asks for a body: breaks whoever sends none`]
      : schemaChanges(
          { ...before, schema: bodyOf(old) },
          { ...after, schema: bodyOf(now) },
          'request',
          `${route} body`,
        )),
    ...answerChanges(route, before, after),
  ];
}

function parameterChanges(route: string, before: Placed, after: Placed): string[] {
  const [old, now] = [parametersOf(before.schema), parametersOf(after.schema)];
  const kept = [...old].flatMap(([name, parameter]) => {
    const current = now.get(name);
    if (current === undefined) return [`${route} ${name} is gone: breaks whoever sends it`];
    return [
      ...(current['required'] === true && parameter['required'] !== true
        ? [`${route} ${name} is required now: breaks whoever leaves it out`]
        : []),
      ...schemaChanges(
        { ...before, schema: parameter['schema'] },
        { ...after, schema: current['schema'] },
        'request',
        `${route} ${name}`,
      ),
    ];
  });
  const added = [...now].filter(([name, { required }]) => !old.has(name) && required === true);
  return [
    ...kept,
    ...added.map(([name]) => `${route} ${name} is new and required: breaks whoever does not know it`),
  ];
}

function parametersOf(operation: unknown): ReadonlyMap<string, Json> {
  const parameters: unknown = asJson(operation)['parameters'];
  const list = Array.isArray(parameters) ? parameters.filter(isJson) : [];
  return new Map(
    list.map((parameter) => [`${String(parameter['in'])} ${String(parameter['name'])}`, parameter]),
  );
}

/** Of the answers that are no problems: these have codes. */
function answerChanges(route: string, before: Placed, after: Placed): string[] {
  const now = new Map(entriesIn(after.schema, 'responses'));
  return entriesIn(before.schema, 'responses').flatMap(([status, response]) => {
    const schema = jsonSchemaIn(asJson(response));
    if (schema === undefined) return [];
    const where = `${route} ${status}`;
    const current = now.get(status);
    if (current === undefined) return [`${where} is gone: breaks whoever waits for it`];
    const headers = new Map(entriesIn(current, 'headers'));
    const lost = entriesIn(response, 'headers').filter(([name]) => !headers.has(name));
    return [
      ...lost.map(([name]) => `${where} has no header ${name} any more: breaks whoever reads it`),
      ...schemaChanges(
        { ...before, schema },
        { ...after, schema: jsonSchemaIn(asJson(current)) },
        'answer',
        `${where} answer`,
      ),
    ];
  });
}

function codeChanges(before: unknown, after: unknown): string[] {
  const codes = (document: unknown): [string, unknown][] =>
    entriesIn(asJson(asJson(document)['components']), 'x-error-codes');
  const now = new Map(codes(after));
  return codes(before).flatMap(([code, entry]) => {
    const [old, current] = [asJson(entry)['status'], asJson(now.get(code))['status']];
    if (!now.has(code)) return [`code ${code} is gone: breaks whoever handles it`];
    return old === current
      ? []
      : [`code ${code} has status ${String(current)}, not ${String(old)}: breaks whoever handles it`];
  });
}

function jsonSchemaIn({ content }: Json): unknown {
  return asJson(asJson(content)['application/json'])['schema'];
}

const asJson = (value: unknown): Json => (isJson(value) ? value : {});
const entriesOf = (value: unknown): [string, unknown][] => Object.entries(asJson(value));
const entriesIn = (value: unknown, key: string): [string, unknown][] => entriesOf(asJson(value)[key]);
