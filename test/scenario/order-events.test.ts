// Events of orders as others get them while the whole system runs, from the Service Bus topic and from Event Grid, and
// what becomes of them while one of the two is away.
import { createSystemClient, isEnded, poll, type SystemClient } from '../../local/demo/system-client';
import { until } from 'azure-local/kit/until';
import { growth } from '../support/prometheus';
import { openEventGridSink, type EventGridSink, type SunkEvent } from '../support/event-grid-sink';
import { createOrderCaller, newCustomer, order, type OrderCaller } from '../support/order-caller';
import { openOrderTopic, type OrderTopic } from '../support/order-topic';
import { describeCompiled, EVENT_SUBSCRIPTIONS, mainPlan } from '../support/infra';
import { creditsOf } from '../support/service-bus-credits';
import { printedTrace } from '../support/printed-trace';
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
  'OrderApproved',
  'ShipmentCreated',
  'StockConfirmed',
  'OrderCompleted',
];

test('every event of an order is in its session, in sequence, each caused by the one before', async () => {
  const { json } = await caller.post(order(newCustomer()), { 'x-correlation-id': 'read-by-others' });
  const events = await topic.sessionUntil(json.id, 'OrderCompleted');
  expect(events.map(({ type }) => type)).toEqual(COMPLETED);
  expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
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

/** Whether every order that has ended by what was counted is published, listed and, where it is completed, told of by mail. */
function isToldToAll(text: string): boolean {
  const counted = growth('', text);
  const of = (name: string, labels: string): number => counted[`order_saga_${name}{${labels}}`] ?? 0;
  const consumed = (consumer: string, type: string): number =>
    of('events_consumed_total', `consumer="${consumer}",type="${type}",result="handled"`);
  return ['OrderCompleted', 'OrderFailed'].every((type) => {
    const told = ['order-events', 'event-grid'].map((target) =>
      of('events_published_total', `target="${target}",type="${type}"`),
    );
    told.push(consumed('ProjectOrders', type));
    if (type === 'OrderCompleted') told.push(consumed('NotifyCustomers', type));
    return told.every((count) => count === of('events_written_total', `type="${type}"`));
  });
}

test('metrics grow by exactly what was placed, done, undone, published and consumed', async () => {
  const read = async (): Promise<string> => (await fetch(`${running.system.urls.api}/api/metrics`)).text();
  // What was placed before may still be on its way to one of those who are told.
  const before = await until('what came before is told', async () => {
    const text = await read();
    return isToldToAll(text) && text;
  });
  const placed = await Promise.all(
    [newCustomer(), newCustomer(), 'declined-metrics'].map((customer) => caller.post(order(customer))),
  );
  for (const { json } of placed) await poll(() => client.order(json.id), isEnded);
  const isToldOf = (name: string, labels: string, text: string): number =>
    growth(before, text)[`order_saga_${name}{${labels}}`] ?? 0;
  const after = await until('everything is told', async () => {
    const text = await read();
    const projected = isToldOf(
      'events_consumed_total',
      'consumer="ProjectOrders",type="OrderFailed",result="handled"',
      text,
    );
    const notified = isToldOf(
      'events_consumed_total',
      'consumer="NotifyCustomers",type="OrderCompleted",result="handled"',
      text,
    );
    const published = ['order-events', 'event-grid'].map((target) =>
      isToldOf('events_published_total', `target="${target}",type="OrderFailed"`, text),
    );
    return projected === 1 && notified === 2 && published.every((count) => count === 1) && text;
  });
  const grown = growth(before, after);
  const of = (name: string): Record<string, number> =>
    Object.fromEntries(
      Object.entries(grown).flatMap(([series, value]) =>
        series.startsWith(`order_saga_${name}{`) ? [[series.slice(`order_saga_${name}`.length), value]] : [],
      ),
    );
  expect(of('orders_total')).toEqual({
    '{outcome="placed"}': 3,
    '{outcome="completed"}': 2,
    '{outcome="failed"}': 1,
  });
  expect(of('compensations_total')).toEqual({ '{step="CompensateInventory",outcome="done"}': 1 });
  expect(of('step_duration_seconds_count')).toMatchObject({
    '{step="ReserveInventory",outcome="done"}': 3,
    '{step="ProcessPayment",outcome="done"}': 2,
    '{step="ProcessPayment",outcome="refused"}': 1,
  });
  expect(of('interventions_total')).toEqual({});
  const written = {
    OrderCreated: 3,
    SagaStarted: 3,
    StockReserved: 3,
    PaymentProcessed: 2,
    PaymentFailed: 1,
  };
  for (const [type, count] of Object.entries(written)) {
    expect(of('events_written_total')[`{type="${type}"}`]).toBe(count);
    for (const target of ['order-events', 'event-grid'])
      expect(of('events_published_total')[`{target="${target}",type="${type}"}`]).toBe(count);
    const consumed = of('events_consumed_total');
    expect(consumed[`{consumer="ProjectOrders",type="${type}",result="handled"}`]).toBe(count);
  }
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
    currency = 'CHF',
    sagaMode = 'orchestration',
  ): Promise<number> {
    const { json } = await caller.post({ ...order(newCustomer()), currency });
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

  test('are one more where there is a limit of approval, and the order is within it', async () => {
    expect(await creditsWith([], 'USD')).toBe(12);
  });

  test('S17: are 22 in the saga mode choreography: 45 orders a second', async () => {
    expect(await creditsWith([], 'CHF', 'choreography')).toBe(22);
  });

  test('are many more with every subscription that there can be', async () => {
    expect(await creditsWith(EVENT_SUBSCRIPTIONS)).toBeGreaterThan(80);
  });
});

test('an order placed with a trace context has one trace, from its request to the mail: npm run trace prints it', async () => {
  const traceId = '5af7651916cd43dd8448eb211c80319c';
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
  const { json } = await caller.post(order(newCustomer()), headers);
  const print = (): Promise<string> => printedTrace(running.system.dataDir, json.id);
  const text = await until('the mail is in the trace', async () => {
    const printed = await print();
    return printed.includes('notification send (done)') && printed.includes('saga (completed)') && printed;
  });
  expect(text.match(/^trace /gm)).toHaveLength(1);
  expect(text).toContain(`trace ${traceId}: `);
  const names = text
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => line.slice(0, 50).trimEnd());
  expect(names.filter((name) => !name.startsWith(' '))).toEqual(['POST /api/orders']);
  expect(names).toEqual(
    expect.arrayContaining([
      ...[
        '  saga start',
        '    saga (completed)',
        '      ProcessPayment (done)',
        '        payment charge (done)',
      ],
      '              notification send (done)',
    ]),
  );
});
