// The OpenAPI document that is made from the route table.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { toOrderRequest, orderBody } from '../../../src/commands/order-request';
import { ERROR_CODES } from '../../../src/errors';
import { openApiDocument } from '../../../src/functions/openapi/document';
import { problemsOf, routeList, ROUTES } from '../../../src/functions/routes/routes';
import type { Route } from '../../../src/functions/routes/route';
import { validate } from '../../../src/validation';
import { createBodyCheck } from '../../support/answer-check';

type Json = Record<string, unknown>;
interface Content {
  readonly schema: { readonly $ref: string };
  readonly examples: Readonly<Record<string, { readonly value?: unknown; readonly $ref?: string }>>;
}
interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Json }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Content>> }>>;
}

const document = JSON.parse(JSON.stringify(openApiDocument())) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json>; examples: Record<string, { value: Json }> };
};
const operationOf = (route: Route): Operation | undefined =>
  document.paths[`/${route.path}`]?.[route.method.toLowerCase()];
const check = createBodyCheck(document.components);
const table = routeList.map((route) => [route.name, route] as const);

describe('the document', () => {
  test('is OpenAPI 3.1, says a validator', () => {
    const program = path.resolve(__dirname, '../../support/validate-openapi.mjs');
    const ask = (given: unknown): unknown =>
      JSON.parse(
        execFileSync(process.execPath, [program], {
          input: JSON.stringify(given),
          encoding: 'utf8',
        }),
      );
    expect(ask(document)).toEqual({ valid: true, version: '3.1' });
    expect(ask({ ...document, paths: { '/x': { get: { responses: 1 } } } })).toMatchObject({ valid: false });
  });

  test('has every route and no other, each once', () => {
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(ids.sort()).toEqual(Object.keys(ROUTES).sort());
  });

  test.each(table)('%s has an answer, with a body, for every problem that it may end with', (_, route) => {
    for (const code of problemsOf(route)) {
      const response = operationOf(route)?.responses[String(ERROR_CODES[code].status)];
      expect(Object.keys(response?.content?.['application/problem+json']?.examples ?? {})).toContain(code);
    }
  });

  test('says every parameter in the path, and takes none that is refused', () => {
    for (const route of routeList) {
      const inPath = operationOf(route)?.parameters.filter((parameter) => parameter.in === 'path') ?? [];
      expect(inPath.map(({ name }) => `{${name}}`)).toEqual(route.path.match(/\{\w+\}/g) ?? []);
    }
    const listed = operationOf(ROUTES.GetOrdersByCustomer)?.parameters.map(({ name }) => name);
    expect(listed).toEqual(expect.arrayContaining(['limit', 'cursor']));
    expect(listed).not.toContain('page');
  });

  test('shows a number in a query as the number it is read as, with its bounds and its default', () => {
    const limit = operationOf(ROUTES.GetOrderEvents)?.parameters.find(({ name }) => name === 'limit');
    expect(limit?.schema).toEqual({ type: 'integer', minimum: 1, maximum: 1_000, default: 100 });
  });

  test('shows the rule of an id, which the validator has as a function', () => {
    const customerId = document.components.schemas['NewOrder']?.['properties'] as Record<string, Json>;
    expect(customerId['customerId']).toMatchObject({ pattern: '^[A-Za-z0-9_.:~-]{1,64}$' });
  });
});

describe('an example', () => {
  test.each(table)('of a body of %s is taken by what validates', (_, route) => {
    const content = operationOf(route)?.requestBody?.content['application/json'];
    for (const { value } of Object.values(content?.examples ?? {})) {
      if (route.body === undefined) throw new Error('a body that the table does not have');
      expect(validate(route.body.schema, value)).toMatchObject({ kind: 'valid' });
      expect(check(content?.schema.$ref ?? '', value)).toBeUndefined();
    }
    // Every caller of the examples would end the system that it asks.
    const hasNone = route.body === undefined || route === ROUTES.KillProcess;
    expect(Object.keys(content?.examples ?? {}).length > 0).toBe(!hasNone);
  });

  test('of an order adds up', () => {
    for (const value of Object.values(ROUTES.CreateOrder.body.examples))
      expect(toOrderRequest(orderBody.parse(value))).toMatchObject({ kind: 'valid' });
  });

  test.each(table)('of an answer of %s is one', (_, route) => {
    for (const [status, { schema, example }] of Object.entries(route.answers)) {
      expect(validate(schema, example)).toMatchObject({ kind: 'valid' });
      const content = operationOf(route)?.responses[status]?.content?.['application/json'];
      expect(check(content?.schema.$ref ?? '', example)).toBeUndefined();
    }
  });

  test('of a problem is one, for every code that requests are answered with', () => {
    const codes = Object.entries(ERROR_CODES).filter(([, { status }]) => status !== null);
    expect(Object.keys(document.components.examples).sort()).toEqual(codes.map(([code]) => code).sort());
    for (const [code, { status }] of codes) {
      const example = document.components.examples[code]?.value;
      expect(example).toMatchObject({ code, status });
      expect(check('#/components/schemas/Problem', example)).toBeUndefined();
    }
  });
});
