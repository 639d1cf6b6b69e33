// Crash points of an order, derived from what it did undisturbed: every call at its moments, every write of its stream
// before and after, every event of its orchestration before and after it is on disk. Pure.
import type { HoldRule } from 'azure-local/cosmos/holds';
import type { MessageHoldRule } from 'azure-local/servicebus/message-holds';
import type { EpisodeHoldRule } from 'azure-local/durable/episode-holds';
import type { StorageMode } from 'azure-local/durable/hub';
import { faultsOf, type Act, type MatrixOrder } from './orders';
import { messagePlaces, messageRule, type MessagePlace } from './message-points';
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
  | {
      readonly kind: 'event';
      /** Of the orchestration of its return, or of the order. */
      readonly isReturns: boolean;
      readonly event: number;
      readonly moment: EpisodeHoldRule['moment'];
    }
  | MessagePlace
  /** Somebody is waited for who acts after the kill; null for the approver who never does. */
  | { readonly kind: 'wait'; readonly act: Act | null };

export interface CrashPoint {
  /** Names the point among all: by it `npm run test:crash -- --only` finds it again. */
  readonly title: string;
  readonly scenario: Scenario;
  readonly place: Place;
  /** When an order comes there, from its placing, if it is not disturbed. */
  readonly afterMs: number;
  /** Reached only after a wait of the saga. */
  readonly isLate: boolean;
  /** Whether messages carry the order on (S17). */
  readonly isCarriedOn: boolean;
}

/** How long a `slow` call is held: longer than it takes until the kill and until the restarted host has repeated it. */
const LATE_MS = 8_000;
const STANDS_SLOW_MS = 3_000;
/** The shortest patience of a step is 10 s, and so is that of who sends a message. */
const STANDS_MS = 7_000;
/** A step of a choreographed order is given more time (matrix.ts): orders come to their points less evenly. */
const STANDS_CARRIED_ON_MS = 18_000;
/** The reconciler starts what has not been started for 4 s, and wakes what has not heard of a person's answer for as long. */
const STANDS_UNSTARTED_MS = 2_500;
const UNSTARTED = ['OrderCreated', 'OrderApproved', 'ApprovalRejected', 'ReturnRequested', 'ReturnInspected'];
/** Half the time that an approval is waited for. */
const STANDS_WAITING_MS = 3_000;

/** Calls whose time is not set. */
const UNDOING = ['cancel', 'refund', 'release'];

/** How long an order may stand at its point before it moves on by itself, less the time that a kill takes. */
export function standsMs({ place, isCarriedOn }: CrashPoint): number {
  if (place.kind === 'call' && place.fault === 'slow') return STANDS_SLOW_MS;
  if (place.kind === 'wait' && place.act === null) return STANDS_WAITING_MS;
  if (place.kind === 'relay' || (place.kind === 'message' && place.way === 'timerSent')) return STANDS_MS;
  const isUndoing = place.kind === 'call' && UNDOING.includes(place.operation);
  if (isCarriedOn && !isUndoing) return STANDS_CARRIED_ON_MS;
  const isUnstarted = place.kind === 'write' && UNSTARTED.some((type) => place.types.includes(type));
  return isUnstarted && place.moment === 'answer' ? STANDS_UNSTARTED_MS : STANDS_MS;
}

/** Whether an order stands at its point for less time than most. */
export const standsBriefly = (point: CrashPoint): boolean => standsMs(point) < STANDS_MS;

/** When the order began to wait, for a backoff, for its time, for nobody or for a call that is slow by plan; never is Infinity. */
function waitBegins({ scenario, calls, writes }: Recording): number {
  if (scenario.waitsMs !== null) return 0;
  if (scenario.approval === 'nobody') return beginsAt('ApprovalRequested', writes);
  return Math.min(...calls.filter(({ struck }) => struck).map(({ afterMs }) => afterMs), Infinity);
}

/** When an event of this type was written. */
const beginsAt = (type: string, writes: readonly RecordedWrite[]): number =>
  writes.find(({ types }) => types.includes(type))?.afterMs ?? Infinity;

/** Every point of what was recorded at which it makes a difference that `victim` is killed. */
export function crashPoints(recording: Recording, victim: Victim, storage: StorageMode): CrashPoint[] {
  const { scenario, calls, writes, events, messages } = recording;
  const waitsFromMs = waitBegins(recording);
  const { pointsFrom } = scenario;
  const fromMs = pointsFrom === undefined ? -Infinity : beginsAt(pointsFrom, writes);
  const isOwn = ({ afterMs }: { readonly afterMs: number }): boolean => afterMs >= fromMs;
  const titled = (says: string, place: Place, seen: { readonly afterMs: number }): CrashPoint => ({
    title: `${scenario.name}: ${says}`,
    ...{
      scenario,
      place,
      afterMs: seen.afterMs,
      isLate: seen.afterMs > waitsFromMs,
      isCarriedOn: messages.length > 0,
    },
  });
  return [
    ...calls.flatMap((call, index) =>
      isOwn(call) ? callPlaces(call, index, victim).map(([says, place]) => titled(says, place, call)) : [],
    ),
    ...writes
      .filter(isOwn)
      .flatMap((write) => writePlaces(write).map(([says, place]) => titled(says, place, write))),
    ...events
      .filter((event) => isOwn(event) && (pointsFrom !== 'ReturnRequested' || event.isReturns))
      .flatMap((event) => eventPlaces(event, storage).map(([says, place]) => titled(says, place, event))),
    ...messages
      .filter(isOwn)
      .flatMap((message) => messagePlaces(message).map(([says, place]) => titled(says, place, message))),
    ...waitsOf(recording).map(({ act, afterMs }) =>
      titled(
        act === null ? 'nobody approves it' : `somebody is to ${act} it`,
        { kind: 'wait', act },
        { afterMs },
      ),
    ),
  ];
}

