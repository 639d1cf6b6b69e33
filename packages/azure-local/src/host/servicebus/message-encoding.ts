// Encoder of a received message for a function that takes messages rather than bodies: model binding data with the
// lock token and the AMQP message, as the platform sends them to the worker.
//
// The platform's bytes are: the lock token, 16 bytes in .NET's order; the header; the delivery annotations, whose one key
// is `x-opt-lock-token`; the other sections. Version 0.2 of the extension decodes what follows that text, so there, as on
// Azure, it never sees the header: a message's `deliveryCount` is always 0, and the trigger metadata are where the count
// is. From 0.3.1 on it decodes everything behind the first 16 bytes.
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import rhea from 'rhea';
import { encodableId } from '../../kit/amqp-ids';
import type { ModelBindingData } from '../core-types';

const VERSION = '1.0';
const SOURCE = 'AzureServiceBusReceivedMessage';
const CONTENT_TYPE = 'application/octet-stream';

const LOCK_TOKEN = 'x-opt-lock-token';
const DELIVERY_ANNOTATIONS = 0x71;
/** Each pair of hexadecimal digits of a UUID's text, in the order of .NET's bytes. */
const DOTNET_ORDER = [6, 4, 2, 0, 11, 9, 16, 14, 19, 21, 24, 26, 28, 30, 32, 34];

/**
 * Stands where the platform has the token a second time. Extension 0.2 reads it as a section of its own, and a token
 * there makes rhea warn on the console at every message; an empty section does not.
 */
const NOTHING: unknown = rhea.types.described_nc(
  rhea.types.wrap_ulong(DELIVERY_ANNOTATIONS),
  rhea.types.wrap_map({}),
);

export function toModelBindingData(message: ServiceBusReceivedMessage): ModelBindingData {
  const token = message.lockToken ?? '';
  const amqp = rhea.message.encode(toRheaMessage(message));
  const content = Buffer.allocUnsafe(DOTNET_ORDER.length + amqp.length);
  for (const [index, at] of DOTNET_ORDER.entries()) content[index] = parseInt(token.slice(at, at + 2), 16);
  amqp.copy(content, DOTNET_ORDER.length);
  return { version: VERSION, source: SOURCE, contentType: CONTENT_TYPE, content };
}

/** The platform counts deliveries from 1, AMQP from 0. */
export function deliveryCountOf({ deliveryCount }: ServiceBusReceivedMessage): number {
  return (deliveryCount ?? 0) + 1;
}

function toRheaMessage(message: ServiceBusReceivedMessage): object {
  const { header, properties, messageAnnotations, applicationProperties, footer } = message._rawAmqpMessage;
  const body: unknown = message._rawAmqpMessage.body;
  return {
    durable: header?.durable,
    priority: header?.priority,
    ttl: header?.timeToLive,
    first_acquirer: header?.firstAcquirer,
    delivery_count: deliveryCountOf(message),
    delivery_annotations: { [LOCK_TOKEN]: NOTHING },
    message_annotations: messageAnnotations,
    message_id: encodableId(properties?.messageId),
    to: properties?.to,
    subject: properties?.subject,
    reply_to: properties?.replyTo,
    correlation_id: encodableId(properties?.correlationId),
    content_type: properties?.contentType,
    content_encoding: properties?.contentEncoding,
    absolute_expiry_time: properties?.absoluteExpiryTime,
    creation_time: properties?.creationTime,
    group_id: properties?.groupId,
    group_sequence: properties?.groupSequence,
    reply_to_group_id: properties?.replyToGroupId,
    application_properties: applicationProperties,
    body,
    footer,
  };
}
