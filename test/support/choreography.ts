// The order saga in the mode choreography under a manual clock: the real turns, activities and commands, over an order store,
// services, a topic and a queue of messages in memory. The broker and the store outlive the host that takes the turns.
import { sharedCipher } from './field-cipher';
import { ManualClock } from 'azure-local/kit/clock';
import { activityCaller, createOrderActivities } from '../../src/activities/order-activities';
import { messageIdOf } from '../../src/adapters/service-bus-saga-messages';
import { cancelOrder } from '../../src/commands/cancel-order';
import { placeOrder, type PlaceOrderPorts } from '../../src/commands/place-order';
import { sagaMessageIn, takeTurn } from '../../src/commands/take-turn';
import { fold, type Order } from '../../src/domain/order';
import type { EventEnvelope } from '../../src/domain/event-envelope';
import type { Log } from '../../src/ports/log';
import type { SagaMessages } from '../../src/ports/saga-messages';
import { CURRENT_VERSION } from '../../src/saga/order/step-tables';
import type { SagaSettings } from '../../src/saga/order/order-saga-versions';
import { wakesSaga } from '../../src/saga/order/waking-events';
import { createFakeServices } from './fake-services';
import { createMemoryInventoryView } from './memory-inventory-view';
import { createMemoryMarks } from './memory-marks';
import { createMemoryOrderStore } from './memory-order-store';
import { SCOPE, orderRequest } from './orders';
import { WORKING_TIME_MS, type LogLine, type SagaHarness } from './saga-harness';
import type { ScenarioSaga } from './saga-scenarios';
import { Life } from './unkind-host';
import { runReconciler } from './unkind-reconciler';

/** A message that waits to be received. */
export interface Mail {
  readonly id: string;
  readonly orderId: string;
  readonly dueMs: number;
  readonly body: string;
  deliveries: number;
}

/** What is there whichever host runs. */
export interface ChoreographyWorld {
  readonly orders: ReturnType<typeof createMemoryOrderStore>;
  readonly services: ReturnType<typeof createFakeServices>;
  readonly marks: ReturnType<typeof createMemoryMarks>;
  readonly clock: ManualClock;
  /** In the order in which they came. */
  readonly mail: Mail[];
  /** How many messages were received. */
  received: number;
}

export interface ChoreographyEnd {
  readonly order: Order;
  readonly events: readonly EventEnvelope[];
  readonly effects: readonly string[];
  /** How often each activity was called. */
  readonly called: Readonly<Record<string, number>>;
}

export interface Choreography extends ScenarioSaga {
  readonly world: ChoreographyWorld;
  readonly lines: readonly LogLine[];
  /** Receives `mail` and takes a turn for it; a turn that fails leaves it where it is. */
  receive(mail: Mail): Promise<void>;
  /** Lets the relay publish what has happened, and gives what is due, in order. */
  due(): Promise<readonly Mail[]>;
  reconcile(): Promise<void>;
  finish(orderId: string): Promise<ChoreographyEnd>;
}

const MAX_DELIVERIES = 10;
const QUIET_MS = 31_000;
/** More than any order needs. */
const ROUNDS = 400;

export function openWorld(): ChoreographyWorld {
  const clock = new ManualClock();
  const services = createFakeServices();
  services.hang = (timeoutMs) => clock.advance(timeoutMs);
  return {
    ...{ orders: createMemoryOrderStore(), services, marks: createMemoryMarks(), clock, mail: [] },
    received: 0,
  };
}

