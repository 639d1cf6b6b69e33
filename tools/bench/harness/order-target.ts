// Target of orders: a running system, or the wire floor in its place. Both look the same from outside.
import { randomUUID } from 'node:crypto';
import type { ServiceBusClient } from '@azure/service-bus';
import { Agent, request } from 'undici';

export interface OrderTarget {
  readonly urls: {
    readonly api: string;
    readonly services: string;
    readonly cosmos: string;
    readonly servicebus: string;
  };
  /** The processes that do the work, by name. */
  readonly pids: Readonly<Record<string, number>>;
  /** Whether the list shows an order as completed; the app's container is read where a target has no way of its own. */
  readonly isListed?: (order: PlacedOrder) => Promise<boolean>;
}

export interface PlacedOrder {
  readonly orderId: string;
  readonly customerId: string;
}

/** A way for an order into the target; resolves when the target has taken it over. */
export type Way = (body: string) => Promise<unknown>;

const agent = new Agent({ connections: 128 });

/** An order of a customer of its own, by whose number it is found again. */
export function orderBody(index: number): string {
  return JSON.stringify({
    customerId: customerOf(index),
    items: [
      { productId: 'bench-1', productName: 'Widget', quantity: 2, unitPrice: 49.99 },
      { productId: 'bench-2', productName: 'Gadget', quantity: 5, unitPrice: 9.99 },
    ],
  });
}

const CUSTOMER_PREFIX = 'bench-';

/** Of one length, so that orders are of one size. */
const customerOf = (index: number): string => `${CUSTOMER_PREFIX}${String(index).padStart(7, '0')}`;

export const indexOf = (customerId: string): number => Number(customerId.slice(CUSTOMER_PREFIX.length));

/** By POST; an answer other than 202 is an error. */
export function overHttp({ urls }: OrderTarget): Way {
  return async (body) => {
    const options = { method: 'POST', dispatcher: agent, headers: { 'content-type': 'application/json' } };
    const response = await request(`${urls.api}/api/orders`, { ...options, body });
    const text = await response.body.text();
    if (response.statusCode !== 202) throw new Error(`POST answered ${response.statusCode}: ${text}`);
  };
}

/** By a message on the queue. */
export function overQueue(client: ServiceBusClient): Way {
  const sender = client.createSender('orders');
  return (body) => sender.sendMessages({ messageId: randomUUID(), body: Buffer.from(body) });
}

/** Asks for JSON. */
export async function getJson<T>(url: string, method: 'GET' | 'DELETE' = 'GET'): Promise<T> {
  const response = await request(url, { method, dispatcher: agent });
  const text = await response.body.text();
  if (response.statusCode >= 300) throw new Error(`${url} answered ${response.statusCode}: ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

export function closeConnections(): Promise<void> {
  return agent.close();
}
