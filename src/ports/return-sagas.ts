// The orchestrations behind the returns of orders.
import type { OrderHead } from '../domain/order';
import type { SagaInstance } from './saga-control';

/** The task hub is away: a TransientError with `outage` says so. */
export interface ReturnSagas {
  /** Starts the saga of a return. Never call it for a return that has ended or has an instance. `traceparent`: the span that starts it. */
  start(order: OrderHead, etag: string, returnNumber: number, traceparent?: string): Promise<void>;
  /** The instance of a return, or undefined when there is none. */
  find(orderId: string, returnNumber: number): Promise<SagaInstance | undefined>;
  /** Wakes a saga that waits, so that it reads the stream. May be lost: what is in the stream counts (S22). */
  wake(orderId: string, returnNumber: number): Promise<void>;
}