/** What was waited for; the approver who never comes did not act. */
function waitsOf({ scenario, waits, writes }: Recording): readonly { act: Act | null; afterMs: number }[] {
  return scenario.approval === 'nobody'
    ? [{ act: null, afterMs: beginsAt('ApprovalRequested', writes) }]
    : waits;
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
function eventPlaces({ says, isReturns, nth }: RecordedEvent, storage: StorageMode): readonly NamedPlace[] {
  const place = { kind: 'event', isReturns, event: nth } as const;
  const name = `${isReturns ? 'event of the return' : 'event'} ${nth}, ${says},`;
  return [
    [`${name} is decided on and not on disk`, { ...place, moment: 'before' }],
    ...(storage === 'atomic'
      ? []
      : [[`${name} has led to messages and is not on disk`, { ...place, moment: 'sent' }] as const]),
    [`${name} is on disk and nothing has followed`, { ...place, moment: 'after' }],
  ];
}

/** What brings one order to one point and holds it there. */
export interface Holding {
  readonly faults: readonly FaultRule[];
  readonly store: readonly HoldRule[];
  readonly engine: readonly EpisodeHoldRule[];
  readonly broker: readonly MessageHoldRule[];
}

/** The faults and holds for `order` at `point`; every one names this order alone. */
export function holdingOf({ place, scenario }: CrashPoint, order: MatrixOrder): Holding {
  const none = { faults: faultsOf(order), store: [], engine: [], broker: [] };
  const named = `"correlationId":"${order.key}"`;
  switch (place.kind) {
    case 'call':
      return { ...none, faults: faultsWithCallHeld(place, order) };
    case 'write': {
      const [type = ''] = place.types;
      // With all that it writes: the last part of a split payment is told by more than the part before it.
      const contains = [named, ...place.types.map((written) => `"type":"${written}"`)];
      // The call during which the customer cancels must not go on while the cancel itself is held.
      const faults = type === 'CancelRequested' ? standingAtCancel(scenario, order) : faultsOf(order);
      return { ...none, faults, store: [{ contains, moment: place.moment }] };
    }
    case 'event': {
      const { event, moment, isReturns } = place;
      // The input of a return holds the order that it is of.
      const contains = isReturns ? [named, '"returnNumber":1'] : [named];
      return { ...none, engine: [{ contains, event, moment }] };
    }
    case 'message':
      return { ...none, broker: [messageRule(order, place)] };
    case 'relay':
    case 'wait':
      return none;
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

/** How many points of one scenario a sample has against one victim: fewer where they begin late, so that all fit into one wave. */
export const sampledEach = ({ pointsFrom }: Scenario): number => (pointsFrom === undefined ? 2 : 1);

/** Points spread over the way of an order, beginning elsewhere for each victim. */
export function sampled(points: readonly CrashPoint[], victim: Victim): readonly CrashPoint[] {
  const quick = points.filter((point) => !waitsForItsMessage(point) && !isSoonWoken(point));
  const [first] = quick;
  return first === undefined ? [] : spread(quick, victim, sampledEach(first.scenario));
}

/** So many of the points, at equal distances, beginning elsewhere for each victim. */
export function spread(points: readonly CrashPoint[], victim: Victim, each: number): readonly CrashPoint[] {
  if (points.length <= each) return points;
  const { length: victims } = VICTIMS;
  const begin = VICTIMS.indexOf(victim);
  const at = Array.from({ length: each }, (_, index) =>
    Math.floor(((index * victims + begin) * points.length) / (each * victims)),
  );
  return points.filter((_, index) => at.includes(index));
}

/** A wave whose kill cannot wait for all its orders is played again for the others. */
const isSoonWoken = ({ scenario, place }: CrashPoint): boolean =>
  scenario.pointsFrom !== undefined &&
  place.kind === 'write' &&
  place.moment === 'answer' &&
  UNSTARTED.some((type) => place.types.includes(type));

/** The lock on a message ends a minute after its holder was killed: queue-killed.test.ts has the patience for it. */
const waitsForItsMessage = ({ scenario, place }: CrashPoint): boolean =>
  scenario.way === 'queue' && place.kind === 'write' && place.types.includes('OrderCreated');
