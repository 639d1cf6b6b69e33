// Messages as Service Bus delivers them to a function, and the way to settle them by hand.
//
// The extension is a preview that has changed its shapes: `messages` is one message or an array, a body is parsed, text
// or bytes. This is the one place that knows; what it gives on is always the body as the sender sent it.
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
// Registers, when it is loaded, what turns the host's binding data into messages. By its file, because the types of the
// package bring its sources along, which do not compile under this project's settings.
import '@azure/functions-extensions-servicebus/dist/azure-functions-extensions-servicebus';
import type { InboundBody, InboundMessage, Settlement } from '../ports/inbound-message';

/** Application property with the message id that the sender gave, of a copy that this app has sent in a message's place. */
export const ORIGINAL_ID = 'originalMessageId';

const LARGE_INTEGER_BYTES = 8;
const UUID_BYTES = 16;

/** A message under lock. */
export interface Delivery {
  readonly message: InboundMessage;
  /** As the broker gave it. */
  readonly received: ServiceBusReceivedMessage;
  /** Settles the message; a lost lock rejects, and then the message comes again. `waitMs` is the caller's to wait. */
  readonly settle: (settlement: Settlement) => Promise<void>;
}

/** What the extension hands to the function. */
export interface ServiceBusMessages {
  readonly messages: ServiceBusReceivedMessage | readonly ServiceBusReceivedMessage[];
  readonly actions: SettlementActions;
}

interface SettlementActions {
  complete(message: ServiceBusReceivedMessage): Promise<void>;
  abandon(message: ServiceBusReceivedMessage): Promise<void>;
  /** Optional texts are objects, whatever the declared types of the package say: a plain string cannot be encoded. */
  deadletter(
    message: ServiceBusReceivedMessage,
    propertiesToModify: undefined,
    reason: { readonly value: string },
    description: { readonly value: string },
  ): Promise<void>;
}

/** The messages of one invocation; `metadata` is what the trigger says of them beside. */
export function deliveriesOf(
  { messages, actions }: ServiceBusMessages,
  metadata: Readonly<Record<string, unknown>> = {},
): readonly Delivery[] {
  return [messages].flat().map((received) => ({
    message: toInboundMessage(received, metadata),
    received,
    settle: (settlement) => settle(actions, received, settlement),
  }));
}

/** A message as its sender sent it; `metadata` is what a trigger says of it beside. */
export function toInboundMessage(
  received: ServiceBusReceivedMessage,
  metadata: Readonly<Record<string, unknown>> = {},
): InboundMessage {
  const { applicationProperties } = received;
  const messageId = textOf(applicationProperties?.[ORIGINAL_ID]) ?? brokerIdOf(received);
  return {
    messageId,
    key: textOf(applicationProperties?.['idempotencyKey']) ?? messageId,
    deliveryCount: deliveryCountOf(received, metadata),
    correlationId: idOf(received, 'correlationId'),
    // `Diagnostic-Id` is the name that the Azure SDKs have for it.
    traceparent: textOf(applicationProperties?.['traceparent'] ?? applicationProperties?.['Diagnostic-Id']),
    tenantId: textOf(applicationProperties?.['tenantId']),
    body: bodyOf(received),
  };
}

/** The message id that the broker knows: that of the copy where a message is one. */
export function brokerIdOf(received: ServiceBusReceivedMessage): string {
  return idOf(received, 'messageId') ?? '';
}

/** The extension falls back to 0 where the broker leaves the count out, as it may at a first delivery. */
function deliveryCountOf(
  { deliveryCount = 0 }: ServiceBusReceivedMessage,
  metadata: Readonly<Record<string, unknown>>,
): number {
  const told = Number(metadata['deliveryCount'] ?? 0);
  return Math.max(1, deliveryCount, Number.isNaN(told) ? 0 : told);
}

/** An id of AMQP as text. Taken from the raw message where there is one: the extension reads the bytes of a UUID as UTF-8. */
function idOf(received: ServiceBusReceivedMessage, name: 'messageId' | 'correlationId'): string | undefined {
  const raw = (received as Partial<ServiceBusReceivedMessage>)._rawAmqpMessage?.properties?.[name];
  const id: unknown = raw ?? received[name];
  return id instanceof Uint8Array ? textOfBytes(Buffer.from(id)) : textOf(id);
}

/** The decoder leaves 16 bytes of a UUID, 8 of an integer that a double cannot hold, and binary ids as they are. */
function textOfBytes(bytes: Buffer): string {
  if (bytes.length === LARGE_INTEGER_BYTES) return bytes.readBigUInt64BE().toString();
  const digits = bytes.toString('hex');
  return bytes.length === UUID_BYTES
    ? digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    : digits;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** Taken from the raw message where there is one: the extension's parsed body no longer tells `"x"` from `x`. */
function bodyOf({ body, _rawAmqpMessage: raw }: Partial<ServiceBusReceivedMessage>): InboundBody {
  const section: unknown = raw?.body ?? body;
  const content = isSection(section) ? section.content : section;
  if (content instanceof Uint8Array) return { kind: 'bytes', bytes: content };
  if (Array.isArray(content) && content.length > 0 && content.every(isBytes)) {
    return { kind: 'bytes', bytes: Buffer.concat(content) };
  }
  return typeof content === 'string' ? { kind: 'text', text: content } : { kind: 'value', value: content };
}

function isSection(value: unknown): value is { readonly content: unknown } {
  return typeof value === 'object' && value !== null && 'typecode' in value && 'content' in value;
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

async function settle(
  actions: SettlementActions,
  message: ServiceBusReceivedMessage,
  settlement: Settlement,
): Promise<void> {
  switch (settlement.kind) {
    case 'complete':
      return actions.complete(message);
    case 'abandon':
      return actions.abandon(message);
    case 'deadLetter': {
      const { reason, description } = settlement;
      return actions.deadletter(message, undefined, { value: reason }, { value: description });
    }
  }
}

/** As the consumer will parse it: a value that the protocol had parsed is sent as its JSON. */
export function bodyBytes(body: InboundBody): Buffer {
  switch (body.kind) {
    case 'bytes':
      return Buffer.from(body.bytes);
    case 'text':
      return Buffer.from(body.text);
    case 'value':
      return Buffer.from(JSON.stringify(body.value));
  }
}
