// Adapters of the downstream ports, for the suites that each must pass: the HTTP clients on the simulators, and the
// fakes of the saga tests.
import {
  createInventoryService,
  createPaymentService,
  createPromotionService,
  createShippingService,
} from '../../src/adapters/downstream-services';
import { createServiceClient, type ServiceClient } from '../../src/adapters/service-client';
import type { Outcome } from '../../src/domain/outcome';
import type {
  Found,
  InventoryService,
  PaymentService,
  PromotionService,
  ServiceCall,
  ShippingService,
  Undoing,
} from '../../src/ports/downstream';
import { until } from 'azure-local/kit/until';
import { createFakeServices } from './fake-services';
import { closeServices, openServices, type Services } from 'order-saga-simulators/testing/simulated-services';

export interface Adapters {
  readonly inventory: InventoryService;
  readonly promotion: PromotionService;
  readonly payment: PaymentService;
  readonly shipping: ShippingService;
  effects(orderId: string): Promise<readonly string[]>;
  /** The next call of the operation meets the fault, or none. */
  plan(operation: KeyedOperation, fault: 'refuse' | 'inProgress' | null): Promise<void>;
  /** Resolves when a call is at work (`inProgress`); then `finish` lets it act. */
  atWork(): Promise<unknown>;
  finish(): void;
}

export type KeyedOperation =
  'reserve' | 'release' | 'redeem' | 'cancelCoupon' | 'charge' | 'refund' | 'ship' | 'cancel';

const SERVICE_OF: Readonly<Record<KeyedOperation, string>> = {
  ...{ reserve: 'inventory', release: 'inventory', charge: 'payments', refund: 'payments' },
  ...{ ship: 'shipping', cancel: 'shipping', redeem: 'promotions', cancelCoupon: 'promotions' },
};

const nameOf = (operation: KeyedOperation): string => (operation === 'cancelCoupon' ? 'cancel' : operation);

const clients: ServiceClient[] = [];

export function openClient(services: Services, path: string, breakerOpenMs = 60_000): ServiceClient {
  const opened = createServiceClient({ service: path, baseUrl: `${services.url}/${path}`, breakerOpenMs });
  clients.push(opened);
  return opened;
}

/** To be called when the tests of a file are over. */
export async function closeAdapters(): Promise<void> {
  await Promise.all(clients.map((opened) => opened.close()));
  await closeServices();
}

export const ADAPTERS: Readonly<Record<string, () => Promise<Adapters>>> = {
  'as fakes': () => Promise.resolve(openFakes()),
  'over HTTP': openOverHttp,
};

function openFakes(): Adapters {
  const fakes = createFakeServices();
  let finish = (): void => undefined;
  let begun = false;
  fakes.work = () => {
    begun = true;
    return new Promise((resolve) => {
      finish = resolve;
    });
  };
  return {
    ...fakes,
    effects: (orderId) =>
      Promise.resolve(fakes.ledger.filter((entry) => entry.orderId === orderId).map(({ effect }) => effect)),
    plan(operation, fault) {
      begun = false;
      fakes.faults[operation] = fault === null ? [] : [fault];
      return Promise.resolve();
    },
    atWork: () => until('a call is at work', () => begun),
    finish: () => finish(),
  };
}

async function openOverHttp(): Promise<Adapters> {
  const services = await openServices();
  return {
    inventory: createInventoryService(openClient(services, 'inventory')),
    promotion: createPromotionService(openClient(services, 'promotions')),
    payment: createPaymentService(openClient(services, 'payments')),
    shipping: createShippingService(openClient(services, 'shipping')),
    effects: (orderId) => services.effects(`?orderId=${orderId}`),
    async plan(operation, fault) {
      const rule = {
        service: SERVICE_OF[operation],
        operation: nameOf(operation),
        fault,
        times: 1,
        delayMs: 1_000,
      };
      await services.put('/control/faults', fault === null ? [] : [rule]);
    },
    atWork: () => until('a call is at work', () => services.clock.nextDueMs() !== undefined),
    finish: () => services.clock.advance(1_000),
  };
}

let ids = 0;
export function newCall(step: string, more: Partial<ServiceCall> = {}): ServiceCall {
  const orderId = `order-${++ids}`;
  return {
    key: `${orderId}:${step}`,
    orderId,
    customerId: 'cust-1',
    correlationId: 'corr-1',
    traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01',
    timeoutMs: 5_000,
    ...more,
  };
}

export const lines = [{ productId: 'prod-x', productName: 'X', quantity: 2, unitPriceMinor: 100 }];
export const charge = { amountMinor: 200, currency: 'USD', method: 'card' };
const parcel = { address: null, itemCount: 2, tenantId: 'default' };

/** One thing that is done and undone under a key. */
export interface Kind {
  readonly name: string;
  readonly operations: readonly [act: KeyedOperation, undo: KeyedOperation];
  readonly effects: readonly [done: string, undone: string];
  readonly statuses: readonly [done: string, undone: string];
  readonly act: (adapters: Adapters, call: ServiceCall) => Promise<Outcome<object>>;
  /** Undoes what was done under the key of the call, under a key of its own. */
  readonly undo: (adapters: Adapters, call: ServiceCall) => Promise<Outcome<Undoing>>;
  readonly find: (adapters: Adapters, call: ServiceCall) => Promise<Found<{ readonly status: string }>>;
}

const undoing = (call: ServiceCall): ServiceCall => ({ ...call, key: `${call.key}:undo` });

export const KINDS: readonly Kind[] = [
  {
    name: 'reserving stock',
    operations: ['reserve', 'release'],
    effects: ['stockReserved', 'stockReleased'],
    statuses: ['reserved', 'released'],
    act: ({ inventory }, call) => inventory.reserve(call, lines),
    undo: ({ inventory }, call) => inventory.release(undoing(call), call.key),
    find: ({ inventory }, call) => inventory.findReservation(call, call.key),
  },
  {
    name: 'redeeming a coupon',
    operations: ['redeem', 'cancelCoupon'],
    effects: ['couponRedeemed', 'couponCancelled'],
    statuses: ['redeemed', 'cancelled'],
    act: ({ promotion }, call) =>
      promotion.redeem(call, { code: 'SAVE10', totalMinor: 1_000, currency: 'USD' }),
    undo: ({ promotion }, call) => promotion.cancel(undoing(call), call.key),
    find: ({ promotion }, call) => promotion.findRedemption(call, call.key),
  },
  {
    name: 'charging',
    operations: ['charge', 'refund'],
    effects: ['charged', 'refunded'],
    statuses: ['charged', 'refunded'],
    act: ({ payment }, call) => payment.charge(call, charge),
    undo: ({ payment }, call) => payment.refund(undoing(call), call.key),
    find: ({ payment }, call) => payment.findCharge(call, call.key),
  },
  {
    name: 'shipping',
    operations: ['ship', 'cancel'],
    effects: ['shipmentCreated', 'shipmentCancelled'],
    statuses: ['created', 'cancelled'],
    act: ({ shipping }, call) => shipping.ship(call, parcel),
    undo: ({ shipping }, call) => shipping.cancel(undoing(call), call.key),
    find: ({ shipping }, call) => shipping.findShipment(call, call.key),
  },
];
