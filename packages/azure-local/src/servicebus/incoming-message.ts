// Parser of a message that a client sends: the fields that the broker needs, and the bytes it keeps. The body is not
// decoded.
import { randomUUID } from 'node:crypto';
import {
  decodeValue,
  described,
  encodeValue,
  listFields,
  mapEntries,
  textOf,
  types,
  type Typed,
} from './amqp-types';
import { badArgument, headersTooLarge, idTooLong, messageTooLarge } from './errors';
import type { MessageFacts } from './filters';
import { HEADER_BYTES_AT_MOST, ID_CHARACTERS_AT_MOST, MESSAGE_BYTES_AT_MOST } from './limits';
import { SECTION, sectionsOf, type MessageSection } from './sections';

export interface IncomingMessage extends MessageFacts {
  readonly messageId: string;
  readonly timeToLiveMs: number | undefined;
  readonly scheduledAtMs: number | undefined;
  /** All that was sent but the body. */
  readonly headerBytes: number;
  /** The sender's annotations, properties and body as encoded; no header, no delivery annotations. */
  readonly payload: Buffer;
}

const SCHEDULED_ENQUEUE_TIME = 'x-opt-scheduled-enqueue-time';

/** Annotations that the broker writes: what a sender says there is dropped. */
const BROKER_ANNOTATIONS = new Set([
  'x-opt-sequence-number',
  'x-opt-enqueue-sequence-number',
  'x-opt-enqueued-time',
  'x-opt-locked-until',
  'x-opt-message-state',
  'x-opt-deadletter-source',
]);

/** Refuses what is larger than a message, or a batch, may be. */
export function checkSize(encoded: Buffer): void {
  if (encoded.length > MESSAGE_BYTES_AT_MOST) throw messageTooLarge(encoded.length, MESSAGE_BYTES_AT_MOST);
}

/** Reads a message that came from a client; refuses what no limit of the service allows. */
export function parseSent(encoded: Buffer): IncomingMessage {
  checkSize(encoded);
  const message = parseIncoming(encoded);
  checkHeaders(message);
  return message;
}

/** Reads a message; refuses what is no message at all. Gives it a message id if it has none. */
export function parseIncoming(encoded: Buffer): IncomingMessage {
  let sections: MessageSection[];
  try {
    sections = sectionsOf(encoded);
  } catch (error) {
    throw badArgument(`The bytes received are no AMQP message: ${String(error)}`);
  }
  const bytesOf = (code: number): Buffer | undefined => {
    const section = sections.find((one) => one.code === code);
    return section && encoded.subarray(section.start, section.end);
  };
  const header = bytesOf(SECTION.header);
  const annotations = readAnnotations(bytesOf(SECTION.messageAnnotations));
  const properties = readProperties(bytesOf(SECTION.properties));
  const application = bytesOf(SECTION.applicationProperties);
  const body = sections.filter(({ code }) => code >= SECTION.data);
  const { fields } = properties;
  return {
    messageId: properties.messageId,
    to: textOf(fields[2]),
    label: textOf(fields[3]),
    replyTo: textOf(fields[4]),
    correlationId: textOf(fields[5]),
    contentType: textOf(fields[6]),
    sessionId: textOf(fields[10]),
    replyToSessionId: textOf(fields[12]),
    applicationProperties: () => readMap(application),
    timeToLiveMs:
      (header && (listFields(decodeValue(header))[2]?.value as number | null | undefined)) ?? undefined,
    scheduledAtMs: annotations.scheduledAtMs,
    headerBytes: encoded.length - (bodyBytes(encoded, body)?.length ?? 0),
    payload: joined([annotations.encoded, properties.encoded, application, bodyBytes(encoded, body)]),
  };
}

/** A batch: a message whose data sections are encoded messages. */
export const parseBatch = (encoded: Buffer): IncomingMessage[] =>
  sectionsOf(encoded)
    .filter(({ code }) => code === SECTION.data)
    .map(({ valueStart, end }) => parseSent(decodeValue(encoded.subarray(valueStart, end)).value as Buffer));

function checkHeaders({ messageId, sessionId = '', headerBytes }: IncomingMessage): void {
  if (headerBytes > HEADER_BYTES_AT_MOST) throw headersTooLarge(headerBytes, HEADER_BYTES_AT_MOST);
  for (const [name, id] of Object.entries({ MessageId: messageId, SessionId: sessionId }))
    if (id.length > ID_CHARACTERS_AT_MOST) throw idTooLong(name, id.length, ID_CHARACTERS_AT_MOST);
}

const joined = (parts: readonly (Buffer | undefined)[]): Buffer =>
  Buffer.concat(parts.filter((part) => part !== undefined));

const bodyBytes = (encoded: Buffer, sections: readonly MessageSection[]): Buffer | undefined => {
  const [first, last] = [sections[0], sections.at(-1)];
  return first && last && encoded.subarray(first.start, last.end);
};

function readAnnotations(encoded: Buffer | undefined): {
  encoded?: Buffer;
  scheduledAtMs: number | undefined;
} {
  if (encoded === undefined) return { scheduledAtMs: undefined };
  const entries = mapEntries(decodeValue(encoded));
  const scheduled = entries.find(([name]) => name === SCHEDULED_ENQUEUE_TIME)?.[1].value;
  const scheduledAtMs = scheduled instanceof Date ? scheduled.getTime() : undefined;
  if (!entries.some(([name]) => BROKER_ANNOTATIONS.has(name))) return { encoded, scheduledAtMs };
  const kept = entries.filter(([name]) => !BROKER_ANNOTATIONS.has(name));
  const map = types.Map32(kept.flatMap(([name, value]) => [types.wrap_symbol(name), value]));
  return { encoded: encodeValue(described(SECTION.messageAnnotations, map)), scheduledAtMs };
}

interface Properties {
  readonly fields: readonly (Typed | undefined)[];
  readonly messageId: string;
  readonly encoded: Buffer;
}

function readProperties(encoded: Buffer | undefined): Properties {
  const fields = encoded === undefined ? [] : listFields(decodeValue(encoded));
  const given = textOf(fields[0]);
  if (encoded !== undefined && given !== undefined) return { fields, messageId: given, encoded };
  const messageId = randomUUID();
  const list = types.wrap_list([types.wrap_string(messageId), ...fields.slice(1)]);
  return { fields, messageId, encoded: encodeValue(described(SECTION.properties, list)) };
}

const readMap = (encoded: Buffer | undefined): Record<string, unknown> =>
  encoded === undefined
    ? {}
    : Object.fromEntries(
        mapEntries(decodeValue(encoded)).map(([name, value]) => [name, types.unwrap(value)]),
      );
