// The timeline of an order: what it makes of a stream.
import { evolve, fold } from '../../../src/domain/order';
import type { OrderFact } from '../../../src/domain/order-events';
import { toEnvelope } from '../../../src/events/envelope';
import type { HttpProblem } from '../../../src/functions/http';
import { timelineAnswer } from '../../../src/functions/order-timeline.http';
import { ROUTES } from '../../../src/functions/routes/routes';
import { orderTimeline } from '../../../src/functions/routes/observation-schemas';
import { auditedEvents } from '../../../src/queries/order-history';
import { timelineOf, type OrderTimeline } from '../../../src/queries/order-timeline';
import { createMemoryOrderStore } from '../../support/memory-order-store';
import { callTo } from '../../support/route-calls';
import { completedOrder, created, facts, failedOrder, ORDER_ID, SCOPE, started } from '../../support/orders';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString();

/** The timeline of a stream whose events happened one second apart, or at the seconds given. */
async function timeline(
  stream: readonly OrderFact[],
  seconds = stream.map((_, index) => index),
): Promise<OrderTimeline> {
  const { store, order } = await stored(stream, seconds);
  return timelineOf(await auditedEvents(store, order, { after: 0, limit: 100 }));
}

async function stored(stream: readonly OrderFact[], seconds: readonly number[]) {
  const store = createMemoryOrderStore();
  const head = { orderId: ORDER_ID, tenantId: 'default', correlationId: 'c', traceparent: '' };
  const actorOf = ({ type }: OrderFact): string => (type === 'CancelRequested' ? 'customer' : 'saga');
  const [first, ...rest] = stream.map((fact, index) =>
    toEnvelope(head, fact, index + 1, {
      actor: actorOf(fact),
      occurredAt: at(seconds[index] ?? 0),
      key: null,
    }),
  );
  if (first === undefined) throw new Error('no events');
  const begun = fold(ORDER_ID, [first]);
  if (begun === undefined) throw new Error('no order');
  const order = rest.reduce(evolve, begun);
  const { etag } = await store.create(SCOPE, begun, [first]);
  if (rest.length > 0) await store.append(SCOPE, begun, etag, order, rest);
  return { store, order };
}

const shown = ({ entries }: OrderTimeline): unknown[] =>
  entries.map(({ kind, name, durationMs, outcome }) => [kind, name, durationMs, outcome]);

test('an order that went well shows each step with its duration, and what was sent at its end', async () => {
  const line = await timeline([created, ...completedOrder]);
  expect(shown(line)).toEqual([
    ['event', 'order created', 0, 'done'],
    ['event', 'saga started', 0, 'done'],
    ['step', 'ReserveInventory', 1_000, 'done'],
    ['step', 'ProcessPayment', 1_000, 'done'],
    ['step', 'CreateShipment', 1_000, 'done'],
    ['step', 'ConfirmInventory', 1_000, 'done'],
    ['event', 'order completed', 0, 'done'],
    ['message', 'customer-notifications', 0, 'done'],
  ]);
  expect(line).toMatchObject({ status: 'completed', durationMs: 6_000, waitedMs: 0, lastSequence: 7 });
  expect(orderTimeline.parse(line)).toEqual(line);
});

test('a failed step shows its attempts and last error, and each compensation what it took', async () => {
  const error = { code: 'SERVICE_ERROR', message: 'it answered 500' };
  const [begun, reserved, failed, ...rest] = failedOrder;
  const slow = { ...failed, data: { ...failed?.data, attempts: 3, lastError: error } } as OrderFact;
  const line = await timeline(
    [created, begun, reserved, slow, ...rest] as OrderFact[],
    [0, 0, 1, 9, 9, 10, 10],
  );
  expect(shown(line)).toEqual([
    ['event', 'order created', 0, 'done'],
    ['event', 'saga started', 0, 'done'],
    ['step', 'ReserveInventory', 1_000, 'done'],
    ['step', 'ProcessPayment', 8_000, 'failed'],
    ['event', 'compensation started', 0, 'done'],
    ['compensation', 'CompensateInventory', 1_000, 'done'],
    ['event', 'order failed', 0, 'done'],
    ['message', 'order-failures', 0, 'done'],
  ]);
  expect(line.entries[3]).toMatchObject({ attempts: 3, lastError: error, detail: 'declined' });
});

test('a cancel in the midst of a step does not shorten it', async () => {
  const line = await timeline([created, started, facts.cancelRequested, facts.stockReserved], [0, 0, 4, 5]);
  expect(line.entries.find(({ name }) => name === 'ReserveInventory')).toMatchObject({ durationMs: 5_000 });
});

test('the step that is running has no end', async () => {
  const line = await timeline([created, started, facts.stockReserved]);
  expect(line).toMatchObject({ endedAt: null, durationMs: null });
  expect(line.entries.at(-1)).toMatchObject({
    ...{ kind: 'step', name: 'ProcessPayment', outcome: 'running', endedAt: null, startedAt: at(2) },
  });
});

test('waiting for its time is a wait, and is told apart from working', async () => {
  const later = { ...created, data: { ...created.data, notBefore: at(60) } };
  expect((await timeline([later])).entries.at(-1)).toMatchObject({ kind: 'wait', outcome: 'running' });
  const line = await timeline([later, ...completedOrder], [0, 60, 61, 62, 63, 64, 64]);
  expect(line.entries[1]).toMatchObject({ kind: 'wait', name: 'notBefore', durationMs: 60_000 });
  expect(line).toMatchObject({ durationMs: 64_000, waitedMs: 60_000 });
});

test('an intervention is a wait for an operator', async () => {
  const asked: OrderFact = {
    type: 'InterventionOpened',
    data: { ...facts.paymentFailed.data, step: 'ConfirmInventory', code: 'SAGA_LOST' },
  };
  const stream = [
    created,
    started,
    facts.stockReserved,
    facts.paymentProcessed,
    facts.shipmentCreated,
    asked,
  ];
  expect((await timeline(stream)).entries.slice(-2)).toMatchObject([
    { kind: 'step', name: 'ConfirmInventory', outcome: 'failed' },
    { kind: 'wait', name: 'operator', outcome: 'running' },
  ]);
});

test('every prefix of a stream has a timeline in time order that the schema takes', async () => {
  for (const stream of [completedOrder, failedOrder])
    for (let length = 0; length <= stream.length; length++) {
      const line = await timeline([created, ...stream.slice(0, length)]);
      const starts = line.entries.map(({ startedAt }) => startedAt);
      expect(starts).toEqual([...starts].sort());
      expect(orderTimeline.parse(line)).toEqual(line);
    }
});

test('the route answers the timeline, and NOT_FOUND for an order that there is not', async () => {
  const { store } = await stored([created, ...completedOrder], [0, 1, 2, 3, 4, 5, 6]);
  const call = await callTo(ROUTES.GetOrderTimeline, { params: { id: ORDER_ID } });
  expect(await timelineAnswer(store, call)).toMatchObject({ status: 200, jsonBody: { status: 'completed' } });
  const other = await callTo(ROUTES.GetOrderTimeline, { params: { id: ORDER_ID.replace(/1$/, '2') } });
  await expect(timelineAnswer(store, other)).rejects.toMatchObject({
    code: 'NOT_FOUND',
  } satisfies Partial<HttpProblem>);
});
