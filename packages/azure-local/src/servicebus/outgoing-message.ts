// Encoder of a stored message for a receiver: the broker's header and annotations before the bytes that were kept.
// Written by hand, because it runs once per delivery. The lock token is the delivery's tag and stands in the delivery
// annotations too: the Service Bus extension of the Functions host passes those on, and workers look for it there.
import { uuidBytes } from '../kit/uuid';
import { decodeValue, described, encodeValue, mapEntries, types, type Typed } from './amqp-types';
import type { StoredMessage } from './message-store';
import { SECTION, sectionsOf } from './sections';

/** Property changes of a settlement, by name. */
export type PropertyChanges = readonly (readonly [name: string, value: Typed])[];

const LONG = 0x81;
const TIMESTAMP = 0x83;
const INT = 0x71;
const STRING = 0xb1;
const UUID = 0x98;
const UINT_MOST = 0xffff_ffff;

/** A map key and the type code of the value after it. */
const key = (name: string, typecode: number): Buffer =>
  Buffer.concat([Buffer.from([0xa3, name.length]), Buffer.from(name, 'ascii'), Buffer.from([typecode])]);

const KEYS = {
  sequence: key('x-opt-sequence-number', LONG),
  enqueueSequence: key('x-opt-enqueue-sequence-number', LONG),
  enqueuedAt: key('x-opt-enqueued-time', TIMESTAMP),
  lockedUntil: key('x-opt-locked-until', TIMESTAMP),
  state: key('x-opt-message-state', INT),
  deadLetterSource: key('x-opt-deadletter-source', STRING),
};

const LOCK_TOKEN = key('x-opt-lock-token', UUID);
const UUID_BYTES = 16;
/** The section of the lock token before the token: `00 53 71 c1 size 02`, the key. */
const LOCK_TOKEN_HEAD = Buffer.concat([
  Buffer.from([0x00, 0x53, SECTION.deliveryAnnotations, 0xc1, 1 + LOCK_TOKEN.length + UUID_BYTES, 2]),
  LOCK_TOKEN,
]);

/** `00 53 70 c0 size 05`, durable and priority null, time to live, first acquirer null, delivery count. */
const HEADER_BYTES = 19;
const LOCK_BYTES = LOCK_TOKEN_HEAD.length + UUID_BYTES;
/** Descriptor, constructor, size and count of the annotations. */
const MAP_BYTES = 12;
const MOST_ANNOTATION_BYTES = 260;

/** The lock as its receiver sees it. */
export interface OutgoingLock {
  readonly token: string;
  readonly untilMs: number;
}

/** `earlierDeliveries` is what the header says: 0 at the first delivery. `lock` is undefined for what is not locked. */
export function encodeOutgoing(
  message: StoredMessage,
  earlierDeliveries: number,
  lock: OutgoingLock | undefined,
): Buffer {
  const { payload, deadLetterSource } = message;
  const theirs = sendersAnnotations(payload);
  const source = deadLetterSource === null ? undefined : Buffer.from(deadLetterSource);
  const most = HEADER_BYTES + LOCK_BYTES + MAP_BYTES + MOST_ANNOTATION_BYTES + (source?.length ?? 0);
  const out = Buffer.allocUnsafe(most + payload.length);
  let at = writeHeader(out, message.timeToLiveMs, earlierDeliveries);
  if (lock !== undefined) at = writeLockToken(out, at, lock.token);
  const map = at;
  at += MAP_BYTES;
  let entries = 4;
  at = writeLong(out, at, KEYS.sequence, message.sequence);
  at = writeLong(out, at, KEYS.enqueueSequence, message.enqueueSequence);
  at = writeLong(out, at, KEYS.enqueuedAt, message.enqueuedAtMs);
  at = out.writeInt32BE(message.state, at + KEYS.state.copy(out, at));
  if (lock !== undefined) {
    at = writeLong(out, at, KEYS.lockedUntil, lock.untilMs);
    entries += 1;
  }
  if (source !== undefined) {
    at = out.writeUInt32BE(source.length, at + KEYS.deadLetterSource.copy(out, at));
    at += source.copy(out, at);
    entries += 1;
  }
  at += payload.copy(out, at, theirs.start, theirs.end);
  out.set([0x00, 0x53, SECTION.messageAnnotations, 0xd1], map);
  out.writeUInt32BE(at - map - 8, map + 4);
  out.writeUInt32BE(2 * entries + theirs.count, map + 8);
  at += payload.copy(out, at, theirs.end);
  return out.subarray(0, at);
}

function writeHeader(out: Buffer, timeToLiveMs: number | null, earlierDeliveries: number): number {
  out.set([0x00, 0x53, SECTION.header, 0xc0, HEADER_BYTES - 5, 5, 0x40, 0x40, 0x70]);
  // The service says the longest time that fits for what never expires.
  out.writeUInt32BE(Math.min(timeToLiveMs ?? UINT_MOST, UINT_MOST), 9);
  out.set([0x40, 0x70], 13);
  return out.writeUInt32BE(earlierDeliveries, 15);
}

function writeLockToken(out: Buffer, at: number, token: string): number {
  const start = at + LOCK_TOKEN_HEAD.copy(out, at);
  return start + uuidBytes(token).copy(out, start);
}

/** Numbers here are sequence numbers and times: positive and safe integers. */
function writeLong(out: Buffer, at: number, name: Buffer, value: number): number {
  const start = at + name.copy(out, at);
  out.writeUInt32BE(Math.floor(value / 0x1_0000_0000), start);
  return out.writeUInt32BE(value % 0x1_0000_0000, start + 4);
}

/** The entries of the annotations that a payload begins with: how many items, and their bytes. */
function sendersAnnotations(payload: Buffer): { count: number; start: number; end: number } {
  if (payload[2] !== SECTION.messageAnnotations) return { count: 0, start: 0, end: 0 };
  const small = payload[3] === 0xc1;
  const count = small ? payload.readUInt8(5) : payload.readUInt32BE(8);
  const end = small ? 5 + payload.readUInt8(4) : 8 + payload.readUInt32BE(4);
  return { count, start: small ? 6 : 12, end };
}

/** The payload with application properties added or replaced. */
export function withProperties(payload: Buffer, changes: PropertyChanges): Buffer {
  if (changes.length === 0) return payload;
  const sections = sectionsOf(payload);
  const old = sections.find(({ code }) => code === SECTION.applicationProperties);
  const properties = new Map(old && mapEntries(decodeValue(payload.subarray(old.start, old.end))));
  for (const [name, value] of changes) properties.set(name, value);
  const map = types.Map32([...properties].flatMap(([name, value]) => [types.wrap_string(name), value]));
  const start = old?.start ?? sections.find(({ code }) => code >= SECTION.data)?.start ?? payload.length;
  return Buffer.concat([
    payload.subarray(0, start),
    encodeValue(described(SECTION.applicationProperties, map)),
    payload.subarray(old?.end ?? start),
  ]);
}
