// View of a running system for the crash tests, besides its public client: orders as they are stored, posts that may
// get no answer, calls seen by the simulated services, held writes.
import type { HoldRule } from 'azure-local/cosmos/holds';
import {
  createSystemClient,
  DEMO_OPERATOR_TOKEN,
  poll,
  type LedgerLine,
  type OrderBody,
  type SystemClient,
} from '../../local/demo/system-client';
import type { EpisodeHold, EpisodeHoldRule } from 'azure-local/durable/episode-holds';
import type { MessageHold, MessageHoldRule } from 'azure-local/servicebus/message-holds';
import type { RunningSystem } from 'azure-local/supervisor/running-system';
import type { Connect } from '../../src/adapters/cosmos-client';
import { fromOrderDocument } from '../../src/adapters/cosmos-documents';
import { createCosmosOrderStore } from '../../src/adapters/cosmos-order-store';
import { selectFrom, type StoredDocument } from '../../src/adapters/cosmos-select';
import type { OrderHead } from '../../src/domain/order';
import type { OrderStore } from '../../src/ports/order-store';
import { openAppDatabase } from '../../test/support/app-database';

/** A ledger line with the fields that only these tests look at. */
export interface Effect extends LedgerLine {
  readonly at: string;
  readonly key: string;
  readonly customerId: string;
  readonly reference: string;
  readonly quantity?: number;
}

export interface SeenCall {
  readonly at: string;
  readonly service: string;
  readonly operation: string;
  readonly orderId: string | null;
  readonly correlationId: string | null;
  /** Null until answered. */
  readonly status: number | null;
}

export interface OrderPost {
  readonly customerId: string;
  /** Idempotency key and correlation id. */
  readonly key: string;
  readonly productId?: string;
  readonly notBefore?: string;
  /** Nothing in it needs a carrier. */
  readonly isDigital?: boolean;
  readonly quantity?: number;
  readonly currency?: string;
  /** How it is paid, and with which coupon. */
  readonly pays?: Pick<OrderBody, 'couponCode' | 'payments'>;
}

/** A request of a person: an operator, or the customer with his key. */
export interface Sent {
  readonly isOperators: boolean;
  readonly key?: string;
  readonly body?: object;
}

export interface PostAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly id: string;
}

/** A running system at its present addresses; a restart needs a new one. */
export interface CrashSystem {
  readonly client: SystemClient;
  readonly store: OrderStore;
  /** One POST; rejects when the host ends before it answers. */
  post(order: OrderPost): Promise<PostAnswer>;
  /** Posts, as a careful client does, until the order is taken; the order's id. */
  postUntilTaken(order: OrderPost): Promise<string>;
  /** What sagas did; mails to customers follow when they follow (consumers-killed.test.ts judges them). */
  effects(orderId?: string): Promise<readonly Effect[]>;
  calls(): Promise<readonly SeenCall[]>;
  /** Puts these holds in force in place of others; they end with the platform. */
  hold(rules: readonly HoldRule[]): Promise<void>;
  /** How many writes each of the holds in force holds. */
  held(): Promise<readonly number[]>;
  /** Puts these holds of the durable engine in force in place of others, which lets those go; they end with the host. */
  holdEpisodes(rules: readonly EpisodeHoldRule[]): Promise<void>;
  heldEpisodes(): Promise<readonly EpisodeHold[]>;
  /** Puts these holds of the broker in force in place of others, which lets those go; they end with the platform. */
  holdMessages(rules: readonly MessageHoldRule[]): Promise<void>;
  heldMessages(): Promise<readonly MessageHold[]>;
  /** Requests that the order store was asked for, by container and kind, since `forgetCounts`. */
  counts(): Promise<Readonly<Record<string, Readonly<Record<string, { readonly requests: number }>>>>>;
  forgetCounts(): Promise<void>;
  storedOrder(customerId: string): Promise<OrderHead | undefined>;
  /** The orders of these customers as they are stored. */
  storedOrders(customerIds: readonly string[]): Promise<readonly OrderHead[]>;
  /** One POST below the orders; the status of its answer. Rejects when the host ends before it answers. */
  send(path: string, sent: Sent): Promise<number>;
  /** The orchestration behind an order, with its history; undefined when there is none. */
  instance(orderId: string): Promise<InstanceStatus | undefined>;
  /** Raises, suspends or resumes by the durable management API. */
  manage(orderId: string, action: 'suspend' | 'resume'): Promise<void>;
}

export interface InstanceStatus {
  readonly runtimeStatus: string;
  readonly historyEvents?: readonly {
    readonly EventType: string;
    readonly Timestamp: string;
    /** The activity, or the external event. */
    readonly FunctionName?: string;
    readonly Name?: string;
  }[];
}

/** The orchestration of the first return of an order. */
export const returnInstanceOf = (orderId: string): string => `${orderId}:return:1`;

export const UNIT_PRICE = 49.99;
export const QUANTITY = 2;
/** Orders in this currency are above the limit of approval, those in others are not. */
export const LIMITED_CURRENCY = 'EUR';
export const APPROVAL_LIMIT = `USD=100000,${LIMITED_CURRENCY}=50`;
const JSON_TYPE = { 'content-type': 'application/json' };

