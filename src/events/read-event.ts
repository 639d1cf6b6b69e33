// Parser of stored and received events: checks each against its schema and upcasts it to the newest version; checks
// outgoing events too. Runs several times per event, so schemas are built once and nothing is turned to text.
//
// Of two releases on one store the older one meets types and versions that only the newer one has (S21). What each reader does
// then stands in docs/saga-versions.md.
import type { EventEnvelope } from '../domain/event-envelope';
import { TerminalError, TransientError } from '../errors';
import { describeErrors, validate, wrongType, type FieldError } from '../validation';
import { anyOrderEventSchema, orderEvents } from './catalogue';
import type { RegisteredVersion } from './registry';

/** An event document as stored or as received → the event as this code knows it, upcast to the current version. */
export type ReadEvent =
  | { readonly kind: 'event'; readonly event: EventEnvelope }
  | { readonly kind: 'unknownType'; readonly type: string }
  | { readonly kind: 'newerVersion'; readonly type: string; readonly version: number }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] };

/** Reads an event of an order. Fields that its schema does not name are left out; never throws. */
export function readEvent(json: unknown): ReadEvent {
  if (typeof json !== 'object' || json === null) return invalid('', wrongType('object', json));
  const { type, schemaVersion } = json as Readonly<Record<string, unknown>>;
  if (typeof type !== 'string')
    return invalid('type', type === undefined ? 'is required' : wrongType('string', type));
  const versions = orderEvents.versionsOf(type);
  if (versions === undefined) return { kind: 'unknownType', type };
  if (!Number.isSafeInteger(schemaVersion) || (schemaVersion as number) < 1)
    return invalid('schemaVersion', 'must be a whole number from 1 on');
  const version = schemaVersion as number;
  const known = versions[version - 1];
  if (known === undefined) return { kind: 'newerVersion', type, version };
  const parsed = validate(known.schema, json);
  if (parsed.kind === 'invalid') return parsed;
  const event = parsed.value as EventEnvelope;
  return { kind: 'event', event: version === versions.length ? event : upcast(event, versions) };
}

/**
 * As `readEvent`, for a stream that nobody may read past. What only a newer release can read is a TransientError EVENT_NEWER:
 * another instance may be of that release. What is no event is a TerminalError EVENT_UNREADABLE.
 */
export function readStoredEvent(stored: EventEnvelope): EventEnvelope {
  const read = readEvent(stored);
  if (read.kind === 'event') return read.event;
  if (read.kind !== 'invalid') throw ofNewerRelease(read);
  throw new TerminalError('EVENT_UNREADABLE', `event ${stored.eventId}: ${JSON.stringify(read)}`);
}

/** What an event is that only a newer release can read. */
export type NewerEvent = Extract<ReadEvent, { readonly kind: 'unknownType' | 'newerVersion' }>;

/** Thrown by a reader that leaves the event to an instance of the newer release. */
export function ofNewerRelease(read: NewerEvent): TransientError {
  return new TransientError('EVENT_NEWER', `this release cannot read ${nameOf(read)}`, { outage: true });
}

export function nameOf(read: NewerEvent): string {
  return read.kind === 'unknownType' ? `the type ${read.type}` : `version ${read.version} of ${read.type}`;
}

/**
 * As `readEvent`, for who hands on what it need not understand: of a newer release's event the envelope is checked, and its
 * payload is as that release wrote it.
 */
export function readToHandOn(json: unknown): Exclude<ReadEvent, NewerEvent> {
  const read = readEvent(json);
  if (read.kind === 'event' || read.kind === 'invalid') return read;
  const parsed = validate(anyOrderEventSchema, json);
  return parsed.kind === 'invalid' ? parsed : { kind: 'event', event: parsed.value as EventEnvelope };
}

/** Throws a TerminalError EVENT_INVALID naming the paths: what is published must be valid. */
export function checkOutgoing(event: EventEnvelope): void {
  const current = orderEvents.versionsOf(event.type)?.at(-1);
  const parsed = current === undefined ? undefined : validate(current.schema, event);
  if (parsed?.kind === 'valid') return;
  const problems =
    parsed === undefined ? 'type is not in the registry' : describeErrors(parsed.errors, 'event');
  throw new TerminalError(
    'EVENT_INVALID',
    `event ${event.eventId} (${event.type}) is not published: ${problems}`,
  );
}

function upcast(event: EventEnvelope, versions: readonly RegisteredVersion[]): EventEnvelope {
  let data: unknown = event.data;
  for (const { upcast: step } of versions.slice(event.schemaVersion)) {
    // The schema of the version before has let `data` through, which is what its upcaster takes.
    if (step !== undefined) data = step(data as never);
  }
  return { ...event, schemaVersion: versions.length, data } as EventEnvelope;
}

function invalid(path: string, message: string): ReadEvent {
  return { kind: 'invalid', errors: [{ path, message }] };
}
