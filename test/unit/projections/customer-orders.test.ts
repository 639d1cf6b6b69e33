import fc from 'fast-check';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import type { OrderFact } from '../../../src/domain/order-events';
import { createCustomerOrders, evolve, listCustomerOrders } from '../../../src/projections/customer-orders';
import { createOrderStreams } from '../../../src/projections/order-streams';
import { inSequence } from '../../../src/projections/projection';
import type { OrderSummary } from '../../../src/queries/order-view';
import {
  createMemoryCustomerOrders,
  envelopes,
  viewOf,
  type MemoryCustomerOrders,
} from '../../support/memory-read-models';
import { SCOPE, completedOrder, created, facts, ORDER_ID } from '../../support/orders';

const step = { step: 'ProcessPayment', attempts: 3, lastError: { code: 'X', message: 'x' } };
const interventionOpened: OrderFact = {
  type: 'InterventionOpened',
  data: { ...step, code: 'SHIPPING_ERROR', detailCode: 'X', reason: 'x' },
};
const compensationFailed: OrderFact = {
  type: 'CompensationFailed',
  data: { ...step, undoes: 'ProcessPayment', reason: 'x', transactionId: null },
};
const happy: readonly OrderFact[] = [created, ...completedOrder];

function open(stream: readonly EventEnvelope[]): {
  store: MemoryCustomerOrders;
  streamReads: () => number;
  readonly project: (...page: readonly EventEnvelope[]) => Promise<void>;
  readonly shown: () => Promise<OrderSummary | undefined>;
} {
  let reads = 0;
  const store = createMemoryCustomerOrders();
  const streams = createOrderStreams({
    eventsAfter: (_scope, _orderId, sequence) => {
      reads += 1;
      return Promise.resolve(stream.filter((event) => event.sequence > sequence));
    },
  });
  const projection = createCustomerOrders(store, streams);
  return {
    store,
    streamReads: () => reads,
    project: async (...page) => {
      const events = inSequence(page);
      streams.remember(events);
      await projection.project(events);
    },
    shown: async () => (await listCustomerOrders(store, { ...SCOPE, customerId: 'cust-1' }, { limit: 1 }))[0],
  };
}

/** Every kind of event, in any number and order behind OrderCreated: folding takes them all. */
const anyStream = fc
  .array(
    fc.constantFrom<OrderFact>(
      ...happy.slice(1),
      ...Object.values(facts),
      interventionOpened,
      compensationFailed,
    ),
    {
      maxLength: 12,
    },
  )
  .map((more) => envelopes(ORDER_ID, [created, ...more]));

test('the events of a page are taken by order, in sequence and once each, however the feed brings them', () => {
  const [a1, a2, a3] = envelopes('a', happy);
  const [b1, b2] = envelopes('b', happy);
  if (!a1 || !a2 || !a3 || !b1 || !b2) throw new Error('the happy path has more events');
  expect(inSequence([a3, b2, a1, b1, a2, b2, a3])).toEqual([a1, a2, a3, b1, b2]);
});

describe('the fold of customer-orders', () => {
  test('is what the order itself shows, whatever happened', () => {
    fc.assert(
      fc.property(anyStream, (stream) => {
        const folded = stream.reduce(evolve, undefined);
        const changedAt = stream.at(-1)?.occurredAt;
        expect(folded).toEqual({ ...viewOf(stream), customerKey: 'default\ncust-1', changedAt });
      }),
    );
  });

  test('takes an event once', () => {
    const stream = envelopes(ORDER_ID, happy);
    const folded = stream.reduce(evolve, undefined);
    expect(stream.reduce(evolve, folded)).toBe(folded);
  });
});

