// Crash points at the messages of a choreographed order, derived from those that were seen: each is held when it is sent, and when
// what it woke is through; and the relay of all orders, which stops with the events of as many as have come so far. Pure.
import { orderIdFor } from '../../src/commands/place-order';
import { DEFAULT_TENANT } from '../../src/domain/scope';
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { wakesSaga } from '../../src/saga/order/waking-events';
import type { MessageHold, MessageHoldRule } from 'azure-local/servicebus/message-holds';
import type { MatrixOrder } from './orders';

type Moment = MessageHoldRule['moment'];

/** One message of an order that was sent or completed. */
export interface RecordedMessage {
  readonly way: MessageWay;
  /** Which message of the order it was on this way, from 1. */
  readonly nth: number;
  /** The event in it, where it is one. */
  readonly says: string;
  readonly afterMs: number;
}

type MessageWay = 'step' | 'timerSent' | 'timer' | 'relay';

export type MessagePlace =
  | { readonly kind: 'message'; readonly way: MessageWay; readonly nth: number; readonly moment: Moment }
  /** The relay has come so far with the order, and goes no further with any. */
  | { readonly kind: 'relay'; readonly events: number; readonly moment: Moment };

const TOPIC = 'order-events';
const WAYS: Readonly<Record<MessageWay, Pick<MessageHoldRule, 'entity' | 'operation'>>> = {
  relay: { entity: TOPIC, operation: 'send' },
  step: { entity: `${TOPIC}/Subscriptions/saga-steps`, operation: 'complete' },
  timerSent: { entity: 'saga-timers', operation: 'send' },
  timer: { entity: 'saga-timers', operation: 'complete' },
};
const WAY_NAMES: readonly MessageWay[] = ['relay', 'step', 'timerSent', 'timer'];

/** More than an order has: such a rule only counts. */
const NEVER_REACHED = 1_000;

/** The rules that count the messages of an order, one per way. */
export const countingRules = (order: MatrixOrder): readonly MessageHoldRule[] =>
  WAY_NAMES.map((way) => ruleFor(order, way, NEVER_REACHED, 'arrival'));

function ruleFor(order: MatrixOrder, way: MessageWay, nth: number, moment: Moment): MessageHoldRule {
  const orderId = orderIdFor({ tenantId: DEFAULT_TENANT.tenantId }, order.key);
  const isEvent = way === 'relay' || way === 'step';
  const named = isEvent ? `"correlationId":"${order.key}"` : `"orderId":"${orderId}"`;
  return { ...WAYS[way], contains: [named], nth, moment };
}

/** What the counting rules of one order have seen. */
export function recordedMessages(
  seen: readonly MessageHold[],
  stream: readonly EventEnvelope[],
  placedMs: number,
): readonly RecordedMessage[] {
  const waking = stream.filter(wakesSaga);
  return WAY_NAMES.flatMap((way, index) =>
    (seen[index]?.seen ?? []).map((at, before) => {
      const event = way === 'relay' ? stream[before] : way === 'step' ? waking[before] : undefined;
      return { way, nth: before + 1, says: event?.type ?? '', afterMs: Date.parse(at) - placedMs };
    }),
  );
}

type NamedPlace = readonly [says: string, place: MessagePlace];

/** The two moments of each message. */
export function messagePlaces({ way, nth, says }: RecordedMessage): readonly NamedPlace[] {
  switch (way) {
    case 'relay':
      return [
        [`the relay stops before event ${nth}, ${says}`, { kind: 'relay', events: nth, moment: 'arrival' }],
        [`the relay stops behind event ${nth}, ${says}`, { kind: 'relay', events: nth, moment: 'answer' }],
      ];
    case 'timerSent':
      return [
        [`message ${nth} for later is not sent`, { kind: 'message', way, nth, moment: 'arrival' }],
        [
          `message ${nth} for later is sent and not answered`,
          { kind: 'message', way, nth, moment: 'answer' },
        ],
      ];
    default: {
      const name = `message ${nth}${way === 'timer' ? ' for later' : `, ${says},`}`;
      return [
        [`${name} is through and not completed`, { kind: 'message', way, nth, moment: 'arrival' }],
        [`${name} is completed and not answered`, { kind: 'message', way, nth, moment: 'answer' }],
      ];
    }
  }
}

/** What holds the message of this order. */
export const messageRule = (order: MatrixOrder, place: MessagePlace & { kind: 'message' }): MessageHoldRule =>
  ruleFor(order, place.way, place.nth, place.moment);

/** What stops the relay, with whatever it sends next. */
export const relayRule = (moment: Moment): MessageHoldRule => ({
  ...WAYS.relay,
  ...{ contains: ['"orderId"'], nth: 1, moment },
});
