// Renders the route table for docs/api.md: one table of all routes, and what each of them takes and answers.
import { openApiDocument } from '../../../src/functions/openapi/document';
import { problemsOf, routeList } from '../../../src/functions/routes/routes';
import type { Access } from '../../../src/identity/access';
import type { Route } from '../../../src/functions/routes/route';
import { ERROR_CODES } from '../../../src/errors';
import { markdownTable } from '../tables';

const CALLERS: Readonly<Record<Access, string>> = {
  anyone: 'anyone',
  customer: 'customers and services',
  personal: 'customers, services and operators',
  reader: 'services and readers',
  approver: 'approvers',
  operator: 'operators',
};

export function endpointTable(): string {
  const rows = routeList.map((route) => [
    `\`${titleOf(route)}\``,
    CALLERS[route.caller],
    `${Object.keys(route.answers).join(', ')}; ${problemStatuses(route).join(', ')}`.replace(/; $/, ''),
    route.meaning,
  ]);
  return markdownTable(['Endpoint', 'Who', 'Answers', 'What'], rows);
}

/** What each route takes and answers, as the OpenAPI document has it. */
export function routeReference(): string {
  const { paths, components } = openApiDocument();
  const schemas = components['schemas'] as Readonly<Record<string, Schema>>;
  return routeList
    .map((route) => {
      const operation = paths[`/${route.path}`]?.[route.method.toLowerCase()];
      const parameters = (operation?.parameters ?? []) as readonly Parameter[];
      const taken = parameters
        .filter(({ name }) => name !== 'X-Correlation-Id')
        .map(({ name, in: place, required, schema, description = '' }) => [
          `\`${name}\``,
          place,
          `${wordsFor(schema)}${required ? ', required' : ''}`,
          description,
        ]);
      const fields = route.body === undefined ? [] : fieldRows(resolve(bodySchema(operation), schemas), '');
      const table = [...taken, ...fields];
      const problems = problemsOf(route).map((code) => `\`${code}\` (${ERROR_CODES[code].status})`);
      return [
        `### \`${titleOf(route)}\``,
        `${route.meaning}. Called by ${CALLERS[route.caller]}; function \`${route.name}\`.`,
        ...(table.length === 0 ? [] : [markdownTable(['Name', 'In', 'Takes', 'What'], table)]),
        Object.entries(route.answers)
          .map(([status, { when }]) => `- ${status}: ${when}`)
          .join('\n'),
        ...(problems.length === 0 ? [] : [`Problems: ${problems.join(', ')}.`]),
      ].join('\n\n');
    })
    .join('\n\n');
}

type Schema = Readonly<Record<string, unknown>>;
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: Schema;
  readonly description?: string;
}

const titleOf = ({ method, path }: Route): string => `${method} /api/${path}`;

function problemStatuses(route: Route): string[] {
  return [...new Set(problemsOf(route).map((code) => String(ERROR_CODES[code].status)))]
    .filter((status) => !(status in route.answers))
    .sort();
}

function bodySchema(operation: object | undefined): unknown {
  const { requestBody } = operation as {
    requestBody: { content: Readonly<Record<string, { schema: unknown }>> };
  };
  return requestBody.content['application/json']?.schema;
}

function resolve(schema: unknown, schemas: Readonly<Record<string, Schema>>): Schema {
  const { $ref } = schema as { readonly $ref?: string };
  return $ref === undefined ? (schema as Schema) : (schemas[$ref.split('/').at(-1) ?? ''] ?? {});
}

/** The fields of a body, those within them too. */
function fieldRows(schema: Schema, at: string): string[][] {
  const required = (schema['required'] ?? []) as readonly string[];
  return Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, Schema>>).flatMap(
    ([name, field]) => {
      const isList = field['type'] === 'array';
      const inner = isList ? (field['items'] as Schema) : field;
      const path = `${at}${name}`;
      const row = [
        `\`${path}\``,
        'body',
        `${wordsFor(field)}${required.includes(name) ? ', required' : ''}`,
        (field['description'] as string | undefined) ?? '',
      ];
      return [row, ...fieldRows(inner, `${path}${isList ? '[]' : ''}.`)];
    },
  );
}

/** "integer 1–60", "string of 1–64 characters". */
function wordsFor(schema: Schema): string {
  const range = (low: unknown, high: unknown): string => {
    if (typeof low === 'number' && typeof high === 'number') return ` ${low}–${high}`;
    if (typeof low === 'number') return ` at least ${low}`;
    return typeof high === 'number' ? ` at most ${high}` : '';
  };
  const words = [
    String(schema['format'] ?? schema['type']),
    range(schema['minimum'] ?? schema['exclusiveMinimum'], schema['maximum']),
    schema['type'] === 'string' && (schema['minLength'] !== undefined || schema['maxLength'] !== undefined)
      ? ` of${range(schema['minLength'], schema['maxLength'])} characters`
      : '',
    schema['type'] === 'array' ? ` of${range(schema['minItems'], schema['maxItems'])} entries` : '',
  ].join('');
  const values = Array.isArray(schema['enum']) ? `: ${schema['enum'].map(String).join(', ')}` : '';
  const otherwise =
    schema['default'] === undefined ? '' : `, ${JSON.stringify(schema['default'])} unless given`;
  return `${words}${values}${otherwise}`;
}
