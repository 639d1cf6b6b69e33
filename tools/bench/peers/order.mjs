// Order of the peers: what is placed, and the steps of its saga, each with its call of a service, its events and how it
// is undone. Pure; both peers run it, and the calls and messages are those of this app's order.
import { randomBytes, randomUUID } from 'node:crypto';

/** Reads the body of a POST; a sentence for what is wrong with it. */
export function parseOrder(text) {
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    return 'The body is not JSON.';
  }
  const { customerId, items } = body ?? {};
  if (typeof customerId !== 'string' || customerId === '') return 'customerId: a text is missing';
  if (!Array.isArray(items) || items.length === 0) return 'items: at least one is missing';
  const isLine = ({ productId, quantity, unitPrice }) =>
    typeof productId === 'string' && Number.isInteger(quantity) && quantity > 0 && unitPrice >= 0;
  if (!items.every(isLine)) return 'items: productId, quantity and unitPrice are needed';
  const lines = items.map(({ productId, productName, quantity, unitPrice }) => {
    return { productId, productName, quantity, unitPriceMinor: Math.round(unitPrice * 100) };
  });
  return {
    orderId: randomUUID(),
    customerId,
    lines,
    currency: 'USD',
    totalMinor: lines.reduce((sum, { quantity, unitPriceMinor }) => sum + quantity * unitPriceMinor, 0),
    itemCount: lines.reduce((sum, { quantity }) => sum + quantity, 0),
    correlationId: randomUUID(),
    traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
  };
}

/** What is stored when an order is placed: its document and its first event. */
export function placed(order, now) {
  const document = {
    ...{ ...order, status: 'processing', createdAt: now, updatedAt: now, completedAt: null },
    ...{ trackingId: null, failureCode: null, saga: { completedSteps: [] }, version: 1 },
  };
  return { document, events: eventsOf(order, 0, [['OrderCreated', order]], now) };
}

/** The change of a document that a step leaves, with its events: version `from` becomes `from` + their number. */
export function changed(order, from, fields, events, now) {
  return {
    from,
    change: { ...fields, version: from + events.length, updatedAt: now },
    events: eventsOf(order, from, events, now),
  };
}

function eventsOf({ orderId, customerId, correlationId, traceparent }, from, events, occurredAt) {
  return events.map(([type, data], index) => {
    const sequence = from + index + 1;
    return {
      ...{ eventId: `${orderId}:${sequence}`, type, data, schemaVersion: 1, orderId, customerId },
      ...{ tenantId: 'default', sequence, correlationId, occurredAt, traceparent },
    };
  });
}

const reservation = ({ orderId }) =>
  `/inventory/reservations/${encodeURIComponent(`${orderId}:ReserveInventory`)}`;
const charge = ({ orderId }) => `/payments/charges/${encodeURIComponent(`${orderId}:ProcessPayment`)}`;
const shipment = ({ orderId }) => `/shipping/shipments/${encodeURIComponent(`${orderId}:CreateShipment`)}`;

/** In their order. `events` gives what happened by the answer of the call, `fields` what it changes of the document. */
export const STEPS = [
  {
    name: 'ReserveInventory',
    path: () => '/inventory/reservations',
    body: ({ lines }) => ({ lines: lines.map(({ productId, quantity }) => ({ productId, quantity })) }),
    events: ({ reservationId }) => [['StockReserved', { reservationId }]],
    undo: { path: (order) => `${reservation(order)}/release`, event: 'StockReleased' },
  },
  {
    name: 'ProcessPayment',
    path: () => '/payments/charges',
    body: ({ totalMinor, currency }) => ({ amountMinor: totalMinor, currency, method: 'card' }),
    events: ({ transactionId }, { totalMinor }) => [
      ['PaymentProcessed', { transactionId, amountMinor: totalMinor }],
      ['OrderApproved', { automatic: true }],
    ],
    undo: { path: (order) => `${charge(order)}/refund`, event: 'PaymentRefunded' },
  },
  {
    name: 'CreateShipment',
    path: () => '/shipping/shipments',
    body: ({ itemCount }) => ({ itemCount }),
    events: ({ trackingId }) => [['ShipmentCreated', { trackingId }]],
    fields: ({ trackingId }) => ({ trackingId }),
    undo: { path: (order) => `${shipment(order)}/cancel`, event: 'ShipmentCancelled' },
  },
  {
    name: 'ConfirmInventory',
    path: (order) => `${reservation(order)}/confirm`,
    body: () => ({}),
    events: () => [
      ['StockConfirmed', {}],
      ['OrderCompleted', {}],
    ],
    fields: (_, now) => ({ status: 'completed', completedAt: now }),
  },
];
