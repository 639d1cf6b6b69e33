// Trace trees of what can happen to an order, from its request to its notification: names, parents, outcomes and errors. Recorded
// in test/golden/traces; RECORD_TRACES=1 records them anew.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createCustomerNotifier, TOLD_TO_CUSTOMERS } from '../../src/consumers/notify-customers';
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { traceRequest } from '../../src/exporters/otlp-json';
import { relayChanges } from '../../src/events/relay';
import { traceparentIn } from '../../src/telemetry/traces/active-span';
import { placeOrder } from '../../src/commands/place-order';
import { cleanUp, openHub } from 'azure-local/testing/durable-harness';
import { createFakeServices } from '../support/fake-services';
import { sharedCipher } from '../support/field-cipher';
import { rememberingLog } from '../support/inventory-event-input';
import { createMemoryOrderStore } from '../support/memory-order-store';
import { SCOPE, inThreeParts, orderRequest, withCoupon } from '../support/orders';
import { recordSpans, type RecordedSpans } from '../support/recorded-spans';
import { registerSaga, sagaOn, type SagaHarness } from '../support/saga-harness';

const GOLDEN = path.resolve('test/golden/traces');
const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const TRACE_ID = CALLER.slice(3, 35);

beforeAll(registerSaga);
afterEach(cleanUp);

interface Traced extends RecordedSpans {
  readonly saga: SagaHarness;
  readonly orderId: string;
  readonly published: readonly EventEnvelope[];
}

type Arrange = (saga: SagaHarness) => void;

/** Carries one order from its request to what its customer is told. */
async function trace(
  arrange: Arrange = () => undefined,
  options: {
    readonly request?: object;
    readonly ratio?: number;
    readonly traceparent?: string | undefined;
  } = {},
): Promise<Traced> {
  const { request, ratio, traceparent } = { request: {}, ratio: 1, traceparent: CALLER, ...options };
  const recorded = recordSpans(ratio);
  const { tracing } = recorded;
  const world = { orders: createMemoryOrderStore(), services: createFakeServices(), tracing };
  const saga = sagaOn(await openHub(), world, { workingTimeMs: 20_000 });
  arrange(saga);
  const orderId = await tracing.arrival(
    { name: 'POST /api/orders', kind: 'server', traceparent, attributes: {} },
    async (span) => {
      const placed = await placeOrder(saga.ports, {
        ...{ request: { ...orderRequest, ...request }, scope: SCOPE, correlationId: 'corr-1' },
        ...{ idempotencyKey: undefined, traceparent: traceparentIn(span, traceparent) },
      });
      if (!('order' in placed)) throw new Error(placed.kind);
      return placed.order.orderId;
    },
    () => ({ attributes: { 'http.response.status_code': 202 } }),
  );
  await saga.finish(orderId);
  return { ...recorded, saga, orderId, published: await relay(recorded, saga, orderId) };
}

/** Publishes the stream as the relay does, and lets the customers be told; gives what was published. */
async function relay(
  { tracing }: RecordedSpans,
  { orders }: SagaHarness,
  orderId: string,
): Promise<readonly EventEnvelope[]> {
  const parking = { park: () => Promise.resolve() };
  const published: EventEnvelope[] = [];
  const copies: EventEnvelope[] = [];
  const into = (list: EventEnvelope[]) => ({
    publish: (events: readonly EventEnvelope[]) => Promise.resolve((list.push(...events), [])),
  });
  const stored = await orders.eventsAfter(SCOPE, orderId, 0);
  await relayChanges(
    {
      ...{ source: 'RelayEvents', parking, publisher: tracing.publisher('order-events', into(published)) },
      copies: {
        types: TOLD_TO_CUSTOMERS,
        publisher: tracing.publisher('customer-notifications', into(copies)),
      },
      failures: {
        orders,
        queue: tracing.failures('order-failures', { publish: () => Promise.resolve([]) }),
      },
    },
    stored.map((event) => ({ kind: 'event', ...event })),
  );
  const notifications = tracing.service('notification', {
    send: () => Promise.resolve({ kind: 'done' as const, value: {} }),
  });
  const notifier = tracing.consumer(
    'NotifyCustomers',
    'customer-notifications',
    createCustomerNotifier({ orders, notifications, parking, cipher: sharedCipher }),
  );
  for (const event of copies) await notifier.take(event, rememberingLog().log);
  return published;
}

const faults =
  (given: Partial<SagaHarness['services']['faults']>): Arrange =>
  ({ services }) =>
    void Object.assign(services.faults, structuredClone(given));

