// Tracing of the app: a decorator for each seam. Where nothing is exported each gives back what it was given, so that an app
// without an exporter runs without a line of tracing.
import type { EventPublisher } from '../../ports/event-publisher';
import type { OrderFailures } from '../../ports/order-failures';
import type { OrderStore } from '../../ports/order-store';
import type { ReturnSagas } from '../../ports/return-sagas';
import type { SagaControl } from '../../ports/saga-control';
import type { OpenSpan } from './active-span';
import type { Attributes, Span } from './span';
import { contextIn } from './span-context';
import { tracedActivities } from './traced-activities';
import { inConsumerSpan } from './traced-consumer';
import { tracedOrders } from './traced-orders';
import { tracedFailures, tracedPublisher } from './traced-publishers';
import { tracedReturnSagas, tracedSagas } from './traced-sagas';
import { tracedService } from './traced-service';
import { createTracer } from './tracer';

/** A request or message that comes from outside. */
export interface Arrival {
  readonly name: string;
  readonly kind: 'server' | 'consumer';
  /** As the caller sent it. */
  readonly traceparent: unknown;
  /** As the platform gave it with the invocation, where the platform traces: then it has a span of its own for the arrival. */
  readonly platformTraceparent?: unknown;
  readonly attributes: Attributes;
}

/** What came of it, by its HTTP status or by name. */
export interface Ending {
  readonly attributes: Attributes;
  /** Why it counts as failed. */
  readonly error?: string | undefined;
}

export interface Tracing {
  /** Without it what comes in need not be described. */
  readonly isOn: boolean;
  /** Runs `work` in the span of `arrival`, which it gets; without a trace context from outside a trace begins. */
  arrival<T>(
    arrival: Arrival,
    work: (span: OpenSpan | undefined) => Promise<T>,
    ending: (result: T) => Ending,
  ): Promise<T>;
  activities<A extends object>(activities: A): A;
  orders(orders: OrderStore): OrderStore;
  service<S extends object>(name: string, service: S): S;
  sagas(sagas: SagaControl): SagaControl;
  returnSagas(sagas: ReturnSagas): ReturnSagas;
  publisher(target: string, publisher: EventPublisher): EventPublisher;
  failures(target: string, failures: OrderFailures): OrderFailures;
  /** `source`: the queue that it reads, as `publisher` was told of it. */
  consumer<C extends Takes>(name: string, source: string, consumer: C): C;
  /** Runs `work` for a message of the app's own, under its sending. */
  message<T>(name: string, source: string, message: unknown, work: () => Promise<T>): Promise<T>;
}

interface Takes {
  take(json: unknown, log: never): Promise<unknown>;
}

export const NO_TRACING: Tracing = {
  isOn: false,
  arrival: (_arrival, work) => work(undefined),
  activities: (activities) => activities,
  orders: (orders) => orders,
  service: (_name, service) => service,
  sagas: (sagas) => sagas,
  returnSagas: (sagas) => sagas,
  publisher: (_target, publisher) => publisher,
  failures: (_target, failures) => failures,
  consumer: (_name, _source, consumer) => consumer,
  message: (_name, _source, _message, work) => work(),
};

export interface TracingParts {
  readonly ratio: number;
  readonly nowMs: () => number;
  readonly sink: (span: Span) => void;
}

export function createTracing(parts: TracingParts): Tracing {
  const tracer = createTracer(parts);
  const recording = { tracer, nowMs: parts.nowMs };
  return {
    isOn: true,
    arrival: ({ platformTraceparent, traceparent, kind, ...start }, work, ending) => {
      const platform = contextIn(platformTraceparent);
      // The platform's own span is the server's; a second one would count every request twice.
      const place = platform === undefined ? { kind, parent: contextIn(traceparent) } : within(platform);
      return tracer.within({ ...start, ...place }, async (span) => {
        const result = await work(span);
        const { attributes, error } = ending(result);
        span.set(attributes);
        if (error !== undefined) span.fail(error);
        return result;
      });
    },
    activities: (activities) => tracedActivities(activities, tracer),
    orders: (orders) => tracedOrders(orders, tracer),
    service: (name, service) => tracedService(name, service, tracer),
    sagas: (sagas) => tracedSagas(sagas, tracer),
    returnSagas: (sagas) => tracedReturnSagas(sagas, tracer),
    publisher: (target, publisher) => tracedPublisher(target, publisher, recording),
    failures: (target, failures) => tracedFailures(target, failures, recording),
    consumer: (name, source, consumer) => ({
      ...consumer,
      take: (json, log) => inConsumerSpan(name, source, json, tracer, (handed) => consumer.take(handed, log)),
    }),
    message: (name, source, message, work) => inConsumerSpan(name, source, message, tracer, work),
  };
}

const within = (parent: ReturnType<typeof contextIn>) => ({ kind: 'internal' as const, parent });
