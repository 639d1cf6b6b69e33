// Starts of sagas in spans, whether a request or the reconciler starts them. OpenTelemetry is told of the span as well: the
// durable client sends on the trace context that it finds there.
import type { OrderHead } from '../../domain/order';
import type { ReturnSagas } from '../../ports/return-sagas';
import type { SagaControl } from '../../ports/saga-control';
import type { SpanExporter } from './exporter';
import { startKey } from './order-spans';
import { placeIn, type Tracer } from './tracer';

type Activate = SpanExporter['activate'];

export function tracedSagas(sagas: SagaControl, tracer: Tracer, activate: Activate): SagaControl {
  return {
    ...sagas,
    start: (order, etag) => inStart(tracer, activate, order, startKey(), () => sagas.start(order, etag)),
  };
}

export function tracedReturnSagas(sagas: ReturnSagas, tracer: Tracer, activate: Activate): ReturnSagas {
  return {
    ...sagas,
    start: (order, etag, number) =>
      inStart(tracer, activate, order, startKey(number), () => sagas.start(order, etag, number)),
  };
}

function inStart(
  tracer: Tracer,
  activate: Activate,
  order: OrderHead,
  key: string,
  start: () => Promise<void>,
): Promise<void> {
  const attributes = { 'order.id': order.orderId };
  return tracer.within(
    { ...placeIn(order.traceparent), name: key, kind: 'producer', key, attributes },
    ({ context }) => activate(context, start),
  );
}