const cancelled: Arrange = (saga) => {
  let due = true;
  saga.services.around = async (moment, operation, { orderId }) => {
    if (!due || moment !== 'before' || operation !== 'charge') return;
    due = false;
    await saga.cancel(orderId);
  };
};

const away: Arrange = ({ services }) => {
  services.faults.charge = ['hang'];
};

const SCENARIOS: Readonly<Record<string, readonly [Arrange, { request?: object }?]>> = {
  'everything-works': [faults({})],
  'out-of-stock': [faults({ reserve: ['refuse'] })],
  'card-declined': [faults({ charge: ['refuse'] })],
  'carrier-refuses': [faults({ ship: ['refuse'] })],
  'refund-fails': [faults({ ship: ['refuse'], refund: ['refuse'] })],
  'payment-503-twice': [faults({ charge: ['down', 'down'] })],
  'payment-answer-lost': [faults({ charge: ['loseAnswer'] })],
  'cancel-while-paying': [cancelled],
  'payment-hangs': [away],
  'second-of-three-payments-declined': [faults({}), { request: { ...withCoupon, ...inThreeParts } }],
};

describe.each(Object.entries(SCENARIOS))('%s', (name, [arrange, options]) => {
  test('has the trace that is recorded: one, whole, and each span made once', async () => {
    const { tree, spans, published } = await trace(arrange, options);
    const file = path.join(GOLDEN, `${name}.txt`);
    if (process.env['RECORD_TRACES'] === '1') {
      mkdirSync(GOLDEN, { recursive: true });
      writeFileSync(file, `${tree()}\n`);
    }
    expect(`${tree()}\n`).toBe(readFileSync(file, 'utf8'));
    const ids = spans.map(({ context }) => context.spanId);
    expect(new Set(spans.map(({ context }) => context.traceId))).toEqual(new Set([TRACE_ID]));
    expect(new Set(ids).size).toBe(ids.length);
    const [root, ...others] = spans.filter(({ parentSpanId = '' }) => !ids.includes(parentSpanId));
    expect([root?.name, root?.parentSpanId, others]).toEqual(['POST /api/orders', CALLER.slice(36, 52), []]);
    expect(published.every((event) => ids.includes(event.traceparent.slice(36, 52)))).toBe(true);
  });
});

test('an order is 26 spans, and 12 kB on their way to the receiver', async () => {
  const { spans } = await trace();
  expect(spans).toHaveLength(26);
  const body = traceRequest(spans, { serviceName: 'order-saga', instanceId: 'host-1' });
  expect(Buffer.byteLength(body)).toBeLessThan(12_500);
});

test('events that are relayed and consumed again are the same spans', async () => {
  const traced = await trace();
  const before = new Set(traced.spans.map(({ context }) => context.spanId));
  const count = traced.spans.length;
  await relay(traced, traced.saga, traced.orderId);
  expect(traced.spans.length).toBeGreaterThan(count);
  expect(new Set(traced.spans.map(({ context }) => context.spanId))).toEqual(before);
});

test('what travels in the order is the context of its request, and every service gets that of its call', async () => {
  const heard: string[] = [];
  const { spans, saga, orderId } = await trace(({ services }) => {
    services.around = (moment, _operation, { traceparent }) => {
      if (moment === 'before') heard.push(traceparent);
      return Promise.resolve();
    };
  });
  const stored = await saga.orders.read(SCOPE, orderId);
  const idOf = (name: string): string | undefined => spans.find((span) => span.name === name)?.context.spanId;
  expect(stored?.order.traceparent).toBe(`00-${TRACE_ID}-${idOf('POST /api/orders') ?? ''}-01`);
  expect(heard[0]).toBe(`00-${TRACE_ID}-${idOf('inventory reserve') ?? ''}-01`);
});

test('a caller that does not sample gets no span, and its order says so on and on', async () => {
  const { spans, published } = await trace(undefined, { traceparent: CALLER.replace(/01$/, '00') });
  expect(spans).toEqual([]);
  expect(new Set(published.map(({ traceparent }) => traceparent.slice(-2)))).toEqual(new Set(['00']));
});

test('with sampling a trace is there as a whole or not at all', async () => {
  const whole = (await trace(undefined, { traceparent: undefined })).spans.length;
  const counts = [];
  for (let order = 0; order < 12; order++)
    counts.push((await trace(undefined, { traceparent: undefined, ratio: 0.5 })).spans.length);
  expect(counts.every((count) => count === 0 || count === whole)).toBe(true);
});
