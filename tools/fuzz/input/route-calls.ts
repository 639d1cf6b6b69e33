// Calls of the app's routes, made from the route table: paths with odd segments, queries with values at and beyond the bounds
// of their parameters, bodies of operators with odd fields.
import fc from 'fast-check';
import { parameterSchema } from '../../../src/functions/openapi/json-schemas';
import { routeList, ROUTES } from '../../../src/functions/routes/routes';
import type { Route } from '../../../src/functions/routes/route';
import { oddQuery } from './headers';

export interface Call {
  readonly method: string;
  readonly target: string;
  readonly body: string;
}

/** Stands for an order that is there; replaced when the input is sent (fuzz-target.F1). */
export const SOME_ORDER = '-an-order-';
export const NO_ORDER = '00000000-0000-4000-8000-000000000000';

export const segment = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      SOME_ORDER,
      NO_ORDER,
      'nobody',
      'steady',
      '%00',
      '..',
      '%2e%2e',
      '..%2F..%2Fetc',
      '%E0%A4%A',
      '%ff',
      '%ED%A0%80',
      "'%20OR%201=1",
      '%F0%9F%A6%84',
      'x'.repeat(2_000),
      'x'.repeat(9_000),
      '__proto__',
      'constructor',
      'customer',
      '*',
      '{id}',
      '%7Bid%7D',
      '',
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 20, unit: 'binary' }).map(encodeURIComponent) },
);

const TIMES = ['2026-01-01T00:00:00Z', '2026-01-01', '9999-12-31T23:59:59Z', '0000-01-01T00:00:00Z', 'now'];
const DAYS = ['2026-02-30', '2024-02-29', '1900-01-01'];
const NUMBERS = ['1e2', ' 5', '0x10', '10001'];

/** Values at and beyond the bounds of a parameter. */
function valuesFor(field: Parameters<typeof parameterSchema>[0]): string[] {
  const { minimum, maximum, enum: values, format, type } = parameterSchema(field);
  const near = (bound: unknown): string[] =>
    typeof bound === 'number' ? [bound - 1, bound, bound + 1].map(String) : [];
  return [
    ...near(minimum),
    ...near(maximum),
    ...(Array.isArray(values) ? values.map(String).flatMap((value) => [value, value.toUpperCase()]) : []),
    ...(type === 'integer' ? NUMBERS : []),
    ...(format === 'date-time' || format === 'date' ? [...TIMES, ...DAYS] : []),
    `${NO_ORDER}:0`,
  ];
}

export function queryOf({ query }: Pick<Route, 'query'>): fc.Arbitrary<string> {
  const shape = Object.entries(query?.shape ?? {}) as [string, Parameters<typeof parameterSchema>[0]][];
  const names = shape.map(([name]) => name);
  const values = shape.flatMap(([, field]) => valuesFor(field));
  return oddQuery(names.length === 0 ? ['asOf'] : names, values.length === 0 ? TIMES : values);
}

const version = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: fc.constant('v1/') },
  { weight: 1, arbitrary: fc.constantFrom('v0/', 'v2/', 'v1', 'V1/', 'v/', `v${'9'.repeat(400)}/`) },
);

const odd = fc.constantFrom<unknown>(null, '', 0, 1, true, [], {}, '__proto__', '\ud83d', 'x'.repeat(10_000));
const NO_BODIES = ['', '{', '[]', 'null', '{"__proto__":1}'];

/** The examples of the table, as they are and with one field that is odd, and what is no body at all. */
function bodyOf({ body }: Route): fc.Arbitrary<string> {
  if (body === undefined) return fc.constant('');
  const example = fc.constantFrom({}, ...Object.values(body.examples)) as fc.Arbitrary<object>;
  const fields = Object.values(body.examples).flatMap((one) => Object.keys(one as object));
  const edited = fc
    .tuple(example, fc.constantFrom(...fields, 'extra'), odd)
    .map(([whole, field, value]) => ({ ...whole, [field]: value }));
  return fc.oneof(
    fc.constantFrom(...NO_BODIES),
    example.map((value) => JSON.stringify(value)),
    edited.map((value) => JSON.stringify(value)),
  );
}

/** Nothing is changed on an order that is there, so that the account of the orders stays simple. */
const callsOf = (route: Route): fc.Arbitrary<Call> =>
  fc
    .record({
      version,
      segments: fc.array(segment, { minLength: 2, maxLength: 2 }),
      query: queryOf(route),
      body: bodyOf(route),
    })
    .map(({ version: prefix, segments, query, body }) => {
      let at = 0;
      const path = route.path.replace(/\{\w+\}/g, () => {
        const given = segments[at++] ?? '';
        return route.method === 'POST' && given === SOME_ORDER ? NO_ORDER : given;
      });
      return { method: route.method, target: `/api/${prefix}${path}${query}`, body };
    });

/** Every route but CreateOrder, which has a target of its own. */
export const routeCalls: fc.Arbitrary<Call> = fc.oneof(
  ...routeList.filter(({ name }) => name !== ROUTES.CreateOrder.name).map(callsOf),
);
