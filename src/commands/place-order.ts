// Command that places an order, called by the HTTP route and the queue handler. One idempotency key makes one order (S6).
import { randomBytes, randomUUID } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import { createOrder, evolve, headOf, type Order, type OrderHead } from '../domain/order';
import type { CouponFailurePolicy, OrderEvent, OrderFact } from '../domain/order-events';
import type { Scope } from '../domain/scope';
import { TransientError } from '../errors';
import { toEnvelope } from '../events/envelope';
import { isPersonal, sealPersonalData, type SealedPersonalData } from '../events/personal-fields';
import { toIso, type Clock } from '../ports/clock';
import type { BodyHash, FieldCipher } from '../ports/field-cipher';
import type { InventoryView } from '../ports/inventory-view';
import { aboutOrder, type Log } from '../ports/log';
import type { OrderStore, Stored } from '../ports/order-store';
import type { SagaControl } from '../ports/saga-control';
import type { SagaMessages } from '../ports/saga-messages';
import { firstStepOf } from '../saga/order/order-saga-versions';
import { approvalTerms, type ApprovalSettings } from './approval-terms';
import { changedPrices, type PriceError } from './price-check';
import { wakeOf } from './saga-status';
import type { OrderRequest } from './order-request';

export interface PlaceOrderPorts {
  readonly orders: OrderStore;
  readonly sagas: SagaControl;
  readonly clock: Clock;
  readonly log: Log;
  readonly cipher: FieldCipher;
  /** The version of the saga that new orders begin with. */
  readonly sagaVersion: number;
  /** Which orders a person has to approve; left out, none. */
  readonly approvals?: ApprovalSettings;
  /** What becomes of new orders whose coupon is refused. */
  readonly couponFailurePolicy: CouponFailurePolicy;
  /** Given in the saga mode choreography, in which new orders then begin. */
  readonly sagaMessages?: SagaMessages | undefined;
  /** What prices are checked against; without it every price is taken. */
  readonly inventoryView: InventoryView;
}

/** Whether `key` can be an idempotency key: 1 to 128 printable ASCII characters, not only spaces. */
export function isIdempotencyKey(key: string): boolean {
  return /^[\x20-\x7e]{1,128}$/.test(key) && key.trim() !== '';
}

export interface PlaceOrder {
  readonly scope: Scope;
  readonly request: OrderRequest;
  readonly idempotencyKey: string | undefined;
  readonly correlationId: string;
  readonly traceparent: string | undefined;
}

/** `keyReused`: the key came before with another body. `priceChanged`: nothing is stored. */
export type Placed =
  | ({ readonly kind: 'created' | 'existing' } & Stored<Order>)
  | { readonly kind: 'keyReused'; readonly orderId: string }
  | { readonly kind: 'priceChanged'; readonly errors: readonly PriceError[] };

/** The namespace of order ids made from a tenant and an idempotency key; changing it would forget every key. */
const ORDER_ID_NAMESPACE = '6f1c5c0e-6a0b-4c55-9a35-0e6f2a9d6c51';

/**
 * The id of the order that `key` makes: the keys of two tenants never meet, nor do those of two customers who place their
 * orders themselves. A line break stands in no part.
 */
export function orderIdFor({ tenantId, customerId }: Scope, key: string): string {
  const owner = customerId === undefined ? tenantId : `${tenantId}\n${customerId}`;
  return uuidv5(`${owner}\n${key}`, ORDER_ID_NAMESPACE);
}

/**
 * Stores a new order, then starts its saga; a saga that cannot be started now is started by the reconciler. The same
 * key and body give the order that is there, whatever prices are now. Throws a TransientError when the store is away:
 * nothing is stored then, or all of it.
 */
export async function placeOrder(ports: PlaceOrderPorts, command: PlaceOrder): Promise<Placed> {
  const { order, hash } = await newOrder(ports, command);
  const errors = await changedPrices(ports.inventoryView, command.request);
  if (errors.length > 0 && !(await isTaken(ports.orders, command, order.document.orderId))) {
    return { kind: 'priceChanged', errors };
  }
  const result = await ports.orders.create(command.scope, headOf(order.document), order.events);
  const { lines } = order.document;
  if (result.kind === 'exists') {
    return hash.matches(result.order.requestHash)
      ? { ...result, kind: 'existing', order: { ...result.order, lines } }
      : { kind: 'keyReused', orderId: result.order.orderId };
  }
  await startSaga(ports, result);
  return { ...result, kind: 'created', order: { ...result.order, lines } };
}

