import fc from 'fast-check';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import type { OrderFact } from '../../../src/domain/order-events';
import { TransientError } from '../../../src/errors';
import { relayChanges, type Relayed } from '../../../src/events/relay';
import type { Unsendable } from '../../../src/ports/event-publisher';
import type { OrderFailure } from '../../../src/ports/order-failures';
import { createMemoryOrderStore, type MemoryOrderStore } from '../../support/memory-order-store';
import { AT, completedOrder, facts, failedOrder, ORDER_ID, orderAfter, started } from '../../support/orders';
import { eventsOf } from '../../support/relay-events';

interface EventDocument extends Record<string, unknown> {
  readonly orderId: string;
  readonly sequence: number;
}

/** The event documents of an order, as the feed brings them. */
function documents(more: readonly OrderFact[], orderId?: string): EventDocument[] {
  return eventsOf(more, orderId).map((event) => ({ id: event.eventId, kind: 'event', ...event, _ts: 1 }));
}

interface Relaying {
  readonly orders: MemoryOrderStore;
  /** In the order in which they were published. */
  readonly published: EventEnvelope[];
  readonly told: OrderFailure[];
  readonly parked: { source: string; document: unknown; reason: string }[];
  /** What the targets do with what they are given. */
  publish(events: readonly EventEnvelope[]): Promise<readonly Unsendable<EventEnvelope>[]>;
  tell(failures: readonly OrderFailure[]): Promise<readonly Unsendable<OrderFailure>[]>;
  readonly relay: (changes: readonly unknown[]) => Promise<Relayed>;
}

function open(): Relaying {
  const orders = createMemoryOrderStore();
  orders.seed(orderAfter(...failedOrder), []);
  const relaying: Relaying = {
    orders,
    published: [],
    told: [],
    parked: [],
    publish: (events) => {
      relaying.published.push(...events);
      return Promise.resolve([]);
    },
    tell: (failures) => {
      relaying.told.push(...failures);
      return Promise.resolve([]);
    },
    relay: (changes) =>
      relayChanges(
        {
          source: 'RelayEvents',
          publisher: { publish: (events) => relaying.publish(events) },
          parking: {
            park: (source, document, reason) =>
              Promise.resolve(void relaying.parked.push({ source, document, reason })),
          },
          failures: { orders, queue: { publish: (failures) => relaying.tell(failures) } },
        },
        changes,
      ),
  };
  return relaying;
}

const ids = (events: readonly { readonly eventId: string }[]): string[] =>
  events.map(({ eventId }) => eventId);
const outage = new TransientError('BROKER_UNAVAILABLE', 'away', { outage: true });

