// Consumer behind HandleShippingEvent: writes what the carrier tells of a parcel into the stream of its order.
//
// follow-parcels.P1  The order's stream is the memory: what it holds is not written again, and a dispatch that comes after
//   the delivery is left out. So the same news in any order, and as often as it comes, leads to the same status.
// follow-parcels.P2  News that is ahead of its order is not lost: until the shipment and, for a delivery, the end of the
//   saga are in the stream, the event is given back and comes again.
// follow-parcels.P3  News that will never belong to an order is parked: there is no such order, or the parcel is not the
//   one that the order has.
import { needsShipping, type OrderHead } from '../domain/order';
import { refusal } from '../domain/order-rules';
import type { OrderFact } from '../domain/order-events';
import { isGoingBack } from '../domain/order-status';
import { tenantOf } from '../domain/scope';
import { TransientError } from '../errors';
import { openStream } from '../events/order-stream';
import type { Clock } from '../ports/clock';
import { aboutOrder, type Log } from '../ports/log';
import type { OrderStore } from '../ports/order-store';
import type { Parking } from '../ports/parking';
import { createConsumer, type Consumer, type Park } from './consumer';
import { readParcelEvent, type ParcelEvent, type ReadParcelEvent } from './parcel-event';

export interface ParcelPorts {
  readonly orders: OrderStore;
  readonly parking: Parking;
  readonly clock: Clock;
}

/**
 * The consumer behind HandleShippingEvent. An event that is dated more than `aheadMs` ahead of our clock is parked. Rejects
 * with a TransientError while the store is away or the order is not as far as its parcel.
 */
export function createParcelFollower(ports: ParcelPorts, aheadMs: number): Consumer<ParcelEvent> {
  const { clock, parking } = ports;
  const read = (json: unknown): ReadParcelEvent => readParcelEvent(json, { nowMs: clock.nowMs(), aheadMs });
  const consumer = createConsumer('HandleShippingEvent', read, parking);
  consumer.on('ParcelDispatched', (event, log, park) => follow(ports, event, log, park));
  consumer.on('ParcelDelivered', (event, log, park) => follow(ports, event, log, park));
  return consumer;
}

async function follow(ports: ParcelPorts, event: ParcelEvent, log: Log, park: Park): Promise<void> {
  const { orderId, trackingId } = event.data;
  const stored = await ports.orders.read(tenantOf(event.data), orderId);
  if (stored === undefined) return park(`there is no order ${orderId}`);
  const why = strange(stored.order, event);
  if (why !== undefined) return park(why);
  const fact = factOf(event);
  const stream = openStream(ports, stored);
  const result = await stream.append({
    actor: 'carrier',
    key: null,
    facts: (order) => (isAhead(order, event) || refusal(order, fact) !== undefined ? [] : [fact]),
  });
  if (result === 'appended') return;
  const order = stream.order();
  if (isAhead(order, event)) throw tooEarly(order, event);
  log.info('parcel event is no news', {
    ...aboutOrder(order),
    ...{ trackingId, type: event.type, eventId: event.eventId },
  });
}

/** Why the news can never belong to the order (follow-parcels.P3). */
function strange(order: OrderHead, { data }: ParcelEvent): string | undefined {
  const { orderId, status, trackingId } = order;
  if (!needsShipping(order)) return `order ${orderId} has nothing that is shipped`;
  if (trackingId === null && isGoingBack(status))
    return `order ${orderId} is ${status}: its parcel was called back`;
  return trackingId === null || trackingId === data.trackingId
    ? undefined
    : `order ${orderId} has the parcel ${trackingId}, not ${data.trackingId}`;
}

/** follow-parcels.P2. */
function isAhead({ trackingId, ended }: OrderHead, { type }: ParcelEvent): boolean {
  return trackingId === null || (type === 'ParcelDelivered' && !ended);
}

function tooEarly({ orderId, status }: OrderHead, { type }: ParcelEvent): TransientError {
  return new TransientError('PARCEL_AHEAD', `${type} is ahead of order ${orderId}, which is ${status}`);
}

function factOf({ type, eventId: carrierEventId, at, data: { trackingId } }: ParcelEvent): OrderFact {
  const when = new Date(at).toISOString();
  return type === 'ParcelDispatched'
    ? { type: 'ShipmentDispatched', data: { trackingId, carrierEventId, dispatchedAt: when } }
    : { type: 'OrderDelivered', data: { trackingId, carrierEventId, deliveredAt: when } };
}
