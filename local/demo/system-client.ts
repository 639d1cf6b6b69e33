// HTTP client of a running system, as its user sees it: the order API and the control API of the simulated services.

export interface OrderBody {
  readonly customerId: string;
  readonly items: readonly {
    readonly productId: string;
    readonly productName: string;
    readonly quantity: number;
    readonly unitPrice: number;
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
  events(id: string): Promise<readonly OrderEvent[]>;
  ledger(id?: string): Promise<readonly LedgerLine[]>;
  planFaults(rules: readonly FaultRule[]): Promise<void>;
  stock(productId: string): Promise<{ readonly onHand: number; readonly reserved: number }>;
  setStock(productId: string, onHand: number): Promise<void>;
}

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
    const answer = await ask().catch((error: unknown) => error as Error);
    if (!(answer instanceof Error) && done(answer)) return answer;
    if (Date.now() > untilMs) {
      throw new Error(
        `not within ${withinMs / 1_000} s: ${answer instanceof Error ? answer.message : JSON.stringify(answer)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Whether nothing more will happen to an order. */
export function isEnded({ status }: OrderAnswer): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}
