// Crash points of an order, derived from what it did undisturbed: every call at its moments, every write of its stream
// before and after, every event of its orchestration before and after it is on disk. Pure.
import type { HoldRule } from 'azure-local/cosmos/holds';
import type { EpisodeHoldRule } from 'azure-local/durable/episode-holds';
import type { StorageMode } from 'azure-local/durable/hub';
import { faultsOf, type MatrixOrder } from './orders';
import type { RecordedCall, RecordedEvent, RecordedWrite, Recording } from './recording';
import type { Scenario } from './scenarios';
import type { FaultRule } from '../../local/demo/system-client';

export type Victim = 'host' | 'platform' | 'all';
export const VICTIMS: readonly Victim[] = ['host', 'platform', 'all'];

/** What holds an order at its point. */
export type Place =
  | {
      readonly kind: 'call';
      readonly service: string;
      readonly operation: string;
      readonly nth: number;
      readonly fault: 'hang' | 'slow' | 'holdAnswer';
      /** What it has done by then. */
      readonly acted: string | null;
    }
  | {
      readonly kind: 'write';
      readonly types: readonly string[];
      readonly moment: 'arrival' | 'answer';
      /** How many events are in the stream by then. */
      readonly events: number;
    }
  | { readonly kind: 'event'; readonly event: number; readonly moment: EpisodeHoldRule['moment'] };

export interface CrashPoint {
  /** Names the point among all: by it `npm run test:crash -- --only` finds it again. */
  readonly title: string;
  readonly scenario: Scenario;
  readonly place: Place;
  /** When an order comes there, from its placing, if it is not disturbed. */
  readonly afterMs: number;
  /** Reached only after a wait of the saga. */
  readonly isLate: boolean;
}

/** How long a `slow` call is held: longer than it takes until the kill and until the restarted host has repeated it. */
const LATE_MS = 8_000;
const STANDS_SLOW_MS = 3_000;
/** The shortest patience of a step is 10 s. */
const STANDS_MS = 7_000;
/** The reconciler starts an order that has not been started for 4 s. */
const STANDS_UNSTARTED_MS = 2_500;

/** How long an order may stand at its point before it moves on by itself, less the time that a kill takes. */
export function standsMs({ place }: CrashPoint): number {
  if (place.kind === 'call' && place.fault === 'slow') return STANDS_SLOW_MS;
  const isUnstarted = place.kind === 'write' && place.types.includes('OrderCreated');
  return isUnstarted && place.moment === 'answer' ? STANDS_UNSTARTED_MS : STANDS_MS;
}

/** When the order began to wait, for a backoff, for its time or for a call that is slow by plan; never is Infinity. */
function waitBegins({ scenario, calls }: Recording): number {
  if (scenario.waitsMs !== null) return 0;
  return Math.min(...calls.filter(({ struck }) => struck).map(({ afterMs }) => afterMs), Infinity);
}

/** Every point of what was recorded at which it makes a difference that `victim` is killed. */
export function crashPoints(recording: Recording, victim: Victim, storage: StorageMode): CrashPoint[] {
  const { scenario, calls, writes, events } = recording;
  const waitsFromMs = waitBegins(recording);
  const titled = (says: string, place: Place, seen: { readonly afterMs: number }): CrashPoint => ({
    title: `${scenario.name}: ${says}`,
    ...{ scenario, place, afterMs: seen.afterMs, isLate: seen.afterMs > waitsFromMs },
  });
  return [
    ...calls.flatMap((call, index) =>
      callPlaces(call, index, victim).map(([says, place]) => titled(says, place, call)),
    ),
    ...writes.flatMap((write) => writePlaces(write).map(([says, place]) => titled(says, place, write))),
    ...events.flatMap((event, index) =>
      eventPlaces(event, index, storage).map(([says, place]) => titled(says, place, event)),
    ),
  ];
}

type NamedPlace = readonly [says: string, place: Place];

/**
 * A call that acts late outlives the host only. One that the scenario's plan lets fail is not answered at all: a fault
 * plan cannot hold back a refusal that it makes itself, and such a refusal leaves nothing at the service anyway.
 */
function callPlaces(call: RecordedCall, index: number, victim: Victim): readonly NamedPlace[] {
  const { service, operation, nth, effect, struck } = call;
  const name = `call ${index + 1}, ${service}.${operation}${nth > 1 ? ` again (${nth})` : ''},`;
  const place = { kind: 'call', service, operation, nth } as const;
  const never: NamedPlace = [`${name} never arrives`, { ...place, fault: 'hang', acted: null }];
  const held: NamedPlace = [
    `${name} has acted and is not answered`,
    { ...place, fault: 'holdAnswer', acted: effect },
  ];
  const late: NamedPlace = [
    `${name} acts when it has been repeated`,
    { ...place, fault: 'slow', acted: null },
  ];
  return [
    never,
    ...(struck && effect === null ? [] : [held]),
    ...(struck || victim !== 'host' ? [] : [late]),
  ];
}

