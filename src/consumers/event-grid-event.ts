// Parser of events that Event Grid delivers, in the Event Grid schema or as CloudEvents 1.0: the same news in both is the
// same event. Knows no publisher and no trigger; inventory-event.ts and parcel-event.ts say which events there are.
import { z } from 'zod';
import { momentAs } from '../fields';
import { toIso } from '../ports/clock';
import { validate, wrongType, type FieldError, type Validated } from '../validation';

/** An event of a publisher, by the payloads of its types. */
export type GridEvent<Data> = {
  [T in keyof Data]: {
    readonly type: T;
    readonly eventId: string;
    /** When it happened: UTC with nine decimals, so that times compare as text. */
    readonly at: string;
    readonly data: Data[T];
  };
}[keyof Data];

export type ReadGridEvent<Data> =
  | { readonly kind: 'event'; readonly event: GridEvent<Data> }
  | { readonly kind: 'unknownType'; readonly type: string }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] };

/** The events of one publisher. */
export interface EventFamily<Data> {
  /** What stands before every type on the wire: `Inventory.`. */
  readonly prefix: string;
  readonly payloads: { readonly [T in keyof Data]: z.ZodType<Data[T]> };
  /** What is demanded of every payload besides. */
  readonly common?: z.ZodType;
}

const id = z.string().min(1).max(256);
const time = momentAs(comparableTime, ': events are ordered by it');
const eventGridEvent = z.object({ id, eventType: z.string(), eventTime: time });
const cloudEvent = z.object({ id, type: z.string(), time });
const base64 = z.base64();

/** Until when events may be dated: our clock, and by how much a publisher's may be ahead of it. */
export interface DateLimit {
  readonly nowMs: number;
  readonly aheadMs: number;
}

/**
 * Reads one event of the family; one that is dated beyond `limit` is invalid, because it would be newer than all that comes
 * until then. Fields that are not asked for are left out; never throws.
 */
export function readGridEvent<Data>(
  { prefix, payloads, common }: EventFamily<Data>,
  json: unknown,
  limit?: DateLimit,
): ReadGridEvent<Data> {
  if (typeof json !== 'object' || json === null) return invalid('', wrongType('object', json));
  const isCloudEvent = 'specversion' in json;
  const typeField = isCloudEvent ? 'type' : 'eventType';
  const fullType = (json as Readonly<Record<string, unknown>>)[typeField];
  if (typeof fullType !== 'string')
    return invalid(typeField, fullType === undefined ? 'is required' : wrongType('string', fullType));
  const type = fullType.startsWith(prefix) ? fullType.slice(prefix.length) : '';
  if (!Object.hasOwn(payloads, type)) return { kind: 'unknownType', type: fullType };
  const envelope = isCloudEvent ? validate(cloudEvent, json) : validate(eventGridEvent, json);
  const given = isCloudEvent ? cloudData(json) : { value: (json as { readonly data?: unknown }).data };
  if ('problem' in given) return { kind: 'invalid', errors: [...errorsOf(envelope), given.problem] };
  const data: Validated<Data[keyof Data]> = validate(payloads[type as keyof Data], given.value);
  const errors = [
    ...errorsOf(envelope),
    ...errorsOf(data, 'data'),
    ...(data.kind === 'valid' && common !== undefined ? errorsOf(validate(common, data.value), 'data') : []),
  ];
  if (envelope.kind === 'invalid' || data.kind === 'invalid' || errors.length > 0)
    return { kind: 'invalid', errors };
  const { value: wrapping } = envelope;
  const at = 'time' in wrapping ? wrapping.time : wrapping.eventTime;
  if (limit !== undefined && at > latestDate(limit)) {
    return invalid(isCloudEvent ? 'time' : 'eventTime', datedAhead(at, limit));
  }
  // The payload was parsed by the schema of this very type.
  const event = { type, eventId: wrapping.id, at, data: data.value } as GridEvent<Data>;
  return { kind: 'event', event };
}

/** The data of a CloudEvent: as JSON, or the bytes of JSON in base64. */
function cloudData(json: object): { readonly value: unknown } | { readonly problem: FieldError } {
  const { data, data_base64: encoded } = json as { readonly data?: unknown; readonly data_base64?: unknown };
  if (encoded === undefined || encoded === null) return { value: data };
  const path = 'data_base64';
  if (data !== undefined) return { problem: { path, message: 'must not stand beside data' } };
  const bytes = base64.safeParse(encoded);
  if (!bytes.success) return { problem: { path, message: 'must be a text in base64' } };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(bytes.data, 'base64'));
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { problem: { path, message: 'must be JSON in UTF-8 in base64' } };
  }
}

/** The latest time that is believed, as `GridEvent` has times. */
export function latestDate({ nowMs, aheadMs }: DateLimit): string {
  return comparableTime(toIso(nowMs + aheadMs));
}

function datedAhead(at: string, { nowMs, aheadMs }: DateLimit): string {
  const [ours, minutes] = [toIso(nowMs), aheadMs / 60_000];
  return `is ${at}, more than ${minutes} minutes ahead of our clock (${ours}): events are ordered by it`;
}

/** Event Grid stamps up to seven decimals, of which a `Date` would keep three. */
function comparableTime(text: string): string {
  const [, fraction = ''] = /\.(\d+)/.exec(text) ?? [];
  const [seconds = ''] = new Date(text).toISOString().split('.');
  return `${seconds}.${fraction.slice(0, 9).padEnd(9, '0')}Z`;
}

function errorsOf(parsed: Validated<unknown>, under = ''): readonly FieldError[] {
  if (parsed.kind === 'valid') return [];
  return parsed.errors.map(({ path, message }) => ({
    path: [under, path].filter((part) => part !== '').join('.'),
    message,
  }));
}

function invalid(path: string, message: string): { kind: 'invalid'; errors: readonly FieldError[] } {
  return { kind: 'invalid', errors: [{ path, message }] };
}