export function crashSystem({ urls }: Pick<RunningSystem, 'urls'>): CrashSystem {
  const client = createSystemClient(urls);
  const orders = ordersAt(urls.cosmos);
  const store = createCosmosOrderStore(orders);
  const holds = `${urls.cosmos}/_lookalike/holds`;
  const messages = `${urls.cosmos}/_lookalike/message-holds`;
  const episodes = `${urls.api}/_lookalike/holds`;
  const counters = `${urls.cosmos}/_lookalike/counters`;
  const instances = `${urls.api}/runtime/webhooks/durabletask/instances`;
  const post = (order: OrderPost): Promise<PostAnswer> => postOrder(urls.api, order);
  return {
    client,
    store,
    post,
    postUntilTaken: async (order) =>
      (
        await poll(
          () => post(order),
          ({ status }) => status < 300,
        )
      ).id,
    effects: async (orderId) =>
      ((await client.ledger(orderId)) as readonly Effect[]).filter(({ effect }) => effect !== 'notified'),
    calls: () => json<readonly SeenCall[]>(`${urls.services}/control/requests`),
    hold: async (rules) => {
      await json(holds, { method: 'PUT', headers: JSON_TYPE, body: JSON.stringify(rules) });
    },
    holdEpisodes: async (rules) => {
      await json(episodes, { method: 'PUT', headers: JSON_TYPE, body: JSON.stringify(rules) });
    },
    holdMessages: async (rules) => {
      await json(messages, { method: 'PUT', headers: JSON_TYPE, body: JSON.stringify(rules) });
    },
    heldMessages: () => json<readonly MessageHold[]>(messages),
    heldEpisodes: () => json<readonly EpisodeHold[]>(episodes),
    counts: () => json(`${counters}/containers`),
    forgetCounts: async () => {
      await json(counters, { method: 'DELETE' });
    },
    held: async () => (await json<readonly { held: number }[]>(holds)).map(({ held }) => held),
    storedOrder: (customerId) => newestOrder(orders, customerId),
    storedOrders: (customerIds) => ordersOf(orders, customerIds),
    send: (path, sent) => sendTo(`${urls.api}/api/orders/${path}`, sent),
    instance: async (orderId) => {
      const response = await fetch(`${instances}/${orderId}?showHistory=true`);
      return response.status === 404 ? undefined : ((await response.json()) as InstanceStatus);
    },
    manage: async (orderId, action) => {
      const response = await fetch(`${instances}/${orderId}/${action}?reason=test`, { method: 'POST' });
      if (!response.ok) throw new Error(`${action} was answered ${response.status}`);
    },
  };
}

const ordersAt = (cosmosUrl: string): Connect =>
  openAppDatabase(cosmosUrl, { createContainers: false }).orders;

/** The order store behind a Cosmos look-alike. */
export function storeAt(cosmosUrl: string): OrderStore {
  return createCosmosOrderStore(ordersAt(cosmosUrl));
}

/** The newest order of a customer as it is stored, whatever the read models know of it. */
async function newestOrder(orders: Connect, customerId: string): Promise<OrderHead | undefined> {
  const [newest] = await selectFrom<StoredDocument>(orders, {
    query: "SELECT * FROM c WHERE c.kind = 'order' AND c.customerId = @customerId ORDER BY c.createdAt DESC",
    parameters: [{ name: '@customerId', value: customerId }],
  });
  return newest && fromOrderDocument(newest).order;
}

async function ordersOf(orders: Connect, customerIds: readonly string[]): Promise<readonly OrderHead[]> {
  if (customerIds.length === 0) return [];
  const found = await selectFrom<StoredDocument>(orders, {
    query: "SELECT * FROM c WHERE c.kind = 'order' AND ARRAY_CONTAINS(@customerIds, c.customerId)",
    parameters: [{ name: '@customerIds', value: [...customerIds] }],
  });
  return found.map((document) => fromOrderDocument(document).order);
}

async function sendTo(url: string, { isOperators, key, body }: Sent): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      ...JSON_TYPE,
      ...(isOperators ? { authorization: `Bearer ${DEMO_OPERATOR_TOKEN}` } : {}),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.arrayBuffer();
  return response.status;
}

async function postOrder(api: string, order: OrderPost): Promise<PostAnswer> {
  const { customerId, key, productId = 'crash-lamp', notBefore, isDigital, pays, currency } = order;
  const { quantity = QUANTITY } = order;
  const kind = isDigital === true ? 'digital' : undefined;
  const items = [{ productId, productName: 'Desk lamp', quantity, unitPrice: UNIT_PRICE, kind }];
  const response = await fetch(`${api}/api/orders`, {
    method: 'POST',
    headers: { ...JSON_TYPE, 'idempotency-key': key, 'x-correlation-id': key },
    body: JSON.stringify({ customerId, items, notBefore, currency, ...pays }),
  });
  const { id = '' } = (await response.json()) as { id?: string };
  return { status: response.status, retryAfter: response.headers.get('retry-after'), id };
}

async function json<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return JSON.parse(text) as T;
}