describe('the relay publishes', () => {
  test('every event as its envelope, without what the store adds', async () => {
    const { relay, published } = open();
    const [envelope] = eventsOf(completedOrder);
    expect(await relay(documents(completedOrder).slice(0, 1))).toMatchObject({
      events: 1,
      failures: 0,
      parked: [],
    });
    expect(published).toEqual([envelope]);
  });

  test('the events of an order by sequence, in whatever order the feed brings them', async () => {
    const { relay, published } = open();
    await relay(documents(completedOrder).reverse());
    expect(published.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test('nothing else: orders, snapshots and what is no document are passed by', async () => {
    const { relay, published, parked } = open();
    const order = { id: ORDER_ID, kind: 'order', ...orderAfter(started) };
    await relay([order, { kind: 'snapshot' }, null, 'x', {}]);
    expect([published, parked]).toEqual([[], []]);
  });

  test('any page sorted within each order, and loses none', async () => {
    const orders = ['a', 'b', 'c'].flatMap((orderId) => documents(completedOrder, orderId));
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(orders), async (page) => {
        const { relay, published } = open();
        await relay(page);
        expect(ids(published).sort()).toEqual(page.map(({ id }) => String(id)).sort());
        for (const orderId of ['a', 'b', 'c']) {
          const sequence = published
            .filter((event) => event.orderId === orderId)
            .map((event) => event.sequence);
          expect(sequence).toEqual([...sequence].sort((a, b) => a - b));
        }
      }),
    );
  });
});

test.each<[string, object]>([
  ['an unknown type', { type: 'CustomerScreened', data: { new: [1] } }],
  ['a newer version', { schemaVersion: 9, data: { new: [1] } }],
])('S21: an event of %s goes out as the newer release wrote it, in its place', async (_what, change) => {
  const { relay, published, parked } = open();
  const page = documents(completedOrder).map((document) =>
    document.sequence === 3 ? { ...document, ...change, _etag: 'x' } : document,
  );
  await relay(page);
  expect(published.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(published[2]).toMatchObject(change);
  expect(published[2]).not.toHaveProperty('_etag');
  expect(parked).toEqual([]);
});

describe('what can never go out is parked with its reason, and the rest goes', () => {
  const [, , poisoned] = documents(completedOrder);
  test.each<[string, object, RegExp]>([
    ['an invalid event', { data: { step: 'ReserveInventory' } }, /invalid: .*data\.reservationId/],
    ['an event of an order that no document can be named after', { orderId: 'a/b' }, /invalid: orderId must/],
    ['an event without a type', { type: undefined }, /invalid: type/],
  ])('%s', async (_what, change, reason) => {
    const { relay, published, parked } = open();
    const poison = { ...poisoned, ...change };
    const { parked: reported } = await relay(
      documents(completedOrder).map((document) => (document.sequence === 3 ? poison : document)),
    );
    expect(published.map(({ sequence }) => sequence)).toEqual([1, 2, 4, 5, 6, 7]);
    expect(parked).toEqual([
      { source: 'RelayEvents', document: poison, reason: expect.stringMatching(reason) as unknown },
    ]);
    expect(reported).toEqual([{ document: poison, reason: expect.stringMatching(reason) as unknown }]);
  });

  test('an event that fits into no message', async () => {
    const relaying = open();
    relaying.publish = ([first]) =>
      Promise.resolve(first === undefined ? [] : [{ item: first, reason: 'too large' }]);
    await relaying.relay(documents(completedOrder));
    expect(relaying.parked).toEqual([
      {
        source: 'RelayEvents',
        document: expect.objectContaining({ eventId: `${ORDER_ID}:1` }) as unknown,
        reason: 'too large',
      },
    ]);
  });

  test('only when the rest has gone out: a target that is away parks nothing and fails the invocation', async () => {
    const relaying = open();
    relaying.publish = () => Promise.reject(outage);
    const changes = [...documents(completedOrder), { ...poisoned, type: 'OrderVanished' }];
    await expect(relaying.relay(changes)).rejects.toBe(outage);
    expect(relaying.parked).toEqual([]);
  });
});

describe('of an order that failed the relay', () => {
  test('tells once: where, why, and what became of the compensations', async () => {
    const { told, relay } = open();
    expect(await relay(documents(failedOrder))).toMatchObject({ failures: 1 });
    expect(told).toEqual([
      expect.objectContaining({
        orderId: ORDER_ID,
        failedStep: 'ProcessPayment',
        failureCode: 'PAYMENT_FAILED',
        failureDetailCode: 'CARD_DECLINED',
        failureReason: 'declined',
        compensations: [expect.objectContaining({ step: 'CompensateInventory', outcome: 'done' })],
        needsIntervention: false,
        correlationId: 'corr-1',
        failedAt: AT,
      }),
    ]);
  });

  test('tells nothing when the store no longer has it', async () => {
    const { told, relay } = open();
    await relay(documents(failedOrder, 'gone'));
    expect(told).toEqual([]);
  });

  test('relay.R4: tells nothing yet when the store does not show the failure yet, and the whole of it afterwards', async () => {
    const { orders, told, relay } = open();
    orders.seed(orderAfter(...failedOrder.slice(0, -2)), []);
    await expect(relay(documents(failedOrder))).rejects.toMatchObject({ code: 'STORE_BEHIND' });
    expect(told).toEqual([]);
    orders.seed(orderAfter(...failedOrder), []);
    await relay(documents(failedOrder));
    expect(told).toEqual([
      expect.objectContaining({
        failureCode: 'PAYMENT_FAILED',
        compensations: [expect.objectContaining({ step: 'CompensateInventory' })],
      }),
    ]);
  });

  test('parks what fits into no message', async () => {
    const relaying = open();
    relaying.tell = (failures) => Promise.resolve(failures.map((item) => ({ item, reason: 'too large' })));
    await relaying.relay(documents(failedOrder));
    expect(relaying.parked).toEqual([
      expect.objectContaining({
        document: expect.objectContaining({ orderId: ORDER_ID, failedAt: AT }) as unknown,
      }),
    ]);
  });

  test('fails the invocation when the queue is away, so that the feed brings it again', async () => {
    const relaying = open();
    relaying.tell = () => Promise.reject(outage);
    await expect(relaying.relay(documents(failedOrder))).rejects.toBe(outage);
  });
});

test('of orders that are on their way, completed or cancelled the relay tells no failure', async () => {
  const { told, relay } = open();
  await relay(documents(completedOrder));
  await relay(documents([started, facts.cancelRequested, facts.cancelled]));
  expect(told).toEqual([]);
});

describe('copies of some events', () => {
  /** Relays `changes` with a second target for what ended well or was cancelled; gives what it got. */
  async function copied(
    changes: readonly unknown[],
    publish: (events: readonly EventEnvelope[]) => Promise<readonly Unsendable<EventEnvelope>[]>,
  ): Promise<Relayed> {
    return relayChanges(
      {
        source: 'RelayEvents',
        publisher: { publish: () => Promise.resolve([]) },
        parking: { park: () => Promise.resolve() },
        copies: { types: ['OrderCompleted', 'OrderCancelled'], publisher: { publish } },
      },
      changes,
    );
  }

  test('go to the second target, and no others do: each would be paid for', async () => {
    const got: string[] = [];
    await copied(documents(completedOrder), (events) => {
      got.push(...events.map(({ type }) => type));
      return Promise.resolve([]);
    });
    expect(got).toEqual(['OrderCompleted']);
  });

  test('do not trouble the second target when there are none', async () => {
    const publish = jest.fn(() => Promise.resolve([]));
    await copied(documents([]), publish);
    expect(publish).not.toHaveBeenCalled();
  });

  test('relay.R2: are parked when the second target refuses them for good', async () => {
    const { parked } = await copied(documents(completedOrder), (events) =>
      Promise.resolve(events.map((item) => ({ item, reason: 'too large' }))),
    );
    expect(parked).toEqual([
      { document: expect.objectContaining({ type: 'OrderCompleted' }) as unknown, reason: 'too large' },
    ]);
  });

  test('relay.R3: fail the whole batch while the second target is away', async () => {
    const away = new TransientError('EVENT_GRID_UNAVAILABLE', 'away', { outage: true });
    await expect(copied(documents(completedOrder), () => Promise.reject(away))).rejects.toBe(away);
  });
});
