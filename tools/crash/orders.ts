// Clients of the crash matrix: one that places an order repeats it until it is taken, one that cancels repeats it
// until it is answered, over a crash as well. They know no crash point.
import { poll } from '../../local/demo/system-client';
import type { ScenarioFault, Scenario } from './scenarios';
import {
  LIMITED_CURRENCY,
  QUANTITY,
  UNIT_PRICE,
  type CrashSystem,
  type OrderPost,
  type SeenCall,
} from './system';
import { orderMessage, type OrderQueue } from '../../test/support/order-queue';

/** What a person does about an order. */
export type Act = 'approve' | 'reject' | 'request' | 'receive' | 'inspect' | 'cancel';

/** An act that was begun; without an answer it is begun again. */
export interface Acted {
  readonly sinceMs: number;
  answer: number | null;
}

export interface MatrixOrder {
  readonly scenario: Scenario;
  /** Idempotency key, correlation id and, behind the prefix of the scenario, the customer. */
  readonly key: string;
  readonly customerId: string;
  /** Set when it is first placed: a repeat must have the same body. */
  notBefore?: string;
  /** Set when the broker has taken its message. */
  isSent?: true;
  /** What its cancel was answered with. */
  cancelAnswer?: number;
  /** What people have done about it, or tried to. */
  readonly acts: Map<Act, Acted>;
  /** What nobody does before the kill. */
  holdsBack?: Act | undefined;
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
  acts: new Map(),
});

/** The faults of the scenario for this order alone. */
export function faultsOf(order: MatrixOrder, faults: readonly ScenarioFault[] = order.scenario.faults) {
  return faults.map((fault) => ({ ...fault, customerId: order.customerId }));
}

/** One attempt; resolves with the id if it got one. */
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
  order.isSent = true;
  return undefined;
}

/** Goes on until the order is taken; its id. A message is sent again, under the same id, unless the broker has it. */
export async function placed(played: Played, order: MatrixOrder, withinMs: number): Promise<string> {
  const { system } = played;
  if (order.scenario.way === 'http') return system.postUntilTaken(postOf(order));
  await poll(
    async () => order.isSent ?? (await placeOnce(played, order)),
    () => order.isSent === true,
  );
  const stored = await poll(
    () => system.storedOrder(order.customerId),
    (found) => found !== undefined,
    withinMs,
  );
  return stored?.orderId ?? '';
}

function postOf(order: MatrixOrder): OrderPost {
  const { customerId, key, scenario } = order;
  const { productId, waitsMs, isDigital, pays, quantity, approval } = scenario;
  if (waitsMs !== null) order.notBefore ??= new Date(Date.now() + waitsMs).toISOString();
  return {
    customerId,
    key,
    productId,
    ...(isDigital === undefined ? {} : { isDigital }),
    ...(pays === undefined ? {} : { pays }),
    ...(quantity === undefined ? {} : { quantity }),
    ...(approval === undefined ? {} : { currency: LIMITED_CURRENCY }),
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
  const waiting = new Set(orders.filter(({ scenario }) => scenario.cancel !== null));
  let cancelling = 0;
  while (!signal.aborted && waiting.size + cancelling > 0) {
    const calls = await system.calls().catch(() => []);
    for (const order of [...waiting].filter((one) => isItsMoment(one, calls))) {
      // Each by itself: one that is held gets no answer, and its customer tries again with the next process.
      waiting.delete(order);
      cancelling += 1;
      void cancelOnce(system, order).then((answer) => {
        cancelling -= 1;
        if (answer === 202 || answer === 409) order.cancelAnswer = answer;
        else waiting.add(order);
      });
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

/** The answer; undefined when there is none or no such order yet. */
async function cancelOnce(system: CrashSystem, { customerId }: MatrixOrder): Promise<number | undefined> {
  try {
    const order = await system.storedOrder(customerId);
    return order === undefined ? undefined : await system.client.cancel(order.orderId);
  } catch {
    return undefined;
  }
}

function isItsMoment({ scenario: { cancel }, key }: MatrixOrder, calls: readonly SeenCall[]): boolean {
  if (cancel === null) return false;
  if (cancel.when === 'taken') return true;
  const { service, operation, when } = cancel;
  return calls.some(
    (call) =>
      call.correlationId === key &&
      call.service === service &&
      call.operation === operation &&
      (when === 'underWay' ? call.status === null : (call.status ?? 0) >= 500),
  );
}
