// HTTP client of a running system, as its user sees it: the order API and the control API of the simulated services.

export interface OrderBody {
  readonly customerId: string;
  readonly currency?: string;
  readonly items: readonly {
    readonly productId: string;
    readonly productName: string;
    readonly quantity: number;
    readonly unitPrice: number;
    readonly kind?: 'digital';
  }[];
  readonly couponCode?: string;
  readonly payments?: readonly {
    readonly method: string;
    readonly amount?: number;
    readonly token?: string;
  }[];
}

export interface OrderAnswer {
  readonly id: string;
  readonly status: string;
  readonly totalAmount: number;
  readonly discountAmount: number;
  readonly amountDue: number;
  readonly payments: readonly {
    readonly method: string;
    readonly amount: number;
    readonly transactionId: string | null;
    readonly refundedAmount: number;
  }[];
  readonly failureCode: string | null;
  readonly needsIntervention: boolean;
  readonly dispatchedAt: string | null;
  readonly deliveredAt: string | null;
}

export interface ReturnItem {
  readonly productId: string;
  readonly quantity: number;
}

export interface ReturnAnswer {
  readonly number: number;
  readonly status: string;
  readonly refundAmount: number | null;
}

export interface OrderEvent {
  readonly type: string;
  readonly occurredAt: string;
  readonly data: { readonly attempts?: number; readonly step?: string };
}

export interface LedgerLine {
  readonly effect: string;
  readonly orderId: string;
  readonly amount?: number;
}

export interface FaultRule {
  readonly service: string;
  readonly operation?: string;
  readonly customerId?: string;
  readonly fault: string;
  readonly times?: number;
  readonly delayMs?: number;
}

export interface SystemClient {
  place(body: OrderBody, idempotencyKey?: string): Promise<OrderAnswer>;
  order(id: string): Promise<OrderAnswer>;
  /** 202 when the cancel was accepted, 409 when it came too late. */
  cancel(id: string): Promise<number>;
  /** Asks for a return of items; its number. */
  requestReturn(id: string, items: readonly ReturnItem[]): Promise<ReturnAnswer>;
  orderReturn(id: string, number: number): Promise<ReturnAnswer>;
  /** What an operator says of a return: `received`, or `inspection` with a body. */
  changeReturn(id: string, number: number, change: string, body?: object): Promise<ReturnAnswer>;
  /** Approves or rejects an order above the limit; the status of the answer. */
  answerApproval(id: string, answer: 'approve' | 'reject'): Promise<number>;
  events(id: string): Promise<readonly OrderEvent[]>;
  ledger(id?: string): Promise<readonly LedgerLine[]>;
  planFaults(rules: readonly FaultRule[]): Promise<void>;
  stock(productId: string): Promise<{ readonly onHand: number; readonly reserved: number }>;
  setStock(productId: string, onHand: number): Promise<void>;
}

/** Of the systems that the demo starts for itself. */
export const DEMO_OPERATOR_TOKEN = 'operator-of-the-demo';

const JSON_TYPE = { 'content-type': 'application/json' };

export function createSystemClient(urls: { readonly api: string; readonly services: string }): SystemClient {
  const orders = `${urls.api}/api/orders`;
  const control = `${urls.services}/control`;
  const put = (url: string, body: unknown): Promise<unknown> =>
    call(url, { method: 'PUT', headers: JSON_TYPE, body: JSON.stringify(body) });
  return {
    place: (body, key) =>
      call(orders, {
        method: 'POST',
        headers: { ...JSON_TYPE, ...(key === undefined ? {} : { 'idempotency-key': key }) },
        body: JSON.stringify(body),
      }),
    order: (id) => call(`${orders}/${id}`),
    cancel: async (id) => (await fetch(`${orders}/${id}/cancel`, { method: 'POST' })).status,
    requestReturn: (id, items) =>
      call(`${orders}/${id}/returns`, {
        method: 'POST',
        headers: JSON_TYPE,
        body: JSON.stringify({ items, reason: 'does not fit' }),
      }),
    orderReturn: (id, number) => call(`${orders}/${id}/returns/${number}`),
    changeReturn: (id, number, change, body) =>
      call(`${orders}/${id}/returns/${number}/${change}`, {
        method: 'POST',
        headers: { ...JSON_TYPE, authorization: `Bearer ${DEMO_OPERATOR_TOKEN}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    answerApproval: async (id, answer) => {
      const response = await fetch(`${orders}/${id}/${answer}`, {
        method: 'POST',
        headers: { ...JSON_TYPE, authorization: `Bearer ${DEMO_OPERATOR_TOKEN}` },
        body: JSON.stringify({ reason: 'as the demo has it' }),
      });
      return response.status;
    },
    events: (id) => call(`${orders}/${id}/events`),
    ledger: (id) => (id === undefined ? wholeLedger(control) : call(`${control}/ledger?orderId=${id}`)),
    planFaults: async (rules) => {
      await put(`${control}/faults`, rules);
    },
    stock: (productId) => call(`${control}/stock/${productId}`),
    setStock: async (productId, onHand) => {
      await put(`${control}/stock/${productId}`, { onHand });
    },
  };
}

async function call<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${init?.method ?? 'GET'} ${url} answered ${response.status}: ${text}`);
  return JSON.parse(text) as T;
}

async function wholeLedger(control: string): Promise<LedgerLine[]> {
  const lines: (LedgerLine & { seq: number })[] = [];
  for (;;) {
    const after = lines.at(-1)?.seq ?? 0;
    const page = await call<typeof lines>(`${control}/ledger?after=${after}`);
    if (page.length === 0) return lines;
    lines.push(...page);
  }
}

/** Asks until `done` says so; rejects after `withinMs` with the last answer in the message. */
export async function poll<T>(
  ask: () => Promise<T>,
  done: (answer: T) => boolean,
  withinMs = 120_000,
): Promise<T> {
  const untilMs = Date.now() + withinMs;
  for (;;) {
    const asked = await ask().then(
      (answer) => ({ answer }),
      // By where it comes from, not by its class: what fetch throws under jest is no Error of this realm.
      (error: unknown) => ({ error }),
    );
    if ('answer' in asked && done(asked.answer)) return asked.answer;
    if (Date.now() > untilMs) {
      const last = 'answer' in asked ? JSON.stringify(asked.answer) : messageOf(asked.error);
      throw new Error(`not within ${withinMs / 1_000} s: ${last}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function messageOf(error: unknown): string {
  const { message } = (error ?? {}) as { readonly message?: unknown };
  return typeof message === 'string' ? message : String(error);
}

/** Whether nothing more will happen to an order, but for its delivery. */
export function isEnded({ status }: OrderAnswer): boolean {
  return ['completed', 'delivered', 'failed', 'cancelled'].includes(status);
}
