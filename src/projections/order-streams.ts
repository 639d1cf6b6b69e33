// What projections need of an order besides the event at hand: how it began, and, where the feed left a gap, its whole
// stream. Reads events only, never the order's document: a rebuild has nothing else.
import type { EventEnvelope } from '../domain/event-envelope';
import { customerKey, isReached, type TenantScope } from '../domain/scope';
import { readEvent } from '../events/read-event';
import type { OrderStore } from '../ports/order-store';
import { createBoundedMap } from './bounded-map';

/** The part of an order's first events that later ones are counted and filed by. It never changes once it is known. */
export interface Origin {
  readonly tenantId: string;
  readonly customerKey: string;
  readonly createdAt: string;
  readonly currency: string;
  readonly totalMinor: number;
  /** What is to be paid; null for an order with a coupon, as long as what came of it was not seen. */
  readonly amountDueMinor: number | null;
  /** Whether it is known to have begun to go back. */
  readonly goesBack: boolean;
}

export interface OrderStreams {
  /** Keeps how these orders began, so that it need not be read. */
  remember(events: readonly EventEnvelope[]): void;
  /** How an order began; undefined when its first event cannot be read. */
  originOf(scope: TenantScope, orderId: string): Promise<Origin | undefined>;
  /** What is to be paid of an order that has been paid; undefined when its first event cannot be read. */
  amountDueOf(scope: TenantScope, orderId: string): Promise<number | undefined>;
  /** Whether an order that has ended without success had something to undo. */
  wentBack(scope: TenantScope, orderId: string): Promise<boolean>;
  /** The events of an order that can be read, in sequence. */
  read(scope: TenantScope, orderId: string): Promise<readonly EventEnvelope[]>;
}

/** More orders than are in flight at any time; about 300 bytes each. */
const REMEMBERED = 10_000;

export function createOrderStreams(orders: Pick<OrderStore, 'eventsAfter'>): OrderStreams {
  const origins = createBoundedMap<Origin>(REMEMBERED);
  const remember = (events: readonly EventEnvelope[]): void => {
    for (const event of events) {
      const origin = originIn(event) ?? changed(origins.get(event.orderId), event);
      if (origin !== undefined) origins.set(event.orderId, origin);
    }
  };
  const read = async (scope: TenantScope, orderId: string): Promise<readonly EventEnvelope[]> => {
    const events = (await orders.eventsAfter(scope, orderId, 0)).flatMap((stored) => {
      const result = readEvent(stored);
      return result.kind === 'event' ? [result.event] : [];
    });
    remember(events);
    return events;
  };
  const originOf = async (scope: TenantScope, orderId: string): Promise<Origin | undefined> => {
    if (origins.get(orderId) === undefined) await read(scope, orderId);
    const origin = origins.get(orderId);
    return origin && isReached(scope, origin) ? origin : undefined;
  };
  return {
    remember,
    read,
    originOf,
    amountDueOf: async (scope, orderId) => {
      const known = await originOf(scope, orderId);
      if (known?.amountDueMinor !== null) return known?.amountDueMinor;
      // Another host may have seen what came of the coupon.
      await read(scope, orderId);
      const origin = await originOf(scope, orderId);
      return origin && (origin.amountDueMinor ?? origin.totalMinor);
    },
    wentBack: async (scope, orderId) => {
      if ((await originOf(scope, orderId))?.goesBack === true) return true;
      // Another host may have seen it begin.
      return (await read(scope, orderId)).some(({ type }) => type === 'CompensationStarted');
    },
  };
}

function originIn(event: EventEnvelope): Origin | undefined {
  if (event.type !== 'OrderCreated') return undefined;
  const { tenantId, customerId, currency, totalMinor, couponCode } = event.data;
  return {
    tenantId,
    customerKey: customerKey({ tenantId, customerId }),
    createdAt: event.occurredAt,
    currency,
    totalMinor,
    amountDueMinor: couponCode === null ? totalMinor : null,
    goesBack: false,
  };
}

function changed(origin: Origin | undefined, event: EventEnvelope): Origin | undefined {
  if (origin === undefined) return undefined;
  if (event.type === 'CouponApplied') return { ...origin, amountDueMinor: event.data.amountDueMinor };
  return event.type === 'CompensationStarted' ? { ...origin, goesBack: true } : undefined;
}