describe('the projection into customer-orders', () => {
  test('customer-orders.C1: ends in the same document in any order of delivery, with repetitions, and after a restart', async () => {
    const delivery = anyStream.chain((stream) =>
      fc.record({
        stream: fc.constant(stream),
        pages: fc.array(fc.array(fc.constantFrom(...stream), { minLength: 1, maxLength: 6 }), {
          maxLength: 6,
        }),
        rest: fc.shuffledSubarray(stream, { minLength: stream.length }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(delivery, async ({ stream, pages, rest }) => {
        const { store, project, shown } = open(stream);
        for (const page of pages) await project(...page);
        for (const event of rest) await project(event);
        expect(await shown()).toEqual(viewOf(stream));
        const restarted = createCustomerOrders(
          store,
          createOrderStreams({ eventsAfter: () => Promise.resolve(stream) }),
        );
        await restarted.project(stream);
        expect(await shown()).toEqual(viewOf(stream));
      }),
      { numRuns: 60 },
    );
  });

  test('writes all that a page brings of an order in one request, and reads nothing', async () => {
    const stream = envelopes(ORDER_ID, happy);
    const { store, streamReads, project, shown } = open(stream);
    await project(...stream.slice(0, 3));
    expect(store.requests).toBe(1);
    await project(...stream.slice(3));
    expect([store.requests, streamReads()]).toEqual([2, 0]);
    expect((await shown())?.status).toBe('completed');
  });

  test('needs two requests for a page that was taken before', async () => {
    const stream = envelopes(ORDER_ID, happy);
    const { store, project } = open(stream);
    await project(...stream);
    store.requests = 0;
    await project(...stream);
    expect(store.requests).toBe(2);
  });

  test('customer-orders.C1: a write of another host in between is not taken back', async () => {
    const stream = envelopes(ORDER_ID, happy);
    const { store, project, shown } = open(stream);
    await project(...stream.slice(0, 3));
    store.beforeChange = () => {
      store.beforeChange = () => undefined;
      const ahead = stream.reduce(evolve, undefined);
      if (ahead !== undefined) store.documents.set(ORDER_ID, { order: ahead, etag: 'of another host' });
    };
    await project(...stream.slice(3, 5));
    expect((await shown())?.version).toBe(7);
  });

  test('customer-orders.C2: an event that cannot be read is passed over, and what comes behind it is shown', async () => {
    const stream = envelopes(ORDER_ID, happy).filter(({ sequence }) => sequence !== 4);
    const { project, shown } = open(stream);
    await project(...stream.slice(0, 3));
    await project(...stream.slice(3));
    expect(await shown()).toMatchObject({ status: 'completed', trackingId: 'trk_1', version: 7 });
  });

  test('shows nothing of an order whose beginning cannot be read', async () => {
    const stream = envelopes(ORDER_ID, happy).slice(1);
    const { project, shown } = open(stream);
    await project(...stream);
    expect(await shown()).toBeUndefined();
  });
});

test.each([false, true])(
  'a return that closes says whether an operator is still asked: %s',
  async (asksOperator) => {
    const requested: OrderFact = {
      type: 'ReturnRequested',
      data: {
        ...{ returnNumber: 1, definitionVersion: 1, reason: 'x', requestedBy: 'customer' },
        ...{ lines: [], requestKey: null, requestHash: '' },
      },
    };
    const asked: OrderFact = {
      type: 'InterventionOpened',
      data: { ...step, code: 'RETURN_FAILED', detailCode: 'X', reason: 'x', returnNumber: 1 },
    };
    const stream = envelopes(ORDER_ID, [
      ...(asksOperator ? [...happy, interventionOpened] : happy),
      ...[requested, asked, { type: 'ReturnClosed', data: { returnNumber: 1, asksOperator } } as const],
    ]);
    const { project, shown } = open(stream);
    await project(...stream.slice(0, -1));
    expect(await shown()).toMatchObject({ needsIntervention: true });
    await project(...stream.slice(-1));
    expect(await shown()).toEqual(viewOf(stream));
    expect(await shown()).toMatchObject({ needsIntervention: asksOperator });
  },
);
