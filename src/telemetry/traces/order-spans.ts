// Places of an order's spans in its trace: request → start → saga → steps. Start and saga have ids that follow from the trace, so
// that every host finds them as parents: nothing but the order's `traceparent` is handed on.
import type { OrderHead } from '../../domain/order';
import type { SpanContext } from './span';
import { contextIn, spanIdFor } from './span-context';

const START_KEY = 'saga start';
const SAGA_KEY = 'saga';

type Traced = Pick<OrderHead, 'traceparent'>;

/** The key of the span that starts a saga; a return has a saga of its own. */
export const startKey = (returnNumber?: number): string =>
  returnNumber === undefined ? START_KEY : `${START_KEY} return ${returnNumber}`;

export const sagaKey = SAGA_KEY;

function contextOf({ traceparent }: Traced, key: string): SpanContext | undefined {
  const own = contextIn(traceparent);
  return own && { ...own, spanId: spanIdFor(own.traceId, key) };
}

/** The span under which the steps of the order's saga are. */
export const sagaContext = (order: Traced): SpanContext | undefined => contextOf(order, SAGA_KEY);

/** The span under which the steps of a return are: it has none for its saga, which may wait for weeks. */
export const returnContext = (order: Traced, returnNumber: number): SpanContext | undefined =>
  contextOf(order, startKey(returnNumber));

/** The span under which the saga is: a choreographed one is started by an event, not by a call. */
export const sagaParent = (order: Traced & Pick<OrderHead, 'sagaMode'>): SpanContext | undefined =>
  order.sagaMode === 'choreography' ? contextIn(order.traceparent) : contextOf(order, START_KEY);
