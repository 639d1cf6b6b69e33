// Target: messages on the queue `orders` with bodies, content types, properties and ids by the official SDK, which
// also encodes them as an AMQP value or sequence where the body is marked so. Every message that the broker takes
// becomes an order or a dead letter, as the comparison at the end checks.
import { ServiceBusClient, type ServiceBusSender } from '@azure/service-bus';
import fc from 'fast-check';
import { ID_CHARACTERS_AT_MOST } from 'azure-local/servicebus/limits';
import { emulatorBusConnection } from 'azure-local/kit/emulator-connections';
import { byteEdits, edited, type ByteEdit } from '../input/byte-edits';
import { orderTexts } from '../input/order-bodies';
import { noteTaken, type Tally } from '../run/tally';
import { createTarget, type Target, type FailureReason } from '../run/target';

/** A message as the SDK takes it, its own form or AMQP's. */
type Sendable = Parameters<ServiceBusSender['sendMessages']>[0];

interface QueueInput {
  /** How the body travels: bytes, one AMQP value, or a sequence. */
  readonly section: 'data' | 'value' | 'sequence' | 'json';
  readonly text: string;
  readonly edits: readonly ByteEdit[];
  readonly contentType: string | undefined;
  /** Put behind a number of its own, so that no message is dropped as a duplicate (fuzz-target.F1). */
  readonly idEnding: string;
  readonly correlationId: string | number | undefined;
  readonly subject: string | undefined;
  readonly properties: Readonly<Record<string, string | number | boolean | null>>;
}

const odd = fc.oneof(
  fc.constantFrom('', ' ', '\0', 'é', '🦄', '\ud800', 'x'.repeat(1_000), '__proto__'),
  fc.string({ maxLength: 20, unit: 'binary' }),
);

const inputs: fc.Arbitrary<QueueInput> = fc.record({
  section: fc.constantFrom('data', 'data', 'json', 'value', 'sequence'),
  text: orderTexts.map(({ text }) => text),
  edits: byteEdits(true),
  contentType: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(undefined, 'application/json') },
    { weight: 1, arbitrary: odd },
  ),
  idEnding: fc.oneof({ weight: 4, arbitrary: fc.constant('') }, { weight: 1, arbitrary: odd }),
  correlationId: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, odd, fc.nat()),
  subject: fc.option(odd, { nil: undefined }),
  properties: fc.dictionary(odd, fc.oneof(odd, fc.integer(), fc.boolean(), fc.constant(null)), {
    maxKeys: 3,
  }),
});

export interface OpenQueueTarget {
  readonly target: Target;
  close(): Promise<void>;
}

/** The target on a connection of its own; what the broker takes is counted in `tally`. */
export function openQueueTarget(servicebus: string, tally: Tally): OpenQueueTarget {
  const client = new ServiceBusClient(emulatorBusConnection(servicebus));
  const sender = client.createSender('orders');
  let messages = 0;
  const target = createTarget<QueueInput>({
    name: 'queue',
    share: 12,
    inputs,
    async send(input) {
      messages += 1;
      const messageId = `fuzz-${messages}:${input.idEnding}`;
      return sent(sender.sendMessages(toMessage(input, messageId)), messageId, tally);
    },
  });
  return { target, close: () => client.close() };
}

async function sent(sending: Promise<void>, messageId: string, tally: Tally): Promise<FailureReason> {
  try {
    await sending;
  } catch (error) {
    return refusalFailure(error as Refusal, messageId);
  }
  if (isTooLong(messageId)) return `A message was taken with an id of ${messageId.length} characters.`;
  // UTF-8 has no half of a surrogate pair.
  tally.messages.add(Buffer.from(messageId).toString());
  noteTaken(tally, 'queue');
  return undefined;
}

type Refusal = Error & { readonly code?: string };

/** The SDK has no code of its own for an argument error; it puts the condition before the message. */
const ID_REFUSED = /^ArgumentError: The MessageId has \d+ characters/;

const isTooLong = (messageId: string): boolean => messageId.length > ID_CHARACTERS_AT_MOST;

/**
 * The SDK refuses ids over 128 characters and the like before anything is sent; then it names no AMQP condition. Those of
 * a message in AMQP's own form it sends, and the broker refuses them.
 */
export function refusalFailure({ name, code, message }: Refusal, messageId: string): FailureReason {
  const isOfTheBroker = name === 'ServiceBusError' && code !== undefined;
  const isFair =
    code === 'MessageSizeExceeded' ||
    code === 'InvalidOperation' ||
    (ID_REFUSED.test(message) && isTooLong(messageId));
  return isOfTheBroker && !isFair ? `A message was not taken: ${code} ${message.slice(0, 300)}` : undefined;
}

function toMessage(input: QueueInput, messageId: string): Sendable {
  const { section, text, edits, contentType, correlationId, subject, properties } = input;
  const bytes = edited(Buffer.from(text), edits);
  const common = {
    ...(contentType === undefined ? {} : { contentType }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(subject === undefined ? {} : { subject }),
  };
  if (section === 'data') return { messageId, body: bytes, ...common, applicationProperties: properties };
  const body = parsed(bytes);
  if (section === 'json') return { messageId, body, ...common, applicationProperties: properties };
  return {
    body: section === 'sequence' && !Array.isArray(body) ? [body] : body,
    bodyType: section,
    properties: { messageId, ...common },
    applicationProperties: properties,
  };
}

/** The text itself where it is no JSON. */
function parsed(bytes: Buffer): unknown {
  const text = bytes.toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
