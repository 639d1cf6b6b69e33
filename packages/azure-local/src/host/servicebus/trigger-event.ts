// Converter of received messages to the data and the metadata of a trigger, in the shapes that the platform gives its
// workers.
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { idText } from '../../kit/amqp-ids';
import type { TypedData } from '../core-types';
import type { TriggerEvent } from '../invocation';
import { textData } from '../text-data';
import { deliveryCountOf, toModelBindingData } from './message-encoding';
import type { ServiceBusFunction } from './service-bus-bindings';

/** What the platform logs as the reason of a message. */
const REASON = '(null)';
const BOM = '\ufeff';

/** @throws Error for a body that the platform does not hand over either. */
export function toTriggerEvent(
  { dataType, isBatch }: Pick<ServiceBusFunction, 'dataType' | 'isBatch'>,
  messages: readonly ServiceBusReceivedMessage[],
): TriggerEvent {
  const [first] = messages;
  if (first === undefined) throw new Error('There is no message to hand over.');
  return {
    data: isBatch ? toCollection(dataType, messages) : toSingle(dataType, first),
    metadata: isBatch ? metadataOfMany(messages) : metadataOfOne(first),
    reason: REASON,
  };
}

function toSingle(dataType: ServiceBusFunction['dataType'], message: ServiceBusReceivedMessage): TypedData {
  switch (dataType) {
    case 'message':
      return { modelBindingData: toModelBindingData(message) };
    case 'text':
      return textData(toText(message));
    case 'bytes':
      return { bytes: toBytes(message) };
  }
}

function toCollection(
  dataType: ServiceBusFunction['dataType'],
  messages: readonly ServiceBusReceivedMessage[],
): TypedData {
  switch (dataType) {
    case 'message':
      return { collectionModelBindingData: { modelBindingData: messages.map(toModelBindingData) } };
    case 'text':
      return { collectionString: { string: messages.map(toText) } };
    case 'bytes':
      return { collectionBytes: { bytes: messages.map(toBytes) } };
  }
}

/** The body as text; bytes that are not UTF-8 become replacement characters. The SDK parses what is JSON. */
function toText(message: ServiceBusReceivedMessage): string {
  if (message._rawAmqpMessage.bodyType === 'data') {
    const text = dataOf(message).toString();
    return text.startsWith(BOM) ? text.slice(BOM.length) : text;
  }
  const body: unknown = message.body;
  if (typeof body === 'string') return body;
  throw notBindable(message, 'text');
}

function toBytes(message: ServiceBusReceivedMessage): Buffer {
  if (message._rawAmqpMessage.bodyType === 'data') return dataOf(message);
  throw notBindable(message, 'bytes');
}

function dataOf({ body }: ServiceBusReceivedMessage): Buffer {
  const data = body as Buffer | readonly Buffer[];
  return Buffer.isBuffer(data) ? data : Buffer.concat(data);
}

function notBindable(
  { messageId, _rawAmqpMessage: { bodyType } }: ServiceBusReceivedMessage,
  wanted: string,
): Error {
  return new Error(
    `The body of message ${String(messageId)} is an AMQP ${bodyType ?? 'value'}, which the platform cannot hand over as ${wanted}. ` +
      'Send the body as data (what the Azure SDKs do), or take the messages themselves with sdkBinding: true.',
  );
}

/** The binding data of one message; of the platform's own objects (`MessageReceiver`, `Client`, …) there are none here. */
function metadataOfOne(message: ServiceBusReceivedMessage): Record<string, TypedData> {
  const metadata: Record<string, TypedData> = {};
  for (const [name, value] of fieldsOf(message)) {
    if (value !== undefined && value !== null) metadata[name] = toTypedData(value);
  }
  return metadata;
}

/** For a batch every name ends in `Array`, with one element for each message. */
function metadataOfMany(messages: readonly ServiceBusReceivedMessage[]): Record<string, TypedData> {
  const columns = new Map<string, unknown[]>();
  for (const message of messages) {
    for (const [name, value] of fieldsOf(message)) {
      const column = columns.get(name);
      if (column === undefined) columns.set(name, [value ?? null]);
      else column.push(value ?? null);
    }
  }
  return Object.fromEntries(
    Array.from(columns, ([name, values]) => [`${name}Array`, { json: JSON.stringify(values) }]),
  );
}

function fieldsOf(message: ServiceBusReceivedMessage): readonly (readonly [string, unknown])[] {
  const { subject, expiresAtUtc, enqueuedTimeUtc, applicationProperties = {} } = message;
  return [
    ['DeliveryCount', deliveryCountOf(message)],
    ['DeadLetterSource', message.deadLetterSource],
    ['LockToken', message.lockToken],
    ['ExpiresAtUtc', toDateTime(expiresAtUtc)],
    ['ExpiresAt', toDateTimeOffset(expiresAtUtc)],
    ['EnqueuedTimeUtc', toDateTime(enqueuedTimeUtc)],
    ['EnqueuedTime', toDateTimeOffset(enqueuedTimeUtc)],
    ['MessageId', idText(message.messageId)],
    ['ContentType', message.contentType],
    ['ReplyTo', message.replyTo],
    ['SequenceNumber', message.sequenceNumber?.toNumber()],
    ['To', message.to],
    ['Subject', subject],
    ['Label', subject],
    ['CorrelationId', idText(message.correlationId)],
    ['ApplicationProperties', applicationProperties],
    ['UserProperties', applicationProperties],
    ['SessionId', message.sessionId],
    ['ReplyToSessionId', message.replyToSessionId],
    ['PartitionKey', message.partitionKey],
  ];
}

function toTypedData(value: unknown): TypedData {
  if (typeof value === 'string') return textData(value);
  return typeof value === 'number' ? { int: value } : { json: JSON.stringify(value) };
}

/** .NET's `DateTime` of no stated zone. */
function toDateTime(date: Date | undefined): string | undefined {
  return date?.toISOString().slice(0, -1);
}

function toDateTimeOffset(date: Date | undefined): string | undefined {
  return date === undefined ? undefined : `${date.toISOString().slice(0, -1)}+00:00`;
}
