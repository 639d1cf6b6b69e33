// A message on a queue that brings work, and what can become of it. It knows no broker.

export interface InboundMessage {
  /** As its sender gave it, also where the message is a copy that was put off or redriven. */
  readonly messageId: string;
  /** Under which what it asks for is done once: the property `idempotencyKey`, or else the message id. */
  readonly key: string;
  /** 1 at the first delivery. */
  readonly deliveryCount: number;
  readonly correlationId: string | undefined;
  readonly traceparent: string | undefined;
  /** The tenant that the message names. */
  readonly tenantId: string | undefined;
  readonly body: InboundBody;
}

/** As it came: bytes or text to be parsed, or a value that the protocol has parsed already. */
export type InboundBody =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly value: unknown };

/** Why a message was dead-lettered: the words an operator finds on it. */
export type DeadLetterReason =
  'InvalidJson' | 'DeserializationFailed' | 'ValidationFailed' | 'ProcessingFailed';

/** What to do with a message. `waitMs`: how long to hold it before it is given back. */
export type Settlement =
  | { readonly kind: 'complete' }
  | { readonly kind: 'abandon'; readonly waitMs: number }
  | { readonly kind: 'deadLetter'; readonly reason: DeadLetterReason; readonly description: string };
