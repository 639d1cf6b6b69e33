// Inventory, promotions, payment and shipping over plain JSON: paths, bodies and answers, and nothing about failures.
import { z } from 'zod';
import type {
  InventoryService,
  PaymentService,
  PromotionService,
  ServiceCall,
  ShippingService,
} from '../ports/downstream';
import type { ServiceClient } from './service-client';

/** Of the service's making; it is stored with the order. */
const id = z.string().min(1).max(256);
const anything = z.object({});
const undoing = z.object({ found: z.enum(['undone', 'closed']) });
const closedKey = z.object({ status: z.literal('closed') });
const refusedKey = z
  .object({ status: z.literal('refused'), code: z.string().max(256) })
  .transform(({ status, code }) => ({ status, detailCode: code }));
const neverDone = z.union([closedKey, refusedKey]);
const reservation = z.object({ reservationId: id });
const reservationFound = z.union([
  reservation.extend({ status: z.enum(['reserved', 'released', 'confirmed']) }),
  neverDone,
]);
const restocked = z.object({ restockId: id });
const partRefunded = z.object({ refundId: id });
const redeemed = z.object({ couponId: id, discountMinor: z.int().min(0) });
const redemptionFound = z.union([redeemed.extend({ status: z.enum(['redeemed', 'cancelled']) }), neverDone]);
const charged = z.object({ transactionId: id });
const chargeFound = z.union([charged.extend({ status: z.enum(['charged', 'refunded']) }), neverDone]);
const shipment = z.object({ trackingId: id });
const shipmentFound = z.union([shipment.extend({ status: z.enum(['created', 'cancelled']) }), neverDone]);

export function createInventoryService(client: ServiceClient): InventoryService {
  const path = (key: string): string => `/reservations/${encodeURIComponent(key)}`;
  return {
    reserve: (call, lines) =>
      client.post(
        '/reservations',
        call,
        {
          ...onBehalfOf(call),
          lines: lines.map(({ productId, quantity }) => ({ productId, quantity })),
        },
        reservation,
      ),
    findReservation: (call, key) => client.find(path(key), call, reservationFound),
    confirm: (call, key) => client.post(`${path(key)}/confirm`, call, onBehalfOf(call), anything),
    release: (call, key, evenConfirmed = false) =>
      client.post(
        `${path(key)}/release`,
        call,
        { ...onBehalfOf(call), ...(evenConfirmed ? { evenConfirmed } : {}) },
        undoing,
      ),
    restock: (call, pieces) =>
      client.post('/restocks', call, { ...onBehalfOf(call), lines: pieces }, restocked),
  };
}

export function createPromotionService(client: ServiceClient): PromotionService {
  const path = (key: string): string => `/redemptions/${encodeURIComponent(key)}`;
  return {
    redeem: (call, { code, totalMinor, currency }) =>
      client.post('/redemptions', call, { ...onBehalfOf(call), code, totalMinor, currency }, redeemed),
    findRedemption: (call, key) => client.find(path(key), call, redemptionFound),
    cancel: (call, key) => client.post(`${path(key)}/cancel`, call, onBehalfOf(call), undoing),
  };
}

export function createPaymentService(client: ServiceClient): PaymentService {
  const path = (key: string): string => `/charges/${encodeURIComponent(key)}`;
  return {
    charge: (call, { amountMinor, currency, method, token }) =>
      client.post(
        '/charges',
        call,
        { ...onBehalfOf(call), amountMinor, currency, method, ...(token === undefined ? {} : { token }) },
        charged,
      ),
    findCharge: (call, key) => client.find(path(key), call, chargeFound),
    refund: (call, key) => client.post(`${path(key)}/refund`, call, onBehalfOf(call), undoing),
    refundPart: (call, { chargeKey, amountMinor, currency }) =>
      client.post('/refunds', call, { ...onBehalfOf(call), chargeKey, amountMinor, currency }, partRefunded),
  };
}

export function createShippingService(client: ServiceClient): ShippingService {
  const path = (key: string): string => `/shipments/${encodeURIComponent(key)}`;
  return {
    ship: (call, { address, itemCount, tenantId }) =>
      client.post(
        '/shipments',
        call,
        { ...onBehalfOf(call), tenantId, itemCount, ...(address === null ? {} : { address }) },
        shipment,
      ),
    findShipment: (call, key) => client.find(path(key), call, shipmentFound),
    cancel: (call, key) => client.post(`${path(key)}/cancel`, call, onBehalfOf(call), undoing),
  };
}

function onBehalfOf({ orderId, customerId }: ServiceCall): { orderId: string; customerId: string } {
  return { orderId, customerId };
}
