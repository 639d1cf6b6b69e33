// HTTP client of the order API for tests: whole answers, wrong ones included.
import type { OrderAnswer } from '../../local/demo/system-client';

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly correlationId: string;
  readonly errors?: readonly { readonly path: string }[];
}

export interface OrderCaller {
  /** The URL of the orders. */
  readonly orders: string;
  post(body: string | object, headers?: Record<string, string>, query?: string): Promise<Posted>;
  listOf(customerId: string, query?: string): Promise<OrderAnswer[]>;
}

export interface Posted {
  readonly status: number;
  readonly headers: Headers;
  readonly json: OrderAnswer & Problem;
}

export const line = { productId: 'prod-001', productName: 'Desk lamp', quantity: 2, unitPrice: 49.99 };

let customers = 0;
export const newCustomer = (): string => `cust-${++customers}`;

export const order = (customerId: string, more: object = {}): object => ({
  customerId,
  items: [line],
  ...more,
});

export function createOrderCaller(api: string): OrderCaller {
  const orders = `${api}/api/orders`;
  return {
    orders,
    async post(body, headers = {}, query = '') {
      const response = await fetch(`${orders}${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      const json = (await response.json()) as Posted['json'];
      return { status: response.status, headers: response.headers, json };
    },
    async listOf(customerId, query = '') {
      return (await (await fetch(`${orders}/customer/${customerId}${query}`)).json()) as OrderAnswer[];
    },
  };
}
