// Codec of the messages of the gRPC service `Settlement` in protobuf's wire format. They are a handful of
// length-delimited fields (texts, bytes, and texts in a wrapper), so no proto file is needed, which a bundle would not
// find.

/** One request of the service; fields that were not sent are empty. */
export interface SettlementRequest {
  /** The lock token, or the session id. */
  readonly key: string;
  /** `propertiesToModify`, or the session's state. */
  readonly bytes: Buffer;
  readonly reason: string | undefined;
  readonly description: string | undefined;
}

const LENGTH_DELIMITED = 2;
const KEY = 1;
const BYTES = 2;
const REASON = 3;
const DESCRIPTION = 4;
/** The one field of `google.protobuf.StringValue`. */
const WRAPPED = 1;
const NANOS_PER_MS = 1_000_000;

/** Reads any request of the service: their fields agree in number and type. */
export function decodeRequest(bytes: Buffer): SettlementRequest {
  const fields = readFields(bytes);
  return {
    key: fields.get(KEY)?.toString() ?? '',
    bytes: fields.get(BYTES) ?? Buffer.alloc(0),
    reason: unwrapText(fields.get(REASON)),
    description: unwrapText(fields.get(DESCRIPTION)),
  };
}

/** `GetSessionStateResponse`; `google.protobuf.Empty` for no state. */
export function encodeBytes(bytes: Buffer): Buffer {
  return bytes.length === 0
    ? bytes
    : Buffer.concat([header(1, LENGTH_DELIMITED), varint(bytes.length), bytes]);
}

/** `RenewSessionLockResponse`: a `google.protobuf.Timestamp` inside. */
export function encodeTime(time: Date): Buffer {
  const ms = time.getTime();
  const seconds = Math.floor(ms / 1000);
  return encodeBytes(
    Buffer.concat([
      header(1, 0),
      varint(seconds),
      header(2, 0),
      varint((ms - seconds * 1000) * NANOS_PER_MS),
    ]),
  );
}

function readFields(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const fields = new Map<number, Buffer>();
  let at = 0;
  const readVarint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('The settlement request is cut off.');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = readVarint();
    if ((tag & 7) !== LENGTH_DELIMITED)
      throw new Error(`The settlement request has a field of type ${tag & 7}.`);
    const end = readVarint() + at;
    if (end > bytes.length) throw new Error('The settlement request is cut off.');
    fields.set(tag >>> 3, bytes.subarray(at, end));
    at = end;
  }
  return fields;
}

function unwrapText(wrapper: Buffer | undefined): string | undefined {
  return wrapper === undefined ? undefined : (readFields(wrapper).get(WRAPPED)?.toString() ?? '');
}

function header(field: number, wireType: number): Buffer {
  return Buffer.from([field * 8 + wireType]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