/** Without a key the order's id is new. */
async function isTaken(
  orders: OrderStore,
  { scope, idempotencyKey }: PlaceOrder,
  orderId: string,
): Promise<boolean> {
  return idempotencyKey !== undefined && (await orders.read(scope, orderId)) !== undefined;
}

/** In choreography the event SagaStarted starts it or, where it is to wait, a message. */
async function startSaga(
  { sagas, sagaMessages, clock, log }: PlaceOrderPorts,
  { order, etag }: Stored<OrderHead>,
): Promise<void> {
  const { notBefore } = order;
  try {
    if (sagaMessages === undefined) await sagas.start(order, etag);
    else if (notBefore !== null) await sagaMessages.send(wakeOf(order, clock.nowMs()), Date.parse(notBefore));
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    log.warn('saga not started', { ...aboutOrder(order), error: error.message });
  }
}

interface NewOrder {
  readonly document: Order;
  readonly events: ReturnType<typeof toEnvelope>[];
}

/** Its personal data is ciphertext from here on. */
async function newOrder(
  ports: PlaceOrderPorts,
  command: PlaceOrder,
): Promise<{ readonly order: NewOrder; readonly hash: BodyHash }> {
  const { scope, request, idempotencyKey } = command;
  const { tenantId } = scope;
  const { customerId } = request;
  const orderId = idempotencyKey === undefined ? randomUUID() : orderIdFor(scope, idempotencyKey);
  // A hash of personal data goes with the customer's key; of an order without, nothing has to be erased.
  const owner = isPersonal(request) ? { tenantId, customerId } : { tenantId };
  const [hash, sealed] = await Promise.all([
    ports.cipher.hash(owner, JSON.stringify(request)),
    sealPersonalData(ports.cipher, { tenantId, customerId, orderId }, request),
  ]);
  const { contact: _, ...plain } = request;
  const stored = { ...plain, ...sealed, requestHash: hash.text };
  return { order: firstEvents(ports, command, orderId, stored), hash };
}

/** The order as it is stored: with ciphertext in the place of personal data. */
type SealedRequest = Omit<OrderRequest, keyof SealedPersonalData> &
  SealedPersonalData & { readonly requestHash: string };

function firstEvents(
  { clock, sagaVersion, approvals, couponFailurePolicy, sagaMessages }: PlaceOrderPorts,
  { scope, correlationId, traceparent }: PlaceOrder,
  orderId: string,
  { requestHash, ...request }: SealedRequest,
): NewOrder {
  const { tenantId } = scope;
  const occurredAt = toIso(clock.nowMs());
  const created: OrderFact & { type: 'OrderCreated' } = {
    type: 'OrderCreated',
    data: {
      ...request,
      ...approvalTerms(approvals, request),
      ...(request.couponCode === null ? {} : { couponFailurePolicy }),
      tenantId,
      ...(sagaMessages === undefined ? {} : { sagaMode: 'choreography' }),
      correlationId,
      traceparent: traceparent ?? newTraceparent(),
      requestHash,
    },
  };
  const pending = createOrder(orderId, { ...created, sequence: 1, occurredAt });
  const provenance = { actor: request.customerId, occurredAt, key: null };
  const first = toEnvelope(pending, created, 1, provenance);
  if (request.notBefore !== null) return { document: pending, events: [first] };
  const started: OrderFact = {
    type: 'SagaStarted',
    data: { definitionVersion: sagaVersion, firstStep: firstStepOf(pending, sagaVersion) },
  };
  const second = toEnvelope(pending, started, 2, { ...provenance, actor: 'saga' });
  return { document: evolve(pending, second as OrderEvent), events: [first, second] };
}

/** A W3C trace id of our own, for a caller who brought none. */
function newTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}
