// Harness of the whole order saga on the durable engine under a manual clock: the real orchestrator, activities and
// commands, over an order store and services in memory. A five-minute time-out passes in a microsecond.
import { APPROVAL_SIGNAL, type OrderResult } from '../../src/saga/order/order-saga';
import {
  activityCaller,
  createOrderActivities,
  type OrderActivities,
} from '../../src/activities/order-activities';
import { createReturnActivities, type ReturnActivities } from '../../src/activities/return-activities';
import { RETURN_ORCHESTRATOR_NAME } from '../../src/adapters/durable-return-sagas';
import { ORCHESTRATOR_NAME } from '../../src/adapters/durable-saga-control';
import { cancelOrder, type Cancelled } from '../../src/commands/cancel-order';
import { placeOrder, type PlaceOrderPorts } from '../../src/commands/place-order';
import type { ReconcilePorts } from '../../src/commands/reconcile-orders';
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { fold, type Order } from '../../src/domain/order';
import { registerOrderSaga, registerReturnSaga } from '../../src/functions/order-saga.durable';
import type { ReturnSagas } from '../../src/ports/return-sagas';
import type { SagaControl, SagaRuntimeStatus } from '../../src/ports/saga-control';
import { NO_TRACING, type Tracing } from '../../src/telemetry/traces/tracing';
import { orderSaga, sagaInput, type SagaSettings } from '../../src/saga/order/order-saga-versions';
import { returnInstanceId, returnSaga, returnSagaInput } from '../../src/saga/returns/return-saga';
import { RETURN_SIGNAL } from '../../src/saga/returns/return-steps';
import { CURRENT_VERSION } from '../../src/saga/order/step-tables';
import { openHub, type HubHarness, type StatusBody } from 'azure-local/testing/durable-harness';
import { sharedCipher } from './field-cipher';
import { createFakeServices, type FakeServices } from './fake-services';
import { createMemoryInventoryView } from './memory-inventory-view';
import { createMemoryMarks } from './memory-marks';
import { createMemoryOrderStore, type MemoryOrderStore } from './memory-order-store';
import { SCOPE, orderRequest } from './orders';

export const WORKING_TIME_MS = 5 * 60_000;

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What outlives the host that runs the saga. */
export interface World {
  readonly orders: MemoryOrderStore;
  readonly services: FakeServices;
  /** What makes spans of it; none unless given. */
  readonly tracing?: Tracing;
}

export interface SagaParts {
  readonly orders: MemoryOrderStore;
  readonly services: FakeServices;
  readonly sagas: SagaControl;
  readonly returnSagas: ReturnSagas;
  readonly lines: LogLine[];
  readonly ports: Parameters<typeof placeOrder>[0] & ReconcilePorts;
  place(request?: Partial<typeof orderRequest>): Promise<string>;
  cancel(orderId: string): Promise<Cancelled>;
  /** Lets time pass, timer by timer, until the order's saga has ended. */
  finish(orderId: string): Promise<Finished>;
}

export type SagaHarness = HubHarness & SagaParts;

export interface Finished {
  readonly status: StatusBody;
  readonly result: OrderResult;
  readonly order: Order;
  readonly events: readonly EventEnvelope[];
  /** The order's effects, oldest first. */
  readonly effects: readonly string[];
  /** How often each activity was scheduled. */
  readonly scheduled: Readonly<Record<string, number>>;
}

let current: (OrderActivities & ReturnActivities) | undefined;

export const PARCEL_TIMEOUT_MS = 14 * 86_400_000;
let lines: LogLine[] = [];

const write =
  (level: LogLine['level']) =>
  (event: string, fields: LogLine['fields']): void =>
    void lines.push({ level, event, fields });
const log = { info: write('info'), warn: write('warn'), error: write('error') };

/** Registers the saga once; its activities work on whatever harness was opened last. */
export function registerSaga(): void {
  registerOrderSaga(dispatchOf<OrderActivities>(orderSaga(1, 1)));
  registerReturnSaga(dispatchOf<ReturnActivities>(returnSaga(1, 1)));
}

