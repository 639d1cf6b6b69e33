// Messages by which choreographed sagas go on, besides the events of their orders: at once or at a later time.
import type { StepError } from '../domain/outcome';

/** A call of the saga that is to be made again; the fields but the last two are those of the engine's retry. */
export interface SagaRetry {
  readonly step: string;
  readonly attempt: number;
  readonly attemptsUsed: number;
  readonly lastError: StepError | null;
  readonly refusedForMs: number;
  readonly attempted: boolean;
  /** Working time that the calls of this step before it, and the pauses between them, have used (S28). */
  readonly workedMs: number;
  /** Whether a person or a callback has been waited for, and did not answer. */
  readonly waited: boolean;
}

/** Without `retry` the saga goes on wherever its stream stands. */
export interface SagaMessage {
  readonly orderId: string;
  readonly tenantId: string;
  /** Id of the event or the message with which a chain of retries began. */
  readonly eventId: string;
  readonly retry?: SagaRetry | undefined;
}

/** A broker that is away is a TransientError with `outage`. */
export interface SagaMessages {
  /** Delivers the message no earlier than `dueMs`, at least once. The same one sent twice may come once. */
  send(message: SagaMessage, dueMs: number): Promise<void>;
  /** Whether a message for the order is on its way, or is being handled. */
  isExpected(orderId: string): Promise<boolean>;
}
