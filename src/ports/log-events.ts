// Catalogue of the log events of the app: every event that a line may have, its level, when it is written and its fields. A
// name that is not here does not compile (log.ts); docs/log-events.md is made of it, and a test compares the fields with those
// that the source writes.

import type { DescribedEvent, LogLevel } from './described-event';
import { OPERATIONS_LOG_EVENTS } from './log-events-of-operations';

/** What the lines about an order begin with. */
const ORDER = ['orderId', 'correlationId'] as const;
const RETURN = [...ORDER, 'returnNumber'] as const;
const STEP = [...RETURN, 'step', 'attempt'] as const;

export const LOG_EVENTS = {
  // Orders and their sagas.
  'saga step': {
    levels: ['info', 'warn'],
    when: 'An attempt of a step or compensation has come out; once per attempt, not once per replay. A warning where it is tried again',
    fields: [...STEP, 'instanceId', 'outcome', 'errorCode', 'error', 'durationMs'],
  },
  'saga step broke': {
    levels: ['error'],
    when: 'An activity threw what it may not throw: a mistake in this code, with its stack',
    fields: [...STEP, 'error'],
  },
  'manual intervention required': {
    levels: ['error'],
    when: 'A compensation failed, a step after the pivot cannot be done, or a saga was lost: an operator must look',
    fields: [...STEP, 'reason', 'transactionId', 'operator'],
  },
  'intervention not recorded': {
    levels: ['warn'],
    when: 'The store did not take an intervention; the line that follows is all there is of it',
    fields: [...STEP, 'error'],
  },
  'saga not started': {
    levels: ['warn'],
    when: 'The task hub was away when an order was placed; the reconciler starts its saga',
    fields: [...ORDER, 'error'],
  },
  'saga not found out': {
    levels: ['warn'],
    when: 'The task hub could not say whether a saga is carried on',
    fields: [...ORDER, 'error'],
  },
  'cancel not signalled': {
    levels: ['warn'],
    when: 'A cancel is recorded and its saga was not told; the reconciler tells it',
    fields: [...ORDER, 'error'],
  },
  'approval not signalled': {
    levels: ['warn'],
    when: 'An answer of an approver is recorded and its saga was not told; the reconciler tells it',
    fields: [...ORDER, 'error'],
  },
  'saga not taken further yet': {
    levels: ['warn'],
    when: 'A turn of a choreographed saga met a fault; its message comes again',
    fields: ['orderId', 'deliveryCount', 'error'],
  },
  'message of no saga': {
    levels: ['error'],
    when: 'A message of the choreography is none',
    fields: ['messageId'],
  },

  // Returns.
  'return waits for its inspection': {
    levels: ['warn'],
    when: 'A parcel of a return came and nobody has inspected it for a while',
    fields: RETURN,
  },
  'return saga not started': {
    levels: ['warn'],
    when: 'The task hub was away when a return was requested; the reconciler starts its saga',
    fields: [...RETURN, 'error'],
  },
  'return saga not woken': {
    levels: ['warn'],
    when: 'News of a return are recorded and its saga was not told; the reconciler tells it',
    fields: [...RETURN, 'error'],
  },
  'return tried again by operator': {
    levels: ['warn'],
    when: 'An operator had a return with an intervention tried again',
    fields: [...RETURN, 'operator', 'reason'],
  },

  // The reconciler and the late look-up.
  reconciled: {
    levels: ['info'],
    when: 'A run of the reconciler found something to do',
    fields: ['looked', 'started', 'signalled', 'repaired', 'finished'],
  },
  'saga started by reconciler': { levels: ['warn'], when: 'It had not been started', fields: ORDER },
  'saga woken by reconciler': {
    levels: ['warn'],
    when: 'A choreographed saga had no message any more that would carry it on',
    fields: ORDER,
  },
  'cancel signalled again by reconciler': {
    levels: ['warn'],
    when: 'A saga had not heard of a recorded cancel',
    fields: ORDER,
  },
  'approval signalled again by reconciler': {
    levels: ['warn'],
    when: 'A saga had not heard of a recorded answer',
    fields: ORDER,
  },
  'order makes no progress': {
    levels: ['warn'],
    when: 'Nothing has happened to a live saga for `StuckAfterMinutes`',
    fields: [...ORDER, 'status', 'runtimeStatus', 'minutes'],
  },
  'order finished by reconciler': {
    levels: ['warn'],
    when: 'The orchestration of an order was gone, and it was carried to its end without one',
    fields: [...ORDER, 'runtimeStatus', 'status'],
  },
  'order not finished': {
    levels: ['error'],
    when: 'That failed; the next run tries again',
    fields: [...ORDER, 'runtimeStatus', 'errorCode', 'reason'],
  },
  'order not reconciled': {
    levels: ['warn', 'error'],
    when: 'A look at an order failed; a warning where something is away',
    fields: ['orderId', 'error'],
  },
  'end written by reconciler': {
    levels: ['warn'],
    when: 'An orchestration had ended without its last write',
    fields: ORDER,
  },
  'return saga started by reconciler': {
    levels: ['warn'],
    when: 'It had not been started',
    fields: [...RETURN, 'status'],
  },
  'return saga woken by reconciler': {
    levels: ['warn'],
    when: 'A return has been quiet for long',
    fields: [...RETURN, 'status'],
  },
  'return carried on by reconciler': {
    levels: ['warn'],
    when: 'The orchestration of a return was gone',
    fields: [...RETURN, 'status'],
  },
  'ended orders looked up': {
    levels: ['info'],
    when: 'A run looked once more for effects of orders that ended without success',
    fields: ['looked', 'found', 'finished'],
  },
  'effect found after the end': {
    levels: ['error'],
    when: 'A service did something after its order had ended: it is taken back',
    fields: [...ORDER, 'status', 'step', 'key'],
  },
  'late look-up given up': {
    levels: ['error'],
    when: 'A service has not answered that question for days',
    fields: [...ORDER, 'errorCode', 'error'],
  },
  'store away': {
    levels: ['warn'],
    when: 'A timer stopped because the store was away; its next run goes on',
    fields: ['what', 'error'],
  },

  // Messages and events.
  'message not processed': {
    levels: ['warn', 'error'],
    when: 'An order in the queue met a fault of ours: it comes again, or is dead-lettered at the last delivery',
    fields: ['messageId', 'correlationId', 'deliveryCount', 'error'],
  },
  'message dead-lettered': {
    levels: ['error'],
    when: 'A message cannot become an order',
    fields: ['messageId', 'reason', 'description'],
  },
  'failed orders told': {
    levels: ['info'],
    when: 'Messages went to the queue of failed orders',
    fields: ['count'],
  },
  'event parked': {
    levels: ['error'],
    when: 'An event cannot be read, or a target refused it for good: it is in the container `parking`',
    fields: ['id', 'consumer', 'reason'],
  },
  'event of unknown type': {
    levels: ['info'],
    when: 'An event came whose type this release does not have',
    fields: ['consumer', 'type'],
  },
  'events not projected': {
    levels: ['warn'],
    when: 'Events of a page went into no read model',
    fields: ['unknownTypes', 'parked'],
  },
  'feed is behind': {
    levels: ['warn'],
    when: 'The oldest event of a page is more than a minute old',
    fields: ['function', 'lagMs', 'events'],
  },
  'parcel event is no news': {
    levels: ['info'],
    when: 'What a carrier tells is known already',
    fields: [...ORDER, 'trackingId', 'type', 'eventId'],
  },
  'customer not notified': {
    levels: ['error'],
    when: 'The notification service refused a message for good',
    fields: [...ORDER, 'kind', 'reason'],
  },
  'customer not notified yet': {
    levels: ['warn'],
    when: 'The notification service is away; the event comes again',
    fields: ['deliveryCount', 'error'],
  },
  'message held back: it is void': {
    levels: ['info'],
    when: 'A message to a customer was closed before it was sent',
    fields: [...ORDER, 'kind'],
  },

  // Stock.
  'inventory event is no news': {
    levels: ['info'],
    when: 'What the inventory tells is known already, or older than what is known',
    fields: ['type', 'eventId', 'productId'],
  },
  'stock is low': {
    levels: ['warn'],
    when: 'A product runs out; once per event of the inventory. The event of telemetry `LowStockAlert` says the same',
    fields: ['productId', 'current', 'threshold'],
  },
  LowStockAlert: {
    levels: ['info'],
    when: 'The event of telemetry of that name, as a line',
    fields: ['productId', 'current', 'threshold'],
  },
  ReorderSuggested: {
    levels: ['info'],
    when: 'The second reader of inventory events suggests an order to the supplier',
    fields: ['productId', 'onHand', 'quantity'],
  },
  PriceFollowed: {
    levels: ['info'],
    when: 'The second reader of inventory events has seen a new price',
    fields: ['productId', 'currency', 'unitPriceMinor'],
  },

  ...OPERATIONS_LOG_EVENTS,
} as const satisfies Readonly<Record<string, DescribedEvent>>;

type Events = typeof LOG_EVENTS;

/** The events that a line of level `L` may have. */
export type LogEvent<L extends LogLevel> = {
  [N in keyof Events]: L extends Events[N]['levels'][number] ? N : never;
}[keyof Events];