interface Named {
  readonly name: string;
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller knows its activities
function dispatchOf<Activities>({
  steps,
  end,
}: {
  readonly steps: readonly { readonly invoke: Named; readonly compensate?: Named }[];
  readonly end: Named;
}): Activities {
  const calls = [...steps.flatMap(({ invoke, compensate }) => [invoke, compensate ?? invoke]), end];
  const dispatch = calls.map(
    ({ name }) => [name, (input: never) => current?.[name as keyof OrderActivities](input, log)] as const,
  );
  return Object.fromEntries(dispatch) as unknown as Activities;
}

/** Settings of the harness: those that travel in the saga's input, and what placing an order takes. */
export type HarnessSettings = Partial<SagaSettings> &
  Partial<Pick<PlaceOrderPorts, 'couponFailurePolicy' | 'approvals'>>;

export const openSaga = async (settings: HarnessSettings = {}): Promise<SagaHarness> =>
  sagaOn(await openHub(), { orders: createMemoryOrderStore(), services: createFakeServices() }, settings);

/** Lets `guard` stand between the activities and what they call: a host that is killed calls nothing any more. */
type Guard = <Ports extends object>(ports: Ports) => Ports;

/** The saga on a host that is there, in a world that may have been there before it. */
export function sagaOn<H extends HubHarness>(
  harness: H,
  { orders: untraced, services, tracing = NO_TRACING }: World,
  { couponFailurePolicy = 'fail', ...settings }: HarnessSettings = {},
  guard: Guard = (ports) => ports,
): H & SagaParts {
  services.hang = (timeoutMs) => harness.clock.advance(timeoutMs);
  lines = [];
  const clock = { nowMs: () => harness.clock.now() };
  const orders = tracing.orders(untraced);
  const sagas = tracing.sagas(sagaControl(harness, settings));
  const inventoryView = createMemoryInventoryView();
  const called = tracedServices(services, tracing);
  const guarded = guard({
    ...{ orders, clock, cipher: sharedCipher, inventoryView, ...called },
    parcelTimeoutMs: PARCEL_TIMEOUT_MS,
  });
  const activities = tracing.activities({
    ...createOrderActivities(guarded),
    ...createReturnActivities(guarded),
  });
  current = activities;
  const returnSagas = tracing.returnSagas(returnSagasOf(harness));
  const ports: SagaParts['ports'] = {
    ...{
      orders,
      sagas,
      returnSagas,
      inventoryView,
      clock,
      cipher: sharedCipher,
      log,
      marks: createMemoryMarks(),
      sagaVersion: CURRENT_VERSION,
      couponFailurePolicy,
      compensationMaxAttempts: 1,
      ...settings,
    },
    callActivity: activityCaller(activities),
    wait: (ms) => {
      harness.clock.advance(ms);
      return Promise.resolve();
    },
  };
  return {
    ...harness,
    // What a test turns, such as `away`, is turned on the store itself.
    ...{ orders: untraced, services, sagas, returnSagas, lines, ports },
    async place(request = {}) {
      const placed = await placeOrder(ports, {
        request: { ...orderRequest, ...request },
        scope: SCOPE,
        idempotencyKey: undefined,
        correlationId: 'corr-1',
        traceparent: undefined,
      });
      if (!('order' in placed)) throw new Error(`not placed: ${placed.kind}`);
      return placed.order.orderId;
    },
    cancel: (orderId) => cancelOrder(ports, { scope: SCOPE, orderId, requestedBy: 'customer', reason: null }),
    finish: (orderId) => finish(harness, untraced, services, orderId),
  };
}

function tracedServices(
  { inventory, promotion, payment, shipping }: FakeServices,
  tracing: Tracing,
): Pick<FakeServices, 'inventory' | 'promotion' | 'payment' | 'shipping'> {
  return {
    inventory: tracing.service('inventory', inventory),
    promotion: tracing.service('promotion', promotion),
    payment: tracing.service('payment', payment),
    shipping: tracing.service('shipping', shipping),
  };
}

async function finish(
  harness: HubHarness,
  orders: MemoryOrderStore,
  services: FakeServices,
  orderId: string,
): Promise<Finished> {
  let status = await harness.settled(orderId);
  for (let timers = 0; status.runtimeStatus === 'Running' || status.runtimeStatus === 'Pending'; timers++) {
    const dueMs = harness.clock.nextDueMs();
    if (dueMs === undefined || timers > 500) throw new Error(`stuck: ${JSON.stringify(status)}`);
    harness.clock.advance(Math.max(0, dueMs - harness.clock.now()));
    status = await harness.settled(orderId);
  }
  const events = await orders.eventsAfter(SCOPE, orderId, 0);
  const order = fold(orderId, events);
  if (order === undefined) throw new Error(`no order ${orderId}`);
  const names = (status.historyEvents ?? [])
    .filter(({ EventType }) => EventType === 'TaskCompleted' || EventType === 'TaskFailed')
    .map(({ FunctionName }) => String(FunctionName));
  return {
    status,
    result: status.output as OrderResult,
    order,
    events,
    effects: services.ledger.filter((effect) => effect.orderId === orderId).map(({ effect }) => effect),
    scheduled: Object.fromEntries(
      [...new Set(names)].map((name) => [name, names.filter((n) => n === name).length]),
    ),
  };
}

function sagaControl(harness: HubHarness, settings: HarnessSettings): SagaControl {
  const all = {
    sagaVersion: CURRENT_VERSION,
    workingTimeMs: WORKING_TIME_MS,
    waitForOutages: true,
    compensationMaxAttempts: 1,
    ...settings,
  };
  return {
    start: async (order, etag) => {
      await harness.start(ORCHESTRATOR_NAME, sagaInput(order, etag, all), order.orderId);
    },
    find: (orderId) => findInstance(harness, orderId),
    signalCancel: async (orderId) => {
      await harness.raise(orderId, 'cancel', {});
    },
    signalApproval: async (orderId, sequence) => {
      await harness.raise(orderId, APPROVAL_SIGNAL, { sequence });
    },
    suspend: (orderId) => manage(harness, orderId, 'suspend'),
    resume: (orderId) => manage(harness, orderId, 'resume'),
    terminate: (orderId) => manage(harness, orderId, 'terminate'),
    ping: () => Promise.resolve(),
  };
}

function returnSagasOf(harness: HubHarness): ReturnSagas {
  return {
    start: async (order, etag, number) => {
      const input = returnSagaInput(order, etag, number);
      await harness.start(RETURN_ORCHESTRATOR_NAME, input, returnInstanceId(order.orderId, number));
    },
    find: (orderId, number) => findInstance(harness, returnInstanceId(orderId, number)),
    wake: async (orderId, number) => {
      await harness.raise(returnInstanceId(orderId, number), RETURN_SIGNAL, {});
    },
  };
}

async function findInstance(harness: HubHarness, id: string): ReturnType<SagaControl['find']> {
  const { status, body } = await harness.call('GET', `/instances/${id}`);
  if (status === 404) return undefined;
  const { runtimeStatus, customStatus, output } = body as StatusBody;
  return { runtimeStatus: runtimeStatus.toLowerCase() as SagaRuntimeStatus, customStatus, output };
}

async function manage(harness: HubHarness, orderId: string, action: string): Promise<void> {
  await harness.call('POST', `/instances/${orderId}/${action}?reason=test`);
}
