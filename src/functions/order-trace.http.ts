// Route for the trace of an order: its spans where the app can read them, and the page where people look at it.
import type { OrderStore } from '../ports/order-store';
import type { TraceStore } from '../ports/trace-store';
import { traceTree } from '../queries/order-trace';
import { contextIn } from '../telemetry/traces/span-context';
import { findOrder } from './find-order';
import type { RegisterRoute } from './register-routes';
import type { AnswerOf, Call } from './routes/route';
import { ROUTES } from './routes/routes';

type TraceRoute = typeof ROUTES.GetOrderTrace;

export interface OrderTracePorts {
  readonly orders: OrderStore;
  /** Undefined where the app can read no traces. */
  readonly traces: TraceStore | undefined;
  /** Address of the page of a trace, with `{traceId}` in it; empty where there is none. */
  readonly pageOf: string;
}

export function registerOrderTrace(ports: OrderTracePorts, register: RegisterRoute): void {
  register(ROUTES.GetOrderTrace, (call) => traceAnswer(ports, call));
}

/** The trace of the order that the path names. */
export async function traceAnswer(
  { orders, traces, pageOf }: OrderTracePorts,
  { params, scope }: Pick<Call<TraceRoute>, 'params' | 'scope'>,
): Promise<AnswerOf<TraceRoute>> {
  const { orderId, traceparent } = await findOrder(orders, scope, params.id);
  const { traceId = '', isSampled = false } = contextIn(traceparent) ?? {};
  const spans = await traces?.spansOf(traceId);
  return {
    status: 200,
    jsonBody: {
      ...{ orderId, traceId, isSampled },
      link: pageOf === '' ? null : pageOf.replaceAll('{traceId}', traceId),
      tree: spans === undefined ? null : traceTree(orderId, spans),
      hasStore: traces !== undefined,
    },
  };
}
