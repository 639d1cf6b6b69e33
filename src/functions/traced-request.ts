// Span of an HTTP request: who called, what was answered, and of which order it was.
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { traceparentFrom } from '../telemetry/trace-context';
import type { Attributes } from '../telemetry/traces/span';
import type { Tracing } from '../telemetry/traces/tracing';
import { openedFor, runInSpan } from '../telemetry/traces/active-span';
import type { Route } from './routes/route';

type Handle = (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;

/**
 * `handle` in a span of `route`. A read that brings no trace context is not traced: a page that looks once a second would bury
 * what happened.
 */
export function traced(route: Route, tracing: Tracing, handle: Handle): Handle {
  if (!tracing.isOn) return handle;
  return (request, context) => {
    const traceparent = traceparentFrom(request.headers.get('traceparent'));
    if (traceparent === undefined && route.method === 'GET') return handle(request, context);
    const arrival = {
      name: `${route.method} /api/${route.path}`,
      kind: 'server' as const,
      traceparent,
      platformTraceparent: context.traceContext?.traceParent,
      attributes: { 'http.request.method': route.method, ...orderIn(route, request) },
    };
    return tracing.arrival(
      arrival,
      (span) => {
        if (span === undefined) return handle(request, context);
        openedFor(context, span);
        // A new order begins its own trace in this span; only a request about one that is there has to be followed.
        return route.name === 'CreateOrder'
          ? handle(request, context)
          : runInSpan(span, () => handle(request, context));
      },
      ({ status = 200 }) => ({
        attributes: { 'http.response.status_code': status },
        error: status >= 500 ? String(status) : undefined,
      }),
    );
  };
}

function orderIn({ path }: Route, { params }: HttpRequest): Attributes {
  const { id } = params;
  return id !== undefined && path.includes('orders/{id}') ? { 'order.id': id } : {};
}
