// Inventory, payment and shipping over plain JSON: paths, bodies and answers, and nothing about failures.
import { z } from 'zod';
import type { InventoryService, PaymentService, ServiceCall, ShippingService } from '../ports/downstream';
import type { ServiceClient } from './service-client';

const anything = z.object({});

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
        z.object({ reservationId: z.string() }),
      ),
    findReservation: (call, key) =>
      client.find(
        path(key),
        call,
        z.object({ reservationId: z.string(), status: z.enum(['reserved', 'released', 'confirmed']) }),
      ),
    confirm: (call, key) => client.post(`${path(key)}/confirm`, call, onBehalfOf(call), anything),
    release: (call, key) => client.post(`${path(key)}/release`, call, onBehalfOf(call), anything),
  };
}

export function createPaymentService(client: ServiceClient): PaymentService {
  const path = (key: string): string => `/charges/${encodeURIComponent(key)}`;
  return {
    charge: (call, { amountMinor, currency, method }) =>
      client.post(
        '/charges',
        call,
        { ...onBehalfOf(call), amountMinor, currency, method },
        z.object({ transactionId: z.string() }),
      ),
    findCharge: (call, key) =>
      client.find(
        path(key),
        call,
        z.object({ transactionId: z.string(), status: z.enum(['charged', 'refunded']) }),
      ),
    refund: (call, key) => client.post(`${path(key)}/refund`, call, onBehalfOf(call), anything),
  };
}

export function createShippingService(client: ServiceClient): ShippingService {
  const path = (key: string): string => `/shipments/${encodeURIComponent(key)}`;
  return {
    ship: (call, { address, itemCount }) =>
      client.post(
        '/shipments',
        call,
        { ...onBehalfOf(call), itemCount, ...(address === null ? {} : { address }) },
        z.object({ trackingId: z.string() }),
      ),
    findShipment: (call, key) =>
      client.find(
        path(key),
        call,
        z.object({ trackingId: z.string(), status: z.enum(['created', 'cancelled']) }),
      ),
    cancel: (call, key) => client.post(`${path(key)}/cancel`, call, onBehalfOf(call), anything),
  };
}

function onBehalfOf({ orderId, customerId }: ServiceCall): { orderId: string; customerId: string } {
  return { orderId, customerId };
}