/** A host in the mode; `life` is how long it lives. */
export function openChoreography(
  settings: Partial<SagaSettings & Pick<PlaceOrderPorts, 'couponFailurePolicy'>> = {},
  world: ChoreographyWorld = openWorld(),
  life: Life = new Life(),
): Choreography {
  const { orders, services, marks, clock, mail } = world;
  const lines: LogLine[] = [];
  const write =
    (level: LogLine['level']) =>
    (event: string, fields: LogLine['fields']): void =>
      void lines.push({ level, event, fields });
  const log: Log = { info: write('info'), warn: write('warn'), error: write('error') };
  const messages: SagaMessages = {
    send: (message, dueMs) => {
      const id = messageIdOf(message);
      if (!mail.some((other) => other.id === id)) mail.push(toMail(id, message.orderId, dueMs, message));
      return Promise.resolve();
    },
    isExpected: (orderId) => Promise.resolve(mail.some((one) => one.orderId === orderId)),
  };
  const nowMs = { nowMs: () => clock.now() };
  const guarded = life.guard({ orders, clock: nowMs, cipher: sharedCipher, messages, ...services });
  const called: Record<string, number> = {};
  const call = activityCaller(createOrderActivities(guarded));
  const none = (): Promise<undefined> => Promise.resolve(undefined);
  const shared = {
    ...{ clock: nowMs, cipher: sharedCipher, log, marks, inventoryView: createMemoryInventoryView() },
    ...{ sagaVersion: CURRENT_VERSION, workingTimeMs: WORKING_TIME_MS, waitForOutages: true },
    ...{ compensationMaxAttempts: 1, couponFailurePolicy: 'fail' as const, ...settings },
    orders: guarded.orders,
    sagas: {
      ...{ start: none, find: none, signalCancel: none, suspend: none, resume: none, terminate: none },
      ...{ ping: none, signalApproval: none },
    },
    returnSagas: { start: none, find: none, wake: none },
    sagaMessages: guarded.messages,
    messages: guarded.messages,
    callActivity: (name: string, input: unknown, to: Log) => {
      called[name] = (called[name] ?? 0) + 1;
      return call(name, input, to);
    },
    wait: (ms: number) => {
      clock.advance(ms);
      return Promise.resolve();
    },
  };
  const host: Choreography = {
    ...{ world, orders, services, clock, lines, sagas: shared.sagas, ports: shared },
    call: () => Promise.reject(new Error('there is no instance')),
    async place(request = {}) {
      const placed = await placeOrder(shared, {
        ...{ request: { ...orderRequest, ...request }, scope: SCOPE, correlationId: 'corr-1' },
        ...{ idempotencyKey: undefined, traceparent: undefined },
      });
      if (!('order' in placed)) throw new Error(`not placed: ${placed.kind}`);
      return placed.order.orderId;
    },
    cancel: (orderId) =>
      cancelOrder({ ...shared, orders }, { scope: SCOPE, orderId, requestedBy: 'customer', reason: null }),
    async receive(one) {
      world.received += 1;
      const message = sagaMessageIn(JSON.parse(one.body));
      if (message === undefined) throw new Error(`no message of a saga: ${one.body}`);
      const turn = takeTurn(shared, message).then(
        () => 'taken' as const,
        (error: unknown) => {
          log.warn('saga not taken further yet', { error: String(error) });
        },
      );
      const result = await Promise.race([turn, life.end]);
      one.deliveries += 1;
      if (result !== 'taken') clock.advance(1_000);
      if (result === 'taken' || one.deliveries >= MAX_DELIVERIES) remove(mail, one);
    },
    async due() {
      await relay(world);
      return mail.filter(({ dueMs }) => dueMs <= clock.now());
    },
    reconcile: () => runReconciler({ ports: { ...shared, orders }, services }, marks),
    async settled() {
      for (let [next] = await host.due(); next !== undefined; [next] = await host.due())
        await host.receive(next);
      return { runtimeStatus: 'Running' } as Awaited<ReturnType<SagaHarness['settled']>>;
    },
    finish: (orderId) => finish(host, orderId, called),
  };
  return host;
}

const toMail = (id: string, orderId: string, dueMs: number, body: unknown): Mail => ({
  ...{ id, orderId, dueMs, body: JSON.stringify(body), deliveries: 0 },
});

function remove(mail: Mail[], one: Mail): void {
  const index = mail.indexOf(one);
  if (index >= 0) mail.splice(index, 1);
}

/** How far the relay is, by order. */
const relayed = new WeakMap<ChoreographyWorld, Map<string, number>>();

async function relay(world: ChoreographyWorld): Promise<void> {
  const { orders, mail, clock } = world;
  const positions = relayed.get(world) ?? new Map<string, number>();
  relayed.set(world, positions);
  for (const { orderId } of orders.all()) {
    for (const event of await orders.eventsAfter(SCOPE, orderId, positions.get(orderId) ?? 0)) {
      if (wakesSaga(event)) mail.push(toMail(event.eventId, orderId, clock.now(), event));
      positions.set(orderId, event.sequence);
    }
  }
}

async function finish(
  host: Choreography,
  orderId: string,
  called: Readonly<Record<string, number>>,
): Promise<ChoreographyEnd> {
  const { orders, clock, mail } = host.world;
  for (let round = 0; round < ROUNDS; round++) {
    await host.settled(orderId);
    const order = (await orders.read(SCOPE, orderId))?.order;
    if (order?.ended === true && mail.length === 0) break;
    if (mail.length === 0 && order?.saga.needsIntervention === true) break;
    const dueMs = Math.min(...mail.map((one) => one.dueMs), clock.now() + QUIET_MS);
    clock.advance(Math.max(0, dueMs - clock.now()));
    if (mail.length === 0) await host.reconcile();
  }
  const events = await orders.eventsAfter(SCOPE, orderId, 0);
  const order = fold(orderId, events);
  if (order === undefined) throw new Error(`no order ${orderId}`);
  const effects = host.services.ledger.filter((one) => one.orderId === orderId).map(({ effect }) => effect);
  return { order, events, effects, called };
}
