// Starts of sagas in spans, whether a request or the reconciler starts them. The platform is told of the span.
import type { OrderHead } from '../../domain/order';
import type { ReturnSagas } from '../../ports/return-sagas';
import type { SagaControl } from '../../ports/saga-control';
import { startKey } from './order-spans';
import { toTraceparent } from './span-context';
import { placeIn, type Tracer } from './tracer';

export function tracedSagas(sagas: SagaControl, tracer: Tracer): SagaControl {
  return {
    ...sagas,
    start: (order, etag) =>
      inStart(tracer, order, startKey(), (traceparent) => sagas.start(order, etag, traceparent)),
  };
}

export function tracedReturnSagas(sagas: ReturnSagas, tracer: Tracer): ReturnSagas {
  return {
    ...sagas,
    start: (order, etag, number) =>
      inStart(tracer, order, startKey(number), (traceparent) =>
        sagas.start(order, etag, number, traceparent),
      ),
  };
}

function inStart(
  tracer: Tracer,
  order: OrderHead,
  key: string,
  start: (traceparent: string) => Promise<void>,
): Promise<void> {
  const attributes = { 'order.id': order.orderId };
  return tracer.within(
    { ...placeIn(order.traceparent), name: key, kind: 'producer', key, attributes },
    ({ context }) => start(toTraceparent(context)),
  );
}
