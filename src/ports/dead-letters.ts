// Messages that a queue has given up, and the way back into it.
import type { InboundBody } from './inbound-message';

/** A message in the dead letters of a queue. */
export interface DeadLetter {
  /** The broker's number: names the letter for as long as it lies there. */
  readonly sequenceNumber: string;
  readonly messageId: string;
  /** Under which what the message asks for is done once, however often it is sent; the message id unless it names another. */
  readonly key: string;
  readonly tenantId: string | undefined;
  readonly correlationId: string | undefined;
  readonly subject: string | undefined;
  readonly enqueuedAt: string;
  readonly deliveryCount: number;
  readonly reason: string;
  readonly description: string;
  /** How often it was sent back to its queue before. */
  readonly redriveCount: number;
  readonly body: InboundBody;
}

/**
 * `moved`: the copy was accepted by the queue, then the letter was removed; a crash in between leaves both, and moving the
 * letter again adds no second copy within the queue's window for duplicates. `gone`: there is no such letter any more, or
 * somebody else holds it.
 */
export type Moved = 'moved' | 'gone';

export interface DeadLetters {
  /** At most `limit` letters of `queue`, from the number `from` on, oldest first; takes and locks nothing. */
  list(queue: string, from: string | undefined, limit: number): Promise<readonly DeadLetter[]>;
  /**
   * Sends each letter back to its queue, with the text that `textOf` gives in the place of its body if any, and without what
   * dead-lettering wrote on it. By sequence number: what came of it.
   * @throws TransientError with `outage` when the broker is away; what was moved until then stays moved.
   */
  redrive(
    queue: string,
    sequenceNumbers: readonly string[],
    textOf: (letter: DeadLetter) => string | undefined,
  ): Promise<ReadonlyMap<string, Moved>>;
}
