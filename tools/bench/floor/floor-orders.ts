// Order of the wire floor: stored, then four steps, each one call to a service and one batch. The calls wait for one
// another as those of the real order do; there is no saga, engine or history.
import type { Container } from '@azure/cosmos';
import type { OrderIdentity, OrderPlan } from './order-plan';
import { createCaller, writeBatch, type PlatformAddresses, type ServiceCall } from './wire';
import type { OrdersDatabase } from '../../../src/adapters/cosmos-client';

export interface FloorOrders {
  /** Stores the order and gives the answer to the POST; the steps go on behind it. */
  place(identity: OrderIdentity): Promise<string>;
}

/** How old what is known of a product may be; the app's inventory view has the same. */
const VIEW_MAX_AGE_MS = 1_000;

export async function createFloorOrders(
  database: OrdersDatabase,
  plan: OrderPlan,
  addresses: PlatformAddresses,
): Promise<FloorOrders> {
  const orders = await database.orders();
  const readView = createViewReads(
    await database.container('inventory')(),
    plan.order.lines.map(({ productId }) => productId),
  );
  const call = createCaller(plan.order);
  const { services } = addresses;

  const runSteps = async (identity: OrderIdentity, firstEtag: string): Promise<void> => {
    let etag = firstEtag;
    for (const [index, serviceCall] of callsOf(services, plan, identity).entries()) {
      // Reserving asks the inventory view, and the pivot whether the order is as it was.
      if (index === 0) await readView();
      if (index === PIVOT) await orders.item(identity.orderId, identity.orderId).read();
      await call(serviceCall);
      const batch = plan.steps[index];
      if (batch === undefined) throw new Error(`The order has no batch for call ${index + 1}.`);
      etag = await writeBatch(orders, identity.orderId, batch(identity, etag));
    }
  };

  return {
    async place(identity) {
      await readView();
      const etag = await writeBatch(orders, identity.orderId, plan.create(identity));
      void runSteps(identity, etag);
      return plan.answer(identity);
    },
  };
}

/** The index of the shipment among the steps. */
const PIVOT = 2;

/** The calls of the steps in their order. */
function callsOf(
  services: string,
  { order }: OrderPlan,
  { orderId, customerId }: OrderIdentity,
): readonly ServiceCall[] {
  const { lines, totalMinor, currency, itemCount } = order;
  const who = { orderId, customerId };
  const key = (step: string): string => `${orderId}:${step}`;
  const reservation = encodeURIComponent(key('ReserveInventory'));
  return [
    {
      url: `${services}/inventory/reservations`,
      key: key('ReserveInventory'),
      body: { ...who, lines: lines.map(({ productId, quantity }) => ({ productId, quantity })) },
    },
    {
      url: `${services}/payments/charges`,
      key: key('ProcessPayment'),
      body: { ...who, amountMinor: totalMinor, currency, method: 'card' },
    },
    {
      url: `${services}/shipping/shipments`,
      key: key('CreateShipment'),
      body: { ...who, itemCount },
    },
    {
      url: `${services}/inventory/reservations/${reservation}/confirm`,
      key: key('ConfirmInventory'),
      body: who,
    },
  ];
}

/** Reads what is known of these products, at most once a second. */
function createViewReads(container: Container, productIds: readonly string[]): () => Promise<unknown> {
  let seen: Promise<unknown> = Promise.resolve();
  let asOfMs = -Infinity;
  return () => {
    if (performance.now() - asOfMs >= VIEW_MAX_AGE_MS) {
      asOfMs = performance.now();
      seen = Promise.all(productIds.map((productId) => container.item('echo', productId).read()));
    }
    return seen;
  };
}
