// Demo of a crash (`npm run demo -- --kill`): kills every process in mid-payment, starts them again and checks that
// the sums of orders, charges, refunds and stock balance.
import type { RunningSystem } from 'azure-local/supervisor/running-system';
import { createSystemClient, isEnded, poll, type OrderAnswer, type SystemClient } from './system-client';

const ORDERS = 30;
const PRODUCT = 'demo-kill-lamp';
const STOCK = 1_000;
const QUANTITY = 2;
const UNIT_PRICE = 49.99;
/** In choreography a killed host leaves locks for a minute on messages that orders wait for, at more than one step. */
const ENDED_WITHIN_MS = 300_000;

export interface Sums {
  readonly orders: readonly OrderAnswer[];
  readonly ledger: { readonly charged: number; readonly refunded: number; readonly netMinor: number };
  readonly stock: { readonly onHand: number; readonly reserved: number };
  /** What does not balance; empty when everything does. */
  readonly problems: readonly string[];
}

/** Places orders, kills every process with SIGKILL while payments are under way, restarts, and adds up. */
export async function playKill(system: RunningSystem, say: (line: string) => void): Promise<Sums> {
  let client = createSystemClient(system.urls);
  await client.setStock(PRODUCT, STOCK);
  await client.planFaults([{ service: 'payments', operation: 'charge', fault: 'slow', delayMs: 700 }]);
  const placed = await Promise.all(Array.from({ length: ORDERS }, (_, index) => client.place(order(index))));
  await poll(
    async () => (await client.ledger()).filter(({ effect }) => effect === 'charged').length,
    (charged) => charged > 0,
  );
  say(`${placed.length} orders are placed and the first payments are taken: SIGKILL to every process`);
  await system.kill('all');
  await system.restart();
  say('started again on the same data');
  client = createSystemClient(system.urls);
  await client.planFaults([]);
  const orders = await Promise.all(
    placed.map(({ id }) => poll(() => client.order(id), isEnded, ENDED_WITHIN_MS)),
  );
  return sums(client, orders);
}

function order(index: number): Parameters<SystemClient['place']>[0] {
  // Every fifth order is one that the carrier refuses, so that there are refunds to add up.
  const customerId = index % 5 === 4 ? `noship-kill-${index}` : `demo-kill-${index}`;
  return {
    customerId,
    items: [{ productId: PRODUCT, productName: 'Desk lamp', quantity: QUANTITY, unitPrice: UNIT_PRICE }],
  };
}

async function sums(client: SystemClient, orders: readonly OrderAnswer[]): Promise<Sums> {
  const lines = await client.ledger();
  const of = (effect: string): readonly { readonly orderId: string; readonly amount?: number }[] =>
    lines.filter((line) => line.effect === effect);
  const minor = (effect: string): number => of(effect).reduce((sum, { amount = 0 }) => sum + amount, 0);
  const stock = await client.stock(PRODUCT);
  const completed = orders.filter(({ status }) => status === 'completed');
  const dueMinor = completed.reduce((sum, { totalAmount }) => sum + Math.round(totalAmount * 100), 0);
  const netMinor = minor('charged') - minor('refunded');
  const twice = of('charged').length - new Set(of('charged').map(({ orderId }) => orderId)).size;
  const problems = [
    ...(netMinor === dueMinor
      ? []
      : [`charged less refunded is ${netMinor}, the completed orders come to ${dueMinor}`]),
    ...(twice === 0 ? [] : [`${twice} orders were charged twice`]),
    ...(stock.reserved === 0 ? [] : [`${stock.reserved} pieces are still reserved`]),
    ...(STOCK - stock.onHand === completed.length * QUANTITY
      ? []
      : [
          `${STOCK - stock.onHand} pieces left the shelf for ${completed.length} completed orders of ${QUANTITY}`,
        ]),
  ];
  return {
    orders,
    ledger: { charged: of('charged').length, refunded: of('refunded').length, netMinor },
    stock,
    problems,
  };
}
