// Recording of what an order does when nothing is killed, seen from outside: its calls, its writes, the events of its
// orchestration, its end. The crash points are derived from it.
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { endOf, type Ended } from './end';
import type { MessageHold } from 'azure-local/servicebus/message-holds';
import {
  cancelInTime,
  faultsOf,
  matrixOrder,
  placed,
  placeOnce,
  type Act,
  type MatrixOrder,
  type Played,
} from './orders';
import { countingRules, recordedMessages, type RecordedMessage } from './message-points';
import { actInTime } from './people';
import { isReturned, type Scenario } from './scenarios';
import { returnInstanceOf, type Effect, type InstanceStatus, type SeenCall } from './system';
import { DEFAULT_TENANT } from '../../src/domain/scope';

/** Something that happened, and how long after the order was placed. */
interface Seen {
  readonly afterMs: number;
}

export interface RecordedCall extends Seen {
  readonly service: string;
  readonly operation: string;
  /** Which call of this operation it was, from 1. */
  readonly nth: number;
  /** What it did; null when it was refused, failed, or found nothing to undo. */
  readonly effect: string | null;
  /** Whether a fault of the scenario struck it. */
  readonly struck: boolean;
}

/** One batch of events in the order's stream. */
export interface RecordedWrite extends Seen {
  readonly types: readonly string[];
  /** How many events came before it. */
  readonly before: number;
}

/** One event that reached the orchestration of the order, or of its return. */
export interface RecordedEvent extends Seen {
  readonly says: string;
  readonly isReturns: boolean;
  /** Which event of its orchestration it was, from 1. */
  readonly nth: number;
}

/** A wait for a person, who acted `afterMs`. */
export interface RecordedWait extends Seen {
  readonly act: Act;
}

export interface Recording {
  readonly scenario: Scenario;
  readonly ended: Ended;
  readonly calls: readonly RecordedCall[];
  readonly writes: readonly RecordedWrite[];
  readonly events: readonly RecordedEvent[];
  readonly waits: readonly RecordedWait[];
  /** None of an orchestration. */
  readonly messages: readonly RecordedMessage[];
  readonly cancelAnswer: number | null;
}

/** Plays every scenario once at the same time; `name` makes their keys unlike others. */
export async function recordScenarios(
  played: Played,
  scenarios: readonly Scenario[],
  name: string,
): Promise<readonly Recording[]> {
  const { system } = played;
  const orders = scenarios.map((scenario, index) => matrixOrder(scenario, `${name}-${index}`));
  await system.client.planFaults(orders.flatMap((order) => faultsOf(order)));
  await system.holdMessages(orders.flatMap(countingRules));
  const cancels = new AbortController();
  const cancelling = Promise.all([
    cancelInTime(system, orders, cancels.signal),
    actInTime({ system, isPatient: true }, orders, cancels.signal),
  ]);
  try {
    return await Promise.all(orders.map((order, index) => record(played, order, index)));
  } finally {
    cancels.abort();
    await system.holdMessages([]);
    await cancelling;
  }
}

async function record(played: Played, order: MatrixOrder, index: number): Promise<Recording> {
  const { system } = played;
  const placedMs = Date.now();
  if (order.scenario.way === 'queue') await placeOnce(played, order);
  const id = await placed(played, order, 60_000);
  const ended = await endOf(system, id, isReturned(order.scenario));
  const calls = (await system.calls()).filter(({ correlationId }) => correlationId === order.key);
  const effects = await system.effects(id);
  const stream = await system.store.eventsAfter(DEFAULT_TENANT, id, 0);
  return {
    scenario: order.scenario,
    ended,
    calls: recordedCalls(calls, effects, order.scenario, placedMs),
    writes: recordedWrites(stream, placedMs),
    events: [
      ...recordedEvents(await system.instance(id), placedMs, false),
      ...recordedEvents(await system.instance(returnInstanceOf(id)), placedMs, true),
    ],
    waits: [...order.acts].map(([act, { sinceMs }]) => ({ act, afterMs: sinceMs - placedMs })),
    messages:
      ended.order.sagaMode === 'choreography'
        ? recordedMessages(await countedFor(played, order, index), stream, placedMs)
        : [],
    cancelAnswer: order.cancelAnswer ?? null,
  };
}

async function countedFor(
  { system }: Played,
  order: MatrixOrder,
  index: number,
): Promise<readonly MessageHold[]> {
  const { length } = countingRules(order);
  return (await system.heldMessages()).slice(index * length, (index + 1) * length);
}

/** What a call of each operation does when it does something. */
const EFFECTS: Readonly<Record<string, string>> = {
  'inventory.reserve': 'stockReserved',
  'promotions.redeem': 'couponRedeemed',
  'payments.charge': 'charged',
  'shipping.ship': 'shipmentCreated',
  'inventory.confirm': 'stockConfirmed',
  'shipping.cancel': 'shipmentCancelled',
  'payments.refund': 'refunded',
  'promotions.cancel': 'couponCancelled',
  'inventory.release': 'stockReleased',
  'payments.refundPart': 'refunded',
  'inventory.restock': 'restocked',
};

/** Look-ups change nothing and mails are another consumer's: neither is a step of the saga. */
function recordedCalls(
  calls: readonly SeenCall[],
  effects: readonly Effect[],
  { faults }: Scenario,
  placedMs: number,
): readonly RecordedCall[] {
  const steps = calls.filter(({ service, operation }) => `${service}.${operation}` in EFFECTS);
  return steps.map(({ service, operation, status, at }, index) => {
    const isSame = (other: { service: string; operation: string }): boolean =>
      other.service === service && other.operation === operation;
    const nth = steps.slice(0, index + 1).filter(isSame).length;
    const effect = EFFECTS[`${service}.${operation}`] ?? '';
    const did = status !== null && status < 300 && effects.some((line) => line.effect === effect);
    return {
      ...{ service, operation, nth },
      effect: did ? effect : null,
      struck: faults.some((fault) => isSame(fault) && nth <= (fault.times ?? Infinity)),
      afterMs: Date.parse(at) - placedMs,
    };
  });
}

/** Events that were appended together have one key and one time. */
function recordedWrites(events: readonly EventEnvelope[], placedMs: number): readonly RecordedWrite[] {
  const batches: { types: string[]; before: number; afterMs: number; batch: string }[] = [];
  for (const [before, { type, key, occurredAt }] of events.entries()) {
    const batch = `${key ?? ''} ${occurredAt}`;
    const last = batches.at(-1);
    if (last?.batch === batch) last.types.push(type);
    else batches.push({ types: [type], before, afterMs: Date.parse(occurredAt) - placedMs, batch });
  }
  return batches.map(({ types, before, afterMs }) => ({ types, before, afterMs }));
}

/** Of all that a history tells, what reached the instance from outside: each such event makes an episode. */
const REACHING = ['ExecutionStarted', 'TaskCompleted', 'TaskFailed', 'TimerFired', 'EventRaised'];

function recordedEvents(
  instance: InstanceStatus | undefined,
  placedMs: number,
  isReturns: boolean,
): readonly RecordedEvent[] {
  return (instance?.historyEvents ?? [])
    .filter(({ EventType }) => REACHING.includes(EventType))
    .map(({ EventType, FunctionName, Name, Timestamp }, index) => ({
      ...{ isReturns, nth: index + 1 },
      says: [EventType, EventType === 'ExecutionStarted' ? undefined : (FunctionName ?? Name)]
        .filter((part) => part !== undefined)
        .join(' '),
      afterMs: Date.parse(Timestamp) - placedMs,
    }));
}
