// Example of the facts of a run in which all went well: one order that completed, one that failed, one that was
// cancelled, and bad input. Tests break one thing at a time.
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { fold, type Order } from '../../src/domain/order';
import type { OrderFact } from '../../src/domain/order-events';
import { toEnvelope } from '../../src/events/envelope';
import { toOrderSummary } from '../../src/queries/order-view';
import type { Effect, Facts } from './facts';
import type { PlannedOrder } from './plan';
import { notSentYet } from './sent';
import { created, facts, orderRequest, started } from '../../test/support/orders';

const AT = '2026-01-31T12:00:00.000Z';
const TOTAL = orderRequest.totalMinor;

const planned = (key: string, more: Partial<PlannedOrder> = {}): PlannedOrder => ({
  key,
  atMs: 0,
  ways: ['http'],
  customerId: 'customer-1',
  items: [],
  pays: {},
  againAfterMs: undefined,
  cancelAfterMs: undefined,
  notBeforeMs: undefined,
  bad: undefined,
  approval: undefined,
  returns: [],
  ...more,
});

const RESERVED = [created, started, facts.stockReserved];
const RELEASED = [facts.compensationStarted, facts.stockReleased];
const { paymentProcessed, shipmentCreated, stockConfirmed, completed, cancelRequested } = facts;

function streamOf(key: string, facts: readonly OrderFact[]): EventEnvelope[] {
  const order = { orderId: `id-${key}`, tenantId: 'default', correlationId: key, traceparent: '' };
  return facts.map((fact, index) => {
    const recorded =
      fact.type === 'OrderCreated' ? { ...fact, data: { ...fact.data, correlationId: key } } : fact;
    return toEnvelope(order, recorded, index + 1, { actor: 'test', occurredAt: AT, key: null });
  });
}

/** By the key of their orders. */
export const STREAMS = {
  done: streamOf('done', [...RESERVED, paymentProcessed, shipmentCreated, stockConfirmed, completed]),
  failed: streamOf('failed', [...RESERVED, ...RELEASED, facts.failed]),
  cancelled: streamOf('cancelled', [...RESERVED, cancelRequested, ...RELEASED, facts.cancelled]),
};
export type Key = keyof typeof STREAMS;
const KEYS = Object.keys(STREAMS) as Key[];

export const orderOf = (key: Key): Order => {
  const order = fold(`id-${key}`, STREAMS[key]);
  if (order === undefined) throw new Error(`${key} folds to nothing`);
  return order;
};

let seq = 0;
export const effect = (key: Key, name: string, step: string, amount?: number): Effect => ({
  seq: ++seq,
  effect: name,
  orderId: `id-${key}`,
  key: `id-${key}:${step}`,
  reference: `of-${key}-${step}`,
  ...(amount === undefined ? {} : { amount }),
});

export const LEDGER: readonly Effect[] = [
  effect('done', 'stockReserved', 'ReserveInventory'),
  effect('done', 'charged', 'ProcessPayment', TOTAL),
  effect('done', 'shipmentCreated', 'CreateShipment'),
  effect('done', 'stockConfirmed', 'ReserveInventory'),
  effect('done', 'notified', 'confirmation'),
  ...(['failed', 'cancelled'] as const).flatMap((key) => [
    effect(key, 'stockReserved', 'ReserveInventory'),
    effect(key, 'stockReleased', 'ReserveInventory'),
  ]),
  effect('cancelled', 'notified', 'cancellation'),
];

const sentOf = (key: string, more: Partial<Facts['sent'][number]> = {}): Facts['sent'][number] => ({
  ...notSentYet(planned(key)),
  taken: ['http'],
  orderIds: new Set([`id-${key}`]),
  ...more,
});

export const GOOD: Facts = {
  sent: [
    sentOf('done'),
    sentOf('failed', { taken: ['queue', 'http'] }),
    sentOf('cancelled', { cancels: [202] }),
    sentOf('bad', { planned: planned('bad', { bad: 'notJson' }), taken: ['queue'], orderIds: new Set() }),
  ],
  orders: KEYS.map(orderOf),
  streams: new Map(KEYS.map((key) => [`id-${key}`, STREAMS[key]])),
  ledger: LEDGER,
  stock: [{ productId: 'prod-001', supplied: 10, onHand: 8, reserved: 0 }],
  echoes: [{ productId: 'lamp', published: 8, echoed: 8 }],
  listed: KEYS.map((key) => ({
    ...toOrderSummary(orderOf(key)),
    customerKey: orderOf(key).customerKey,
    changedAt: STREAMS[key].at(-1)?.occurredAt,
  })),
  days: [
    {
      day: '2026-01-31',
      ...{ created: 3, completed: 1, failed: 1, cancelled: 1 },
      createdMinor: { USD: 3 * TOTAL },
      completedMinor: { USD: TOTAL },
    },
  ],
  topic: new Map(
    KEYS.map((key) => [
      `id-${key}`,
      STREAMS[key].map(({ eventId, sequence }) => ({ messageId: eventId, sequence })),
    ]),
  ),
  failures: ['id-failed:failed'],
  queued: [],
  deadLetters: [{ entity: 'orders', messageId: 'bad', reason: 'InvalidJson' }],
  parked: [],
  unfinished: [],
  crashes: [],
};
