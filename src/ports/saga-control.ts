// The orchestrations behind the orders, by order id.
import type { OrderHead } from '../domain/order';

export type SagaRuntimeStatus = 'running' | 'pending' | 'suspended' | 'completed' | 'failed' | 'terminated';

export interface SagaInstance {
  readonly runtimeStatus: SagaRuntimeStatus;
  readonly customStatus: unknown;
  readonly output: unknown;
}

/** The task hub is away: a TransientError with `outage` says so. */
export interface SagaControl {
  /**
   * Starts the saga of an order. Never call it for an order that ended or has an instance: Durable would overwrite it.
   * `traceparent`: the span that starts it.
   */
  start(order: OrderHead, etag: string, traceparent?: string): Promise<void>;
  /** The instance of an order, or undefined when there is none. */
  find(orderId: string): Promise<SagaInstance | undefined>;
  /** Tells a saga of a cancel request; wakes a suspended one. May be lost: the request in the stream is what counts (S7). */
  signalCancel(orderId: string): Promise<void>;
  /**
   * Tells a saga that there is an answer to its question of approval, in the stream at `sequence`. May be lost, as is a cancel's
   * signal (S15); a suspended saga stays suspended.
   */
  signalApproval(orderId: string, sequence: number): Promise<void>;
  /** Stops a running saga from taking further steps, until `resume`. */
  suspend(orderId: string, reason: string): Promise<void>;
  /** Lets a suspended saga go on. */
  resume(orderId: string, reason: string): Promise<void>;
  /** Ends a saga where it stands; nothing is compensated. */
  terminate(orderId: string, reason: string): Promise<void>;
  /** Resolves when the task hub answers. */
  ping(): Promise<void>;
}
