// Dispatcher of incoming events: validates each event, calls the handler of the event's type, and counts the results.
// Knows neither where the events come from nor what the handlers do.
import { ofNewerRelease } from '../events/read-event';
import type { Log } from '../ports/log';
import type { Parking } from '../ports/parking';
import { describeErrors, type FieldError } from '../validation';

/** What came in, after the check at the border. */
export type Incoming<Event> =
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'unknownType'; readonly type: string }
  | { readonly kind: 'newerVersion'; readonly type: string; readonly version: number }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] };

/** What became of an event. `skipped`: its type is known, and this consumer has no handler for it. `invalid`: it was parked. */
export type Taken = 'handled' | 'skipped' | 'unknownType' | 'invalid';

export interface Consumer<Event extends { readonly type: string }> {
  /** Registers the handler of one type; a second one for the same type is a bug and throws. */
  on<T extends Event['type']>(type: T, handler: Handler<Extract<Event, { readonly type: T }>>): void;
  /**
   * Takes one event. One of an unknown type is logged and counted, and what is invalid is parked: no repetition would change
   * it. Rejects with what the handler or the parking place throws, and with a TransientError EVENT_NEWER for a version that
   * only a newer release can read: then the event is to be brought again, by which an instance of that release may get it.
   */
  take(json: unknown, log: Log): Promise<Taken>;
  /** How many events were taken so far. */
  counts(): Readonly<Record<Taken, number>>;
}

/** `park` is for an event that is well-formed and that no repetition would make acceptable: it keeps the event with the reason. */
export type Handler<Event> = (event: Event, log: Log, park: Park) => Promise<void>;
export type Park = (reason: string) => Promise<void>;

/** A consumer without handlers; `name` is the one in the log and in the parking. */
export function createConsumer<Event extends { readonly type: string }>(
  name: string,
  read: (json: unknown) => Incoming<Event>,
  parking: Parking,
): Consumer<Event> {
  const handlers = new Map<string, Handler<Event>>();
  const counts: Record<Taken, number> = {
    ...{ handled: 0, skipped: 0, unknownType: 0, invalid: 0 },
  };

  async function park(json: unknown, reason: string, log: Log): Promise<void> {
    log.error('event parked', { consumer: name, reason });
    await parking.park(name, json, reason);
  }

  async function takeOne(json: unknown, log: Log): Promise<Taken> {
    const incoming = read(json);
    switch (incoming.kind) {
      case 'event': {
        const handler = handlers.get(incoming.event.type);
        let taken: Taken = handler === undefined ? 'skipped' : 'handled';
        await handler?.(incoming.event, log, async (reason) => {
          await park(json, reason, log);
          taken = 'invalid';
        });
        return taken;
      }
      case 'unknownType':
        log.info('event of unknown type', { consumer: name, type: incoming.type });
        return 'unknownType';
      case 'newerVersion':
        throw ofNewerRelease(incoming);
      case 'invalid': {
        await park(json, describeErrors(incoming.errors, 'event'), log);
        return 'invalid';
      }
    }
  }

  return {
    on(type, handler) {
      if (handlers.has(type)) throw new Error(`${name} has a handler for ${type} already`);
      // It is only ever given events of its type.
      handlers.set(type, handler as Handler<Event>);
    },
    async take(json, log) {
      const taken = await takeOne(json, log);
      counts[taken] += 1;
      return taken;
    },
    counts: () => counts,
  };
}
