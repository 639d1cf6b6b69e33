// Live events of one order: what a reader is answered, and when.
import fc from 'fast-check';
import type { OrderHead } from '../../../src/domain/order';
import { orderEventsAnswer } from '../../../src/functions/live-events.http';
import { ROUTES } from '../../../src/functions/routes/routes';
import type { OrderStore } from '../../../src/ports/order-store';
import { nextEvents } from '../../../src/queries/live-events';
import { storeLongStream } from '../../support/long-streams';
import { createMemoryOrderStore, type MemoryOrderStore } from '../../support/memory-order-store';
import { ORDER_ID } from '../../support/orders';
import { callTo } from '../../support/route-calls';
import { parseSentEvents, type SentEvents } from '../../support/sent-events';

async function opened(length: number): Promise<{ store: MemoryOrderStore; order: OrderHead }> {
  const store = createMemoryOrderStore();
  return { store, order: await storeLongStream(store, { orderId: ORDER_ID, length }) };
}

async function ask(store: OrderStore, query: string, lastId?: string): Promise<SentEvents> {
  const headers = lastId === undefined ? {} : { 'last-event-id': lastId };
  const call = await callTo(ROUTES.WatchOrder, { params: { id: ORDER_ID }, query, headers });
  const { body, headers: answered } = await orderEventsAnswer(store, call);
  expect(answered?.['Content-Type']).toBe('text/event-stream');
  return parseSentEvents(body);
}

const sequences = ({ events }: SentEvents): number[] => events.map(({ id }) => Number(id));

test('events come in order with their sequence as id, after the last one that was seen', async () => {
  const { store } = await opened(5);
  expect(sequences(await ask(store, '?wait=0'))).toEqual([1, 2, 3, 4, 5]);
  expect(sequences(await ask(store, '?wait=0&after=3'))).toEqual([4, 5]);
  const { events, retryMs } = await ask(store, '?wait=0&after=1', '4');
  expect(events).toMatchObject([
    { id: '5', data: { sequence: 5, statusAfter: expect.any(String) as string } },
  ]);
  expect(retryMs).toBe(100);
});

test('a reader that goes on with the last id gets every event once, wherever its answers ended', async () => {
  const { store } = await opened(250);
  let seen: number[] = [];
  for (let lastId: string | undefined; seen.length < 250;) {
    const answer = await ask(store, '?wait=0', lastId);
    seen = [...seen, ...sequences(answer)];
    lastId = answer.lastId;
  }
  expect(seen).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
});

test('who waits is answered when an event comes, and without one when the time is up', async () => {
  const { store, order } = await opened(6);
  const behind = { ...order, version: 4 };
  expect(await nextEvents(store, behind, { after: 4, waitMs: 60_000 })).toHaveLength(2);
  expect(sequences(await ask(store, '?wait=0', '6'))).toEqual([]);
});

test('no answer has a gap, whatever a replica that is behind shows', async () => {
  const { store, order } = await opened(20);
  const lacks = fc.uniqueArray(fc.integer({ min: 1, max: 20 }));
  await fc.assert(
    fc.asyncProperty(fc.nat(19), lacks, async (after, missing) => {
      const behind: OrderStore = {
        ...store,
        eventsAfter: async (...query) =>
          (await store.eventsAfter(...query)).filter(({ sequence }) => !missing.includes(sequence)),
      };
      // From a snapshot or an event before on: what the statuses are folded from is not what is told.
      const events = await nextEvents(behind, order, { after, waitMs: 0 });
      events.forEach(({ sequence }, index) => expect(sequence).toBe(after + 1 + index));
    }),
  );
});

test('a store that goes away while a reader waits ends the answer, which the reader repeats a little later', async () => {
  const { store } = await opened(5);
  const goesAway: OrderStore = {
    ...store,
    eventsAfter: (...query) => {
      store.away = true;
      return store.eventsAfter(...query);
    },
  };
  expect(await ask(goesAway, '?wait=20')).toEqual({ retryMs: 2_000, events: [], lastId: undefined });
  await expect(ask(store, '?wait=0')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
});

test('a last id that is none is refused by name', async () => {
  const { store } = await opened(2);
  await expect(ask(store, '', 'x')).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
    errors: [{ path: 'Last-Event-ID' }],
  });
});
