// Makes the OpenAPI 3.1 document of this API from the route table and the registry of error codes.
import { ERROR_CODES, type HttpErrorCode } from '../../errors';
import { asksForKey, rolesFor } from '../../identity/access';
import { problemsOf, routeList } from '../routes/routes';
import { ANSWER_HEADERS, type Route } from '../routes/route';
import { API_VERSIONS } from '../routes/versions';
import { componentNames, componentSchemas, parameterSchema, referenceTo } from './json-schemas';
import { PROBLEM_SCHEMA, problemExamples } from './problem-schema';

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: object;
  readonly servers: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, unknown>>;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly object[];
  readonly parameters: readonly object[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, object>>;
}

/** The document; it follows from the code alone. */
export function openApiDocument(): OpenApiDocument {
  const names = componentNames(routeList);
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routeList) {
    const path = (paths[`/${route.path}`] ??= {});
    path[route.method.toLowerCase()] = operationOf(route, (schema) => referenceTo(names.get(schema) ?? ''));
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Order saga',
      version: (API_VERSIONS.at(-1) ?? '').slice(1),
      description:
        'Takes orders and carries each through a saga. Every error is a problem document (RFC 9457) with a `code`; `x-error-codes` has all of them.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [
      ...API_VERSIONS.map((version) => ({ url: `/api/${version}`, description: `Version ${version}` })),
      { url: '/api', description: 'The newest version' },
    ],
    paths,
    components: {
      schemas: { ...componentSchemas(routeList), Problem: PROBLEM_SCHEMA },
      examples: problemExamples(),
      headers: responseHeaders(),
      securitySchemes: {
        functionKey: { type: 'apiKey', in: 'header', name: 'x-functions-key' },
        operatorToken: { type: 'http', scheme: 'bearer', description: 'Operator and approver of any tenant' },
        signIn: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'The sign-in of the platform, where it is configured; the scopes are roles',
        },
      },
      'x-error-codes': ERROR_CODES,
    },
  };
}

type ReferenceOf = (schema: Route['answers'][number]['schema']) => string;

function operationOf(route: Route, referenceOf: ReferenceOf): Operation {
  const { body } = route;
  const content = (
    schema: Route['answers'][number]['schema'],
    examples: Readonly<Record<string, unknown>>,
    mediaType = 'application/json',
  ) => ({
    [mediaType]: {
      schema: { $ref: referenceOf(schema) },
      examples: Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }])),
    },
  });
  const answers = Object.entries(route.answers).map(
    ([status, { when, schema, example, mediaType, headers = [] }]) => [
      status,
      { description: when, headers: headersOf(headers), content: content(schema, { example }, mediaType) },
    ],
  );
  return {
    operationId: route.name,
    summary: route.meaning,
    tags: [tagOf(route)],
    security: securityOf(route),
    parameters: parametersOf(route),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: content(body.schema, body.examples) } }),
    responses: mergedResponses(
      Object.fromEntries(answers) as Record<string, Response>,
      problemResponses(route),
    ),
  };
}

interface Response {
  readonly description: string;
  readonly headers: object;
  readonly content?: Readonly<Record<string, object>>;
}

/** A status may be an answer and a problem: 503 of the health. */
function mergedResponses(
  answers: Readonly<Record<string, Response>>,
  problems: Readonly<Record<string, Response>>,
): Readonly<Record<string, Response>> {
  const merged = { ...answers };
  for (const [status, problem] of Object.entries(problems)) {
    const answer = merged[status];
    merged[status] =
      answer === undefined ? problem : { ...answer, content: { ...answer.content, ...problem.content } };
  }
  return merged;
}

function problemResponses(route: Route): Record<string, Response> {
  const byStatus = new Map<string, HttpErrorCode[]>();
  for (const code of problemsOf(route)) {
    const status = String(ERROR_CODES[code].status);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const responses = [...byStatus].map(([status, codes]): [string, Response] => [
    status,
    {
      description: codes.map((code) => `\`${code}\`: ${ERROR_CODES[code].meaning}`).join('. '),
      headers: {
        ...headersOf(codes.includes('READ_MODEL_BEHIND') ? ['X-As-Of'] : []),
        ...(['429', '503'].includes(status)
          ? { 'Retry-After': { $ref: '#/components/headers/Retry-After' } }
          : {}),
      },
      content: {
        'application/problem+json': {
          schema: { $ref: referenceTo('Problem') },
          examples: Object.fromEntries(
            codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
          ),
        },
      },
    },
  ]);
  return Object.fromEntries(responses);
}

function parametersOf(route: Route): readonly object[] {
  const places = [
    ['path', route.params],
    ['query', route.query],
    ['header', route.headers],
  ] as const;
  const own = places.flatMap(([place, fields]) =>
    Object.entries(fields?.shape ?? {}).flatMap(([name, field]) => {
      const { description, examples, ...schema } = parameterSchema(
        field as Route['answers'][number]['schema'],
      );
      if ('not' in schema) return [];
      const example = Array.isArray(examples) ? { example: examples[0] as unknown } : {};
      const words = description === undefined ? {} : { description };
      return [{ name, in: place, required: place === 'path', ...words, schema, ...example }];
    }),
  );
  return [...own, CORRELATION_ID];
}

const CORRELATION_ID = {
  name: 'X-Correlation-Id',
  in: 'header',
  required: false,
  description: 'Taken over and given back; one is made where there is none',
  schema: { type: 'string' },
};

/** Scopes are the roles that may call the route (OpenAPI 3.1 has them for every kind of scheme). */
function securityOf({ caller, method }: Route): readonly object[] {
  const roles = rolesFor(caller, method);
  if (roles === undefined) return [];
  const signedIn = { signIn: [...roles] };
  return asksForKey(caller) ? [{ functionKey: [] }, signedIn] : [{ operatorToken: [] }, signedIn];
}

/** By what stands first in the path. */
function tagOf({ path, caller }: Route): string {
  return caller === 'operator' ? 'operators' : path.startsWith('orders') ? 'orders' : 'information';
}

function headersOf(names: readonly string[]): Readonly<Record<string, object>> {
  return Object.fromEntries(
    ['X-Correlation-Id', ...names].map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  );
}

function responseHeaders(): Readonly<Record<string, object>> {
  const words = {
    'X-Correlation-Id': 'Of the request',
    'Retry-After': 'Ask again after so many seconds',
    ...ANSWER_HEADERS,
  };
  return Object.fromEntries(
    Object.entries(words).map(([name, description]) => [
      name,
      { description, schema: { type: name === 'Retry-After' ? 'integer' : 'string' } },
    ]),
  );
}
