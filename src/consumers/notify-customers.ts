// Consumer behind NotifyCustomers: sends a confirmation when an order is completed, a notice when it is cancelled, and what
// became of each return.
//
// notify-customers.N1  The effect lies outside and is idempotent by key, so the key is the marker: a kill between
//   effect and marker is not possible, and an event that comes twice is one message.
// notify-customers.N2  A cancellation makes the confirmation void and closes its key in the same call. So the two may
//   come in any order, and the queue needs no sessions (each would hold a place for its idle time).
import type { EventEnvelope } from '../domain/event-envelope';
import { ERASED } from '../domain/personal-data';
import { tenantOf } from '../domain/scope';
import { TransientError } from '../errors';
import { openContact } from '../events/personal-fields';
import { readEvent } from '../events/read-event';
import type { FieldCipher } from '../ports/field-cipher';
import { aboutOrder, type Log } from '../ports/log';
import type { CustomerMessage, NotificationService } from '../ports/notifications';
import type { OrderStore } from '../ports/order-store';
import type { Parking } from '../ports/parking';
import { createConsumer, type Consumer } from './consumer';

export interface NotifierPorts {
  readonly orders: OrderStore;
  readonly notifications: NotificationService;
  readonly parking: Parking;
  readonly cipher: FieldCipher;
}

const TIMEOUT_MS = 10_000;

/** What the relay sends to the queue of this consumer. */
export const TOLD_TO_CUSTOMERS = [
  'OrderCompleted',
  'OrderCancelled',
  'ReturnClosed',
  'ReturnRejected',
] as const;

/** The consumer behind NotifyCustomers. Rejects with a TransientError while a service or the store is away. */
export function createCustomerNotifier(ports: NotifierPorts): Consumer<EventEnvelope> {
  const consumer = createConsumer<EventEnvelope>('NotifyCustomers', readEvent, ports.parking);
  consumer.on('OrderCompleted', (event, log) => notify(ports, event, { kind: 'confirmation' }, log));
  consumer.on('OrderCancelled', (event, log) => {
    const voids = keyOf(event.orderId, { kind: 'confirmation' });
    return notify(ports, event, { kind: 'cancellation', voids }, log);
  });
  consumer.on('ReturnClosed', (event, log) => {
    const { returnNumber } = event.data;
    return notify(ports, event, { kind: 'returnRefunded', returnNumber }, log);
  });
  consumer.on('ReturnRejected', (event, log) => {
    const { returnNumber } = event.data;
    return notify(ports, event, { kind: 'returnRejected', returnNumber }, log);
  });
  return consumer;
}

function keyOf(orderId: string, { kind, returnNumber }: CustomerMessage): string {
  const about = returnNumber === undefined ? orderId : `${orderId}:return:${returnNumber}`;
  return `${about}:${kind}`;
}

async function notify(
  { orders, notifications, cipher }: NotifierPorts,
  event: EventEnvelope,
  message: CustomerMessage,
  log: Log,
): Promise<void> {
  const { orderId, tenantId, correlationId, traceparent } = event;
  const told = { ...aboutOrder(event), kind: message.kind };
  // Events carry no customer, so that they carry no person either.
  const placed = await orders.placed(tenantOf({ tenantId }), orderId);
  if (placed === undefined) {
    log.error('customer not notified', { ...told, reason: 'the order is gone from the store' });
    return;
  }
  const { customerId } = placed;
  const key = keyOf(orderId, message);
  const call = { key, orderId, customerId, correlationId, traceparent, timeoutMs: TIMEOUT_MS };
  const contact = await openContact(cipher, { ...placed, orderId }, placed.contact);
  const to = contact === null || contact === ERASED ? {} : { contact };
  const outcome = await notifications.send(call, { ...message, ...to });
  switch (outcome.kind) {
    case 'done':
      return;
    case 'refused':
      if (outcome.detailCode === 'KEY_CLOSED') log.info('message held back: it is void', told);
      else log.error('customer not notified', { ...told, reason: outcome.reason });
      return;
    case 'transient':
    case 'unknown':
      throw new TransientError('NOTIFICATION_FAILED', outcome.error.message, {
        outage: outcome.kind === 'transient' && outcome.outage !== null,
      });
  }
}
