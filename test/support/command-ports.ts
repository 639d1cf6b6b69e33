// What commands work with, in memory, for tests that say what a command does.
import { placeOrder, type PlaceOrder } from '../../src/commands/place-order';
import { TransientError } from '../../src/errors';
import type { SagaControl, SagaInstance } from '../../src/ports/saga-control';
import { createMemoryInventoryEcho } from './memory-inventory-echo';
import { createMemoryOrderStore } from './memory-order-store';
import { orderRequest } from './orders';

/** Commands over an order store in memory and a task hub that only remembers what it was told. */
export function openCommandPorts(): {
  ports: Parameters<typeof placeOrder>[0];
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
  return {
    ports: { orders, sagas, echo: createMemoryInventoryEcho(), clock: { nowMs: () => nowMs }, log },
    ...{ orders, calls, instances, errors, lines, hub },
    pass: (ms) => (nowMs += ms),
  };
}

export const orderCommand: PlaceOrder = {
  request: orderRequest,
  tenantId: 'default',
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