function writePlaces({ types, before }: RecordedWrite): readonly NamedPlace[] {
  const name = `write ${before + 1}, ${types.join(' and ')},`;
  const place = { kind: 'write', types } as const;
  return [
    [`${name} never arrives`, { ...place, moment: 'arrival', events: before }],
    [`${name} is stored and not answered`, { ...place, moment: 'answer', events: before + types.length }],
  ];
}

/** What it leads to is sent and not on disk: only a storage with several commits an episode has such a moment. */
function eventPlaces({ says }: RecordedEvent, index: number, storage: StorageMode): readonly NamedPlace[] {
  const place = { kind: 'event', event: index + 1 } as const;
  return [
    [`event ${index + 1}, ${says}, is decided on and not on disk`, { ...place, moment: 'before' }],
    ...(storage === 'atomic'
      ? []
      : [
          [
            `event ${index + 1}, ${says}, has led to messages and is not on disk`,
            { ...place, moment: 'sent' },
          ] as const,
        ]),
    [`event ${index + 1}, ${says}, is on disk and nothing has followed`, { ...place, moment: 'after' }],
  ];
}

/** What brings one order to one point and holds it there. */
export interface Holding {
  readonly faults: readonly FaultRule[];
  readonly store: readonly HoldRule[];
  readonly engine: readonly EpisodeHoldRule[];
}

/** The faults and holds for `order` at `point`; every one names this order alone. */
export function holdingOf({ place, scenario }: CrashPoint, order: MatrixOrder): Holding {
  const named = `"correlationId":"${order.key}"`;
  switch (place.kind) {
    case 'call':
      return { faults: faultsWithCallHeld(place, order), store: [], engine: [] };
    case 'write': {
      const [type = ''] = place.types;
      // With all that it writes: the last part of a split payment is told by more than the part before it.
      const contains = [named, ...place.types.map((written) => `"type":"${written}"`)];
      // The call during which the customer cancels must not go on while the cancel itself is held.
      const faults = type === 'CancelRequested' ? standingAtCancel(scenario, order) : faultsOf(order);
      return { faults, store: [{ contains, moment: place.moment }], engine: [] };
    }
    case 'event': {
      const { event, moment } = place;
      return { faults: faultsOf(order), store: [], engine: [{ contains: [named], event, moment }] };
    }
  }
}

/** The scenario's faults with one of its calls struck by another: those before it stay, those after it follow. */
function faultsWithCallHeld(place: Place & { kind: 'call' }, order: MatrixOrder): readonly FaultRule[] {
  const { service, operation, nth } = place;
  const isHere = (fault: { service: string; operation: string }): boolean =>
    fault.service === service && fault.operation === operation;
  const own = order.scenario.faults.find(isHere);
  const others = order.scenario.faults.filter((fault) => !isHere(fault));
  const held = { service, operation, fault: place.fault, times: 1, delayMs: LATE_MS };
  // Calls before it that the plan leaves alone, such as the charge of an earlier part, act at once.
  const passing = { service, operation, fault: 'slow', delayMs: 0 } as const;
  const earlier = Math.min(nth - 1, own?.times ?? Infinity);
  if (earlier < nth - 1)
    throw new Error(`${service}.${operation} cannot be held at call ${nth}: call ${earlier + 1} passes`);
  const left = own?.times === undefined ? undefined : own.times - earlier;
  return [
    ...(earlier === 0 ? [] : faultsOf(order, [{ ...(own ?? passing), times: earlier }])),
    { ...held, customerId: order.customerId },
    ...(own === undefined || left === 0
      ? []
      : faultsOf(order, [left === undefined ? own : { ...own, times: left }])),
    ...faultsOf(order, others),
  ];
}

function standingAtCancel(scenario: Scenario, order: MatrixOrder): readonly FaultRule[] {
  const { cancel } = scenario;
  if (cancel?.when !== 'underWay') return faultsOf(order);
  const { service, operation } = cancel;
  return [{ service, operation, fault: 'hang', times: 1, customerId: order.customerId }, ...faultsOf(order)];
}

/** How many points of one scenario a sample has against one victim. */
export const SAMPLED_EACH = 2;

/** Points spread over the way of an order, beginning elsewhere for each victim. */
export function sampled(points: readonly CrashPoint[], victim: Victim): readonly CrashPoint[] {
  const quick = points.filter((point) => !waitsForItsMessage(point));
  const begin = VICTIMS.indexOf(victim) / VICTIMS.length;
  const at = Array.from({ length: SAMPLED_EACH }, (_, index) =>
    Math.floor(((index + begin) * quick.length) / SAMPLED_EACH),
  );
  return quick.filter((_, index) => at.includes(index));
}

/** The lock on a message ends a minute after its holder was killed: queue-killed.test.ts has the patience for it. */
const waitsForItsMessage = ({ scenario, place }: CrashPoint): boolean =>
  scenario.way === 'queue' && place.kind === 'write' && place.types.includes('OrderCreated');
