// Events of orders as others get them while the whole system runs, from the Service Bus topic and from Event Grid, and
// what becomes of them while one of the two is away.
import { createSystemClient, isEnded, poll, type SystemClient } from '../../local/demo/system-client';
import { until } from 'azure-local/kit/until';
import { openEventGridSink, type EventGridSink, type SunkEvent } from '../support/event-grid-sink';
import { createOrderCaller, newCustomer, order, type OrderCaller } from '../support/order-caller';
import { openOrderTopic, type OrderTopic } from '../support/order-topic';
import { describeCompiled, EVENT_SUBSCRIPTIONS, mainPlan } from '../support/infra';
import { creditsOf } from '../support/service-bus-credits';
import { startSystemBehindProxy, type SystemBehindProxy } from '../support/system-behind-proxy';

let running: SystemBehindProxy;
let client: SystemClient;
let caller: OrderCaller;
let topic: OrderTopic;
let grid: EventGridSink;

beforeAll(async () => {
  grid = await openEventGridSink();
  running = await startSystemBehindProxy({
    'OrderProcessing:EventGridTopicEndpoint': grid.endpoint,
    'OrderProcessing:EventGridTopicKey': 'topic-key',
  });
  const { urls } = running.system;
  client = createSystemClient(urls);
  caller = createOrderCaller(urls.api);
  topic = openOrderTopic(urls.servicebus);
});
afterAll(async () => {
  await running.stop();
  grid.close();
});

const COMPLETED = [
  'OrderCreated',
  'SagaStarted',
  'StockReserved',
  'PaymentProcessed',
  'ShipmentCreated',
  'StockConfirmed',
  'OrderCompleted',
];

test('every event of an order is in its session, in sequence, each caused by the one before', async () => {
  const { json } = await caller.post(order(newCustomer()), { 'x-correlation-id': 'read-by-others' });
  const events = await topic.sessionUntil(json.id, 'OrderCompleted');
  expect(events.map(({ type }) => type)).toEqual(COMPLETED);
  expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(new Set(events.map(({ correlationId }) => correlationId))).toEqual(new Set(['read-by-others']));
  expect(events.map(({ causationId }) => causationId)).toEqual([
    null,
    ...events.slice(0, -1).map(({ eventId }) => eventId),
  ]);
});

test('a subscription named after one type gets that event of every order, and no other', async () => {
  const { json: declined } = await caller.post(order('declined-topic'));
  const { json: completed } = await caller.post(order(newCustomer()));
  await topic.sessionUntil(declined.id, 'OrderFailed');
  await topic.sessionUntil(completed.id, 'OrderCompleted');
  const failed = await topic.subscription('payment-failed-events');
  expect(failed.map(({ sessionId }) => sessionId)).toContain(declined.id);
  expect(new Set(failed.map(({ subject }) => subject))).toEqual(new Set(['PaymentFailed']));
  const created = (await topic.subscription('order-created-events')).map(({ sessionId }) => sessionId);
  expect(created).toEqual(expect.arrayContaining([declined.id, completed.id]));
});

test('an order that is refused leaves no event', async () => {
  const before = (await topic.subscription('order-created-events')).length;
  const { status } = await caller.post({ customerId: 'cust-refused', items: [] });
  expect(status).toBe(400);
  // A later order is told, so the feed has passed the refused one.
  const { json } = await caller.post(order(newCustomer()));
  await topic.sessionUntil(json.id, 'OrderCreated');
  expect(await topic.subscription('order-created-events')).toHaveLength(before + 1);
});

test('while the broker is away orders complete and lists are current; then every event is published in sequence', async () => {
  await running.broker.shut();
  const customer = newCustomer();
  const ids = await Promise.all(
    Array.from({ length: 20 }, async () => (await caller.post(order(customer))).json.id),
  );
  for (const id of ids)
    expect(await poll(() => client.order(id), isEnded)).toMatchObject({ status: 'completed' });
  await until('the list has all of them', async () => (await caller.listOf(customer)).length === 20);
  const told = (await topic.subscription('order-created-events')).map(({ sessionId }) => sessionId);
  expect(told.filter((id) => ids.includes(id ?? ''))).toEqual([]);

  await running.broker.open();
  for (const id of ids) {
    const events = await topic.sessionUntil(id, 'OrderCompleted');
    expect(events.map(({ type }) => type)).toEqual(COMPLETED);
  }
});

const toldToGrid = (orderId: string): Promise<readonly SunkEvent[]> =>
  until(`Event Grid has all of ${orderId}`, () => {
    const events = grid.events().filter(({ subject }) => subject === orderId);
    return events.length >= COMPLETED.length && events;
  });

test('Event Grid gets the same events, and what it missed while it was away; the topic does not wait for it', async () => {
  const { json: before } = await caller.post(order(newCustomer()));
  expect((await toldToGrid(before.id)).map(({ data }) => data)).toEqual(
    await topic.sessionUntil(before.id, 'OrderCompleted'),
  );
  grid.away = true;
  const { json: missed } = await caller.post(order(newCustomer()));
  const events = await topic.sessionUntil(missed.id, 'OrderCompleted');
  expect(grid.events().some(({ subject }) => subject === missed.id)).toBe(false);
  grid.away = false;
  expect((await toldToGrid(missed.id)).map(({ data }) => data)).toEqual(events);
});

describeCompiled('credits of Service Bus', () => {
  /** On Standard: what an order that came by the queue, and completed, cost with these subscriptions. */
  async function creditsWith(
    eventSubscriptions: readonly string[],
    sagaMode = 'orchestration',
  ): Promise<number> {
    const { json } = await caller.post(order(newCustomer()));
    const events = await topic.sessionUntil(json.id, 'OrderCompleted');
    // Itself, and what its customer is told of.
    return creditsOf(mainPlan({ eventSubscriptions, sagaMode }), {
      toTopic: events,
      throughQueues: 2,
    });
  }

  test('are 11 for an order, as it is deployed: 90 orders a second', async () => {
    expect(await creditsWith([])).toBe(11);
  });

  test('S17: are 22 in the saga mode choreography: 45 orders a second', async () => {
    expect(await creditsWith([], 'choreography')).toBe(22);
  });

  test('are many more with every subscription that there can be', async () => {
    expect(await creditsWith(EVENT_SUBSCRIPTIONS)).toBeGreaterThan(80);
  });
});
