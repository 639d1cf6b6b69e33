// A message as a client sent it: what the broker must know of it, and the bytes it keeps. The body is never decoded.
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
import { badArgument, messageTooLarge } from './errors';
import type { MessageFacts } from './filters';
import { SECTION, sectionsOf, type MessageSection } from './sections';

export interface IncomingMessage extends MessageFacts {
  readonly messageId: string;
  readonly timeToLiveMs: number | undefined;
  readonly scheduledAtMs: number | undefined;
  /** The sender's annotations, properties and body as encoded; no header, no delivery annotations. */
  readonly payload: Buffer;
}

/** Body and headers together; a Premium namespace takes as much by default, a Standard one 256 KB. */
export const MESSAGE_BYTES_AT_MOST = 1024 * 1024 + 64 * 1024;

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

/** Reads a message; refuses what is too large or no message at all. Gives it a message id if it has none. */
export function parseIncoming(encoded: Buffer): IncomingMessage {
  if (encoded.length > MESSAGE_BYTES_AT_MOST) throw messageTooLarge(encoded.length, MESSAGE_BYTES_AT_MOST);
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
    payload: joined([annotations.encoded, properties.encoded, application, bodyBytes(encoded, body)]),
  };
}

/** A batch: a message whose data sections are encoded messages. */
export const parseBatch = (encoded: Buffer): IncomingMessage[] =>
  sectionsOf(encoded)
    .filter(({ code }) => code === SECTION.data)
    .map(({ valueStart, end }) =>
      parseIncoming(decodeValue(encoded.subarray(valueStart, end)).value as Buffer),
    );

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
