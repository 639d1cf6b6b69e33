// From JSON to an event and back out: what is read is checked and brought to the newest version; what leaves is checked
// again. Runs several times per event, so schemas are built once and nothing is turned to text.
import type { EventEnvelope } from '../domain/event-envelope';
import { TerminalError } from '../errors';
import { describeErrors, validate, wrongType, type FieldError } from '../validation';
import { orderEvents } from './catalogue';
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

/** As `readEvent`, for a stream that nobody may read past: what is not an event is a TerminalError EVENT_UNREADABLE. */
export function readStoredEvent(stored: EventEnvelope): EventEnvelope {
  const read = readEvent(stored);
  if (read.kind === 'event') return read.event;
  throw new TerminalError('EVENT_UNREADABLE', `event ${stored.eventId}: ${JSON.stringify(read)}`);
}

/** Throws a TerminalError EVENT_INVALID naming the paths: what is published must be valid (MSG-12). */
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
