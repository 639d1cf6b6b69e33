// Ports of the commands in memory, for unit tests.
import { activityCaller, createOrderActivities } from '../../src/activities/order-activities';
import { createReturnActivities } from '../../src/activities/return-activities';
import { createEffectLookUp } from '../../src/activities/effect-look-up';
import { runLateLookUp, type LookedUp, type LookUpPorts } from '../../src/commands/late-look-up';
import { placeOrder, type PlaceOrder } from '../../src/commands/place-order';
import { reconcileOrders, type Reconciled, type ReconcilePorts } from '../../src/commands/reconcile-orders';
import type { OrderFact } from '../../src/domain/order-events';
import { TransientError } from '../../src/errors';
import { linesOf } from '../../src/events/placed-order';
import { openStream } from '../../src/events/order-stream';
import type { SagaControl, SagaInstance } from '../../src/ports/saga-control';
import { returnInstanceId } from '../../src/saga/returns/return-saga';
import { CURRENT_VERSION } from '../../src/saga/order/step-tables';
import { createFakeServices } from './fake-services';
import { sharedCipher } from './field-cipher';
import { createMemoryInventoryView } from './memory-inventory-view';
import { createMemoryMarks } from './memory-marks';
import { createMemoryOrderStore } from './memory-order-store';
import { SCOPE, orderRequest } from './orders';

/** Commands over an order store in memory and a task hub that only remembers what it was told. */
export function openCommandPorts(): {
  ports: Parameters<typeof placeOrder>[0] &
    ReconcilePorts &
    Omit<LookUpPorts, 'lookUpEffect'> & { lookUpEffect: LookUpPorts['lookUpEffect'] };
  services: ReturnType<typeof createFakeServices>;
  orders: ReturnType<typeof createMemoryOrderStore>;
  calls: string[];
  instances: Map<string, Pick<SagaInstance, 'runtimeStatus' | 'output'>>;
  errors: string[];
  /** What was told as an error or a warning, with its fields. */
  lines: Record<'error' | 'warn', (readonly [event: string, fields: object])[]>;
  pass(ms: number): void;
  hub: { away: boolean };
} {
  const calls: string[] = [];
  const errors: string[] = [];
  const lines: ReturnType<typeof openCommandPorts>['lines'] = { error: [], warn: [] };
  const instances = new Map<string, Pick<SagaInstance, 'runtimeStatus' | 'output'>>();
  const hub = { away: false };
  let nowMs = Date.UTC(2026, 0, 1);
  const told = (call: string): Promise<void> => {
    if (hub.away) return Promise.reject(new TransientError('TASK_HUB_UNAVAILABLE', 'away', { outage: true }));
    calls.push(call);
    return Promise.resolve();
  };
  const sagas: SagaControl = {
    start: async ({ orderId }) => {
      await told('start');
      instances.set(orderId, { runtimeStatus: 'running', output: null });
    },
    find: (orderId) => {
      const instance = instances.get(orderId);
      return Promise.resolve(instance === undefined ? undefined : { ...instance, customStatus: null });
    },
    signalCancel: () => told('cancel'),
    signalApproval: () => told('approval'),
    suspend: async (orderId) => {
      await told('suspend');
      instances.set(orderId, { runtimeStatus: 'suspended', output: null });
    },
    resume: async (orderId) => {
      await told('resume');
      instances.set(orderId, { runtimeStatus: 'running', output: null });
    },
    terminate: async (orderId) => {
      await told('terminate');
      instances.set(orderId, { runtimeStatus: 'terminated', output: null });
    },
    ping: () => Promise.resolve(),
  };
  const orders = createMemoryOrderStore();
  const log = {
    info: () => undefined,
    warn: (event: string, fields: object) => void lines.warn.push([event, fields]),
    error: (event: string, fields: object) => {
      errors.push(event);
      lines.error.push([event, fields]);
    },
  };
  const clock = { nowMs: () => nowMs };
  const services = createFakeServices();
  services.hang = (timeoutMs) => void (nowMs += timeoutMs);
  return {
    ports: {
      ...{
        orders,
        sagas,
        inventoryView: createMemoryInventoryView(),
        clock,
        cipher: sharedCipher,
        log,
        marks: createMemoryMarks(),
      },
      returnSagas: {
        start: async ({ orderId }, _etag, number) => {
          await told('startReturn');
          instances.set(returnInstanceId(orderId, number), { runtimeStatus: 'running', output: null });
        },
        find: (orderId, number) => sagas.find(returnInstanceId(orderId, number)),
        wake: () => told('wake'),
      },
      callActivity: activityCaller({
        ...createOrderActivities({ orders, clock, cipher: sharedCipher, ...services }),
        ...createReturnActivities({ orders, clock, ...services, parcelTimeoutMs: 14 * 86_400_000 }),
      }),
      wait: (ms) => Promise.resolve(void (nowMs += ms)),
      sagaVersion: CURRENT_VERSION,
      couponFailurePolicy: 'fail',
      compensationMaxAttempts: 1,
      lookUpEffect: createEffectLookUp(services),
    },
    ...{ orders, services, calls, instances, errors, lines, hub },
    pass: (ms) => (nowMs += ms),
  };
}

