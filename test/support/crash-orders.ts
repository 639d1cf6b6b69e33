// Orders of the crash matrix and the people behind them: who places one goes on until it is taken, who cancels one goes
// on until that is answered, over a crash as well. It knows no crash point.
import { poll } from '../../local/demo/system-client';
import type { ScenarioFault, Scenario } from './crash-scenarios';
import { QUANTITY, UNIT_PRICE, type CrashSystem, type OrderPost, type SeenCall } from './crash-system';
import { orderMessage, type OrderQueue } from './order-queue';

export interface MatrixOrder {
  readonly scenario: Scenario;
  /** Idempotency key, correlation id and, behind the prefix of the scenario, the customer. */
  readonly key: string;
  readonly customerId: string;
  /** Set when it is first placed: a repeat must have the same body. */
  notBefore?: string;
  /** What its cancel was answered with. */
  cancelAnswer?: number;
}

/** A system and the client of its broker. */
export interface Played {
  readonly system: CrashSystem;
  readonly queue: OrderQueue;
}

export const matrixOrder = (scenario: Scenario, key: string): MatrixOrder => ({
  scenario,
  key,
  customerId: `${scenario.customerPrefix}${key}`,
});

/** The faults of the scenario for this order alone. */
export function faultsOf(order: MatrixOrder, faults: readonly ScenarioFault[] = order.scenario.faults) {
  return faults.map((fault) => ({ ...fault, customerId: order.customerId }));
}

/** One attempt; resolves with the id if it got one. A message is sent once and for all. */
export async function placeOnce({ system, queue }: Played, order: MatrixOrder): Promise<string | undefined> {
  if (order.scenario.way === 'http') return (await system.post(postOf(order))).id;
  const { customerId, key } = order;
  const items = [
    {
      productId: order.scenario.productId,
      productName: 'Desk lamp',
      quantity: QUANTITY,
      unitPrice: UNIT_PRICE,
    },
  ];
  await queue.send(orderMessage(key, { customerId, items }, { correlationId: key }));
  return undefined;
}

/** Goes on until the order is taken; its id. Of a message that was sent before, waits for the order. */
export async function placed({ system }: Played, order: MatrixOrder, withinMs: number): Promise<string> {
  if (order.scenario.way === 'http') return system.postUntilTaken(postOf(order));
  const stored = await poll(
    () => system.storedOrder(order.customerId),
    (found) => found !== undefined,
    withinMs,
  );
  return stored?.orderId ?? '';
}

function postOf(order: MatrixOrder): OrderPost {
  const { customerId, key, scenario } = order;
  const { productId, waitsMs } = scenario;
  if (waitsMs !== null) order.notBefore ??= new Date(Date.now() + waitsMs).toISOString();
  return {
    customerId,
    key,
    productId,
    ...(order.notBefore === undefined ? {} : { notBefore: order.notBefore }),
  };
}

const EVERY_MS = 50;

/** Cancels each order when its moment has come, again until it is answered, until `signal` ends it. */
export async function cancelInTime(
  system: CrashSystem,
  orders: readonly MatrixOrder[],
  signal: AbortSignal,
): Promise<void> {
  const given = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const waiting = new Set(orders.filter(({ scenario }) => scenario.cancel !== null));
  while (!signal.aborted && waiting.size > 0) {
    const calls = await system.calls().catch(() => []);
    await Promise.all(
      [...waiting].map(async (order) => {
        if (!(await isItsMoment(system, order, calls))) return;
        const id = (await system.storedOrder(order.customerId))?.orderId;
        // One that is held gets no answer; the customer tries again with the next process.
        const answer =
          id === undefined
            ? undefined
            : await Promise.race([system.client.cancel(id).catch(() => undefined), given]);
        if (answer !== 202 && answer !== 409) return;
        order.cancelAnswer = answer;
        waiting.delete(order);
      }),
    ).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

async function isItsMoment(
  system: CrashSystem,
  { scenario: { cancel }, key, customerId }: MatrixOrder,
  calls: readonly SeenCall[],
): Promise<boolean> {
  if (cancel === null) return false;
  if (cancel.when === 'taken') return (await system.storedOrder(customerId)) !== undefined;
  const { service, operation, when } = cancel;
  return calls.some(
    (call) =>
      call.correlationId === key &&
      call.service === service &&
      call.operation === operation &&
      (when === 'underWay' ? call.status === null : call.status === 500),
  );
}
