// Decoder of requests by the entries of their routes: parameters, query, headers, body. Everything that is wrong
// with the parameters is named at once; a body is looked at when they are right.
import type { HttpRequest } from '@azure/functions';
import type { z } from 'zod';
import { validate, type FieldError } from '../validation';
import type { Admitted } from './door';
import { HttpProblem, invalid, jsonBody, valid } from './http';
import type { Call, Exchange, Route, RouteBody } from './routes/route';

/** The request as `route` has it; throws an HttpProblem when it is not that. */
export async function callOf<R extends Route>(
  route: R,
  exchange: Exchange,
  admitted: Admitted,
): Promise<Call<R>> {
  const { request } = exchange;
  const { params, query, headers } = fieldsOf(route, exchange);
  const body = route.body === undefined ? undefined : await bodyOf(route.body, request);
  // Each part has passed the very schema that its type comes from.
  return { ...exchange, ...admitted, params, query, headers, body } as unknown as Call<R>;
}

async function bodyOf({ schema, maxBytes, tooLarge }: RouteBody, request: HttpRequest): Promise<unknown> {
  const json = await jsonBody(request, maxBytes);
  const why = tooLarge?.(json);
  if (why !== undefined) throw new HttpProblem('ORDER_TOO_LARGE', why);
  return valid(schema, json);
}

type Part = 'params' | 'query' | 'headers';

function fieldsOf(route: Route, { request }: Exchange): Record<Part, unknown> {
  const given: Record<Part, unknown> = {
    params: request.params,
    query: Object.fromEntries(new URL(request.url).searchParams),
    headers: Object.fromEntries(
      Object.keys(route.headers?.shape ?? {}).map((name) => [name, request.headers.get(name) ?? undefined]),
    ),
  };
  const errors: FieldError[] = [];
  const read = (part: Part): unknown => {
    const schema: z.ZodObject | undefined = route[part];
    if (schema === undefined) return {};
    const parsed = validate(schema, given[part]);
    if (parsed.kind === 'valid') return parsed.value;
    errors.push(...parsed.errors);
    return {};
  };
  const fields = { params: read('params'), query: read('query'), headers: read('headers') };
  if (errors.length > 0) throw invalid(errors);
  return fields;
}
