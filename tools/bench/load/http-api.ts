// HTTP client of the order API, as the load generator uses it.
import { Agent, request } from 'undici';
import type { LoadedApi } from './open-loop';

const CONNECTIONS = 256;
const TIMEOUT_MS = 30_000;
const ENDED = ['completed', 'delivered', 'failed', 'cancelled'];

interface OrderAnswer {
  readonly id: string;
  readonly status: string;
  readonly completedAt: string | null;
}

/** The API at `url`; `close` ends its connections. */
export function createHttpApi(url: string, key: string | undefined): LoadedApi & { close(): Promise<void> } {
  const dispatcher = new Agent({
    connections: CONNECTIONS,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  });
  const keyHeader = key === undefined ? {} : { 'x-functions-key': key };
  const get = async <T>(path: string): Promise<T> => {
    const { statusCode, body } = await request(`${url}/api/orders/${path}`, {
      dispatcher,
      headers: keyHeader,
    });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}`);
    return JSON.parse(text) as T;
  };
  return {
    async place(customerId, idempotencyKey) {
      const { statusCode, body } = await request(`${url}/api/orders`, {
        method: 'POST',
        dispatcher,
        headers: {
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
          ...keyHeader,
        },
        body: JSON.stringify({
          customerId,
          items: [
            { productId: 'load-1', productName: 'Widget', quantity: 2, unitPrice: 49.99 },
            { productId: 'load-2', productName: 'Gadget', quantity: 5, unitPrice: 9.99 },
          ],
        }),
      });
      const text = await body.text();
      if (statusCode !== 202) return { refusal: `${statusCode} ${text.slice(0, 200)}` };
      return { orderId: (JSON.parse(text) as OrderAnswer).id };
    },
    async endOf(orderId) {
      const { status, completedAt } = await get<OrderAnswer>(orderId);
      if (!ENDED.includes(status)) return undefined;
      if (completedAt !== null) return { status, atMs: Date.parse(completedAt) };
      const events = await get<readonly { readonly occurredAt: string }[]>(`${orderId}/events`);
      return { status, atMs: Date.parse(events.at(-1)?.occurredAt ?? '') };
    },
    close: () => dispatcher.destroy(),
  };
}