export const orderCommand: PlaceOrder = {
  request: orderRequest,
  scope: SCOPE,
  idempotencyKey: 'key-1',
  correlationId: 'corr-1',
  traceparent: undefined,
};

/** Places that order and gives its id. */
export async function placed(
  { ports }: Pick<ReturnType<typeof openCommandPorts>, 'ports'>,
  more: Partial<PlaceOrder> = {},
): Promise<string> {
  const result = await placeOrder(ports, { ...orderCommand, ...more });
  if (!('order' in result)) throw new Error(`not placed: ${result.kind}`);
  return result.order.orderId;
}

type App = ReturnType<typeof openCommandPorts>;

export const QUIET_MS = 30_000;
export const STUCK_MS = 30 * 60_000;
export const LATE_MS = 15 * 60_000;

/** One run of the reconciler, with time enough for everything. */
export function reconcile({ ports }: Pick<App, 'ports'>): Promise<Reconciled> {
  return reconcileOrders(ports, { quietMs: QUIET_MS, stuckMs: STUCK_MS, budgetMs: 60_000 });
}

/** One run of the late look-up, with time enough for everything. */
export function lookUp({ ports }: Pick<App, 'ports'>): Promise<LookedUp> {
  return runLateLookUp(ports, { afterMs: LATE_MS, budgetMs: 60_000 });
}

/** Writes facts into an order's stream, as its saga would have. */
export async function happened(
  { ports }: Pick<App, 'ports'>,
  orderId: string,
  ...facts: readonly OrderFact[]
): Promise<void> {
  const stored = await ports.orders.read(SCOPE, orderId);
  if (stored === undefined) throw new Error(`no order ${orderId}`);
  await openStream(ports, stored).append({ actor: 'saga', key: null, facts: () => facts });
}

/** Lets the services do what the steps up to and with `last` do, under their keys. */
export async function done(
  { ports, services }: Pick<App, 'ports' | 'services'>,
  orderId: string,
  last: 'ReserveInventory' | 'ProcessPayment' | 'CreateShipment',
): Promise<void> {
  const stored = await ports.orders.read(SCOPE, orderId);
  if (stored === undefined) throw new Error(`no order ${orderId}`);
  const { customerId, correlationId, traceparent } = stored.order;
  const lines = await linesOf(ports.orders, stored.order);
  const callOf = (step: string) => ({
    ...{ key: `${orderId}:${step}`, orderId, customerId, correlationId, traceparent, timeoutMs: 1_000 },
  });
  await services.inventory.reserve(callOf('ReserveInventory'), lines);
  if (last === 'ReserveInventory') return;
  const charge = { amountMinor: stored.order.totalMinor, currency: 'USD', method: 'card' };
  await services.payment.charge(callOf('ProcessPayment'), charge);
  if (last === 'ProcessPayment') return;
  await services.shipping.ship(callOf('CreateShipment'), {
    address: null,
    itemCount: 1,
    tenantId: 'default',
  });
}

/** The effects of an order, oldest first. */
export function effectsOf({ services }: Pick<App, 'services'>, orderId: string): readonly string[] {
  return services.ledger.filter((effect) => effect.orderId === orderId).map(({ effect }) => effect);
}
