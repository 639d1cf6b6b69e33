// Ring buffer of the last calls, refused and repeated ones included, in memory, so that a test can see what was sent.
import type { OperationName, ServiceName } from './operation';

/** How many calls are kept. */
const KEPT = 1000;

export interface SeenRequest {
  readonly atMs: number;
  readonly service: ServiceName;
  readonly operation: OperationName;
  readonly orderId: string | undefined;
  readonly method: string;
  /** With its query, as it was sent. */
  readonly path: string;
  /** `Idempotency-Key`, or for a look-up the key it asks for. */
  readonly key: string | undefined;
  readonly traceparent: string | undefined;
  readonly correlationId: string | undefined;
  /** Null until answered, and for ever when the answer was withheld. */
  status: number | null;
}

export interface RequestLog {
  /** Keeps the request, and forgets the oldest when there are too many; `status` may be set later. */
  add(request: SeenRequest): void;
  /** Oldest first. */
  list(orderId: string | undefined): object[];
}

export function createRequestLog(): RequestLog {
  const ring: SeenRequest[] = [];
  let next = 0;
  return {
    add(request) {
      ring[next] = request;
      next = (next + 1) % KEPT;
    },
    list(orderId) {
      return [...ring.slice(next), ...ring.slice(0, next)]
        .filter((request) => orderId === undefined || request.orderId === orderId)
        .map(({ atMs, traceparent, correlationId, key, ...seen }) => ({
          at: new Date(atMs).toISOString(),
          ...seen,
          key: key ?? null,
          traceparent: traceparent ?? null,
          correlationId: correlationId ?? null,
        }));
    },
  };
}
