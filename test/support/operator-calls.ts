// What operators send to a running system, and orders that stand where an operator finds them.
import { createSystemClient, poll, type SystemClient } from '../../local/demo/system-client';
import type { RunningSystem } from 'azure-local/supervisor/running-system';

export const ITEMS = [{ productId: 'lamp', productName: 'Desk lamp', quantity: 1, unitPrice: 49.99 }];

export interface OperatorCalls {
  readonly client: SystemClient;
  post(url: string, body: unknown, token?: string): Promise<Response>;
  /** Suspends, resumes or terminates the saga of an order. */
  control(id: string, action: string, body?: unknown): Promise<Response>;
  /** The runtime status of every orchestration that is kept. */
  readonly instances: () => Promise<Map<string, string>>;
  /** What an order has done at the simulated services, in order. */
  effects(id: string): Promise<string[]>;
  /** An order that has reserved its stock, and whose charge fails with 503 twice. */
  heldAtPayment(customerId: string): Promise<string>;
}

/** `token` is the operator token that the system was started with. */
export function operatorCalls(system: RunningSystem, token: string): OperatorCalls {
  const client = createSystemClient(system.urls);
  const post: OperatorCalls['post'] = (url, body, given = token) =>
    fetch(`${system.urls.api}${url}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${given}` },
      body: JSON.stringify(body),
    });
  const effects = async (id: string): Promise<string[]> =>
    (await client.ledger(id)).map(({ effect }) => effect);
  return {
    client,
    post,
    effects,
    control: (id, action, body = { reason: 'a recall' }) => post(`/api/ops/orders/${id}/${action}`, body),
    instances: async () => {
      const url = `${system.urls.api}/runtime/webhooks/durabletask/instances?top=1000&showInput=false`;
      const list = (await (await fetch(url)).json()) as { instanceId: string; runtimeStatus: string }[];
      return new Map(list.map(({ instanceId, runtimeStatus }) => [instanceId, runtimeStatus]));
    },
    async heldAtPayment(customerId) {
      await client.planFaults([
        { service: 'payments', operation: 'charge', customerId, fault: 'error', times: 2 },
      ]);
      const { id } = await client.place({ customerId, items: ITEMS });
      await poll(
        () => effects(id),
        (seen) => seen.includes('stockReserved'),
      );
      return id;
    },
  };
}
