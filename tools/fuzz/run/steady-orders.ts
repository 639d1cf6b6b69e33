// Ordinary orders that go on during a fuzz run; each must complete.
import {
  createSystemClient,
  isEnded,
  poll,
  type OrderAnswer,
  type SystemClient,
} from '../../../local/demo/system-client';

/** So that they do not take the machine from what is thrown at it. */
const PAUSE_MS = 300;

export interface SteadyOrders {
  /** Ids of the orders placed so far. */
  readonly ids: ReadonlySet<string>;
  /** Places one order and waits for its end; rejects when it does not complete within a minute. */
  placeOne(): Promise<void>;
  /** Places orders one after the other until the stop that it returns; the stop rejects with what went wrong. */
  start(): () => Promise<void>;
}

export function createSteadyOrders(urls: { readonly api: string; readonly services: string }): SteadyOrders {
  const client: SystemClient = createSystemClient(urls);
  const ids = new Set<string>();

  async function placeOne(): Promise<void> {
    const placed = await client.place({
      customerId: 'steady',
      items: [{ productId: 'steady-lamp', productName: 'Desk lamp', quantity: 2, unitPrice: 49.99 }],
    });
    ids.add(placed.id);
    const ended: OrderAnswer = await poll(() => client.order(placed.id), isEnded);
    if (ended.status !== 'completed')
      throw new Error(`The ordinary order ${ended.id} ended ${ended.status}.`);
  }

  return {
    ids,
    placeOne,
    start() {
      const stopped = new AbortController();
      const going = (async () => {
        while (!stopped.signal.aborted) {
          await placeOne();
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        }
      })();
      // Told by the stop; until then nobody waits for it.
      going.catch(() => undefined);
      return () => {
        stopped.abort();
        return going;
      };
    },
  };
}
