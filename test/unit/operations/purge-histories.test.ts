// What is purged, in which order, and where the next run goes on.
import fc from 'fast-check';
import { TransientError } from '../../../src/errors';
import { purgeHistories, type Purged } from '../../../src/operations/purge-histories';
import type { EndedOrder, FoundHistory, PurgeProgress, SagaRecord } from '../../../src/ports/saga-histories';
import { toIso } from '../../../src/ports/clock';

const RETENTION_MS = 1_000_000;
const NOW_MS = Date.UTC(2026, 0, 31);
const LONG_AGO_MS = NOW_MS - 2 * RETENTION_MS;
const PAGE = 200;
const DAY_MS = 86_400_000;

const recordOf = (orderId: string): SagaRecord => ({
  orderId,
  orchestrator: 'OrderSagaOrchestrator',
  runtimeStatus: 'Completed',
  createdAt: toIso(LONG_AGO_MS),
  endedAt: toIso(LONG_AGO_MS),
  input: null,
  output: null,
  customStatus: null,
  history: [{ EventType: 'ExecutionStarted' }],
});

/** A task hub, an archive and orders in memory; every look at an instance takes `stepMs`. */
function open(count: number, stepMs = 0) {
  let nowMs = NOW_MS;
  const orders: EndedOrder[] = Array.from({ length: count }, (_, index) => ({
    orderId: `order-${index}`,
    updatedAt: toIso(LONG_AGO_MS + index),
  }));
  const hub = new Map<string, FoundHistory>(
    orders.map(({ orderId }) => [orderId, { kind: 'ended', record: recordOf(orderId) }]),
  );
  const archived = new Map<string, SagaRecord>();
  const warnings: string[] = [];
  let progress: PurgeProgress = { seenUntil: '', kept: [] };
  let version = 0;
  const state = {
    needed: new Set<string>(),
    refuses: new Set<string>(),
    dies: ((): boolean => false) as (orderId: string) => boolean,
  };
  const run = (budgetMs = Infinity): Promise<Purged> =>
    purgeHistories(
      {
        endedOrders: {
          async *between(_, from, before) {
            const seen = orders.filter(
              ({ orderId, updatedAt }) =>
                updatedAt >= from && updatedAt < before && !state.needed.has(orderId),
            );
            for (let at = 0; at < seen.length; at += PAGE)
              yield await Promise.resolve(seen.slice(at, at + PAGE));
          },
          has: (_, orderId, before) =>
            Promise.resolve(
              orders.some(
                (order) =>
                  order.orderId === orderId && order.updatedAt < before && !state.needed.has(orderId),
              ),
            ),
        },
        histories: {
          find: (orderId) => {
            nowMs += stepMs;
            return Promise.resolve(hub.get(orderId) ?? { kind: 'none' });
          },
          purge: (orderId) => {
            if (!archived.has(orderId)) throw new Error(`${orderId} left the hub before it was archived`);
            if (state.dies(orderId)) throw new TransientError('TASK_HUB_UNAVAILABLE', 'away');
            hub.delete(orderId);
            return Promise.resolve();
          },
        },
        archive: {
          keep: (record) => {
            if (state.refuses.has(record.orderId)) return Promise.resolve(false);
            archived.set(record.orderId, record);
            return Promise.resolve(true);
          },
          readProgress: () =>
            Promise.resolve({ progress, etag: version === 0 ? undefined : String(version) }),
          writeProgress: (written, etag) => {
            if (etag !== (version === 0 ? undefined : String(version))) return Promise.resolve(undefined);
            progress = written;
            version += 1;
            return Promise.resolve(String(version));
          },
        },
        clock: { nowMs: () => nowMs },
        log: {
          info: () => undefined,
          warn: (_, { why }) => warnings.push(String(why)),
          error: () => undefined,
        },
      },
      { retentionMs: RETENTION_MS, budgetMs },
    );
  return {
    ...{ orders, hub, archived, warnings, state, run },
    spentMs: () => nowMs - NOW_MS,
    pass: (ms: number) => (nowMs += ms),
    progress: () => progress,
  };
}

describe('the histories of returns', () => {
  /** An order with two returns, each with its history. */
  function withReturns() {
    const app = open(1);
    app.orders[0] = { orderId: 'order-0', updatedAt: toIso(LONG_AGO_MS), returns: 2 };
    for (const id of RETURN_IDS) app.hub.set(id, { kind: 'ended', record: recordOf(id) });
    return app;
  }
  const RETURN_IDS = ['order-0:return:1', 'order-0:return:2'];

  test('go to the archive with that of their order, and leave the task hub', async () => {
    const app = withReturns();
    expect(await app.run()).toEqual({ purged: 1, kept: 0, finished: true });
    expect([...app.archived.keys()]).toEqual(['order-0', ...RETURN_IDS]);
    expect(app.hub.size).toBe(0);
  });

  test('purge-histories.P4: one that cannot be archived holds up no other, and is looked at again', async () => {
    const app = withReturns();
    app.state.refuses.add('order-0:return:1');
    expect(await app.run()).toEqual({ purged: 0, kept: 1, finished: true });
    expect([...app.hub.keys()]).toEqual(['order-0:return:1']);
    expect(app.progress().kept).toMatchObject([{ orderId: 'order-0', returns: 2 }]);
    app.state.refuses.clear();
    app.pass(DAY_MS);
    expect(await app.run()).toEqual({ purged: 1, kept: 0, finished: true });
    expect([app.hub.size, app.progress().kept]).toEqual([0, []]);
  });

  test('purge-histories.P1: a crash between two of them leaves none out', async () => {
    const app = withReturns();
    app.state.dies = (id) => id === 'order-0:return:2';
    await expect(app.run()).rejects.toThrow('away');
    expect([...app.hub.keys()]).toEqual(['order-0:return:2']);
    app.state.dies = () => false;
    expect(await app.run()).toEqual({ purged: 1, kept: 0, finished: true });
    expect([app.hub.size, app.archived.size]).toEqual([0, 3]);
  });
});

test('10,000 histories go over several runs, none longer than its budget; as many are archived as purged', async () => {
  const budgetMs = 30_000;
  const app = open(10_000, 10);
  let [runs, purged, finished] = [0, 0, false];
  for (; !finished; runs++) {
    const before = app.spentMs();
    const result = await app.run(budgetMs);
    // A group that was begun is finished.
    expect(app.spentMs() - before).toBeLessThanOrEqual(budgetMs + 16 * 10);
    purged += result.purged;
    finished = result.finished;
  }
  expect(runs).toBeGreaterThan(2);
  expect([purged, app.archived.size, app.hub.size]).toEqual([10_000, 10_000, 0]);
});

test('an order that changed within the retention keeps its history', async () => {
  const app = open(1);
  app.orders.push({ orderId: 'young', updatedAt: toIso(NOW_MS - RETENTION_MS + 1) });
  app.hub.set('young', { kind: 'ended', record: recordOf('young') });
  expect(await app.run()).toEqual({ purged: 1, kept: 0, finished: true });
  expect([...app.hub.keys()]).toEqual(['young']);
});

test('an instance that still lives, and one too large for the archive, stay and are told of', async () => {
  const app = open(3);
  app.hub.set('order-0', { kind: 'unfit', why: 'it is Running' });
  app.state.refuses.add('order-2');
  expect(await app.run()).toEqual({ purged: 1, kept: 2, finished: true });
  expect([...app.hub.keys()]).toEqual(['order-0', 'order-2']);
  expect(app.warnings).toEqual(['it is Running', 'it is too large for the archive']);
});

test('what was kept is looked at again after a day, and every day, until it is archived or gone', async () => {
  const app = open(3);
  app.hub.set('order-0', { kind: 'unfit', why: 'it is Running' });
  app.hub.set('order-1', { kind: 'unfit', why: 'the task hub cannot show its history' });
  app.state.refuses.add('order-2');
  expect(await app.run()).toEqual({ purged: 0, kept: 3, finished: true });
  expect(
    app
      .progress()
      .kept.map(({ orderId }) => orderId)
      .sort(),
  ).toEqual(['order-0', 'order-1', 'order-2']);

  app.hub.set('order-0', { kind: 'ended', record: recordOf('order-0') });
  expect(await app.run()).toEqual({ purged: 0, kept: 0, finished: true });
  app.pass(DAY_MS);
  expect(await app.run()).toEqual({ purged: 1, kept: 2, finished: true });
  expect([...app.hub.keys()]).toEqual(['order-1', 'order-2']);

  app.hub.delete('order-1');
  app.state.refuses.clear();
  app.pass(DAY_MS);
  expect(await app.run()).toEqual({ purged: 1, kept: 0, finished: true });
  expect(app.hub.size).toBe(0);
  expect(app.progress().kept).toEqual([]);
});

test('what was kept is left alone when its order needs an operator by then', async () => {
  const app = open(1);
  app.hub.set('order-0', { kind: 'unfit', why: 'it is Running' });
  await app.run();
  app.state.needed.add('order-0');
  app.hub.set('order-0', { kind: 'ended', record: recordOf('order-0') });
  app.pass(DAY_MS);
  expect(await app.run()).toEqual({ purged: 0, kept: 0, finished: true });
  expect([...app.hub.keys()]).toEqual(['order-0']);
  expect(app.progress().kept).toEqual([]);
});

test('a run with no time left for what was kept looks at it the next time', async () => {
  const app = open(1, 10);
  app.hub.set('order-0', { kind: 'unfit', why: 'it is Running' });
  await app.run();
  app.pass(DAY_MS);
  expect(await app.run(0)).toEqual({ purged: 0, kept: 0, finished: false });
  expect(await app.run()).toEqual({ purged: 0, kept: 1, finished: true });
});

test('orders are not passed while the list of what was kept is full', async () => {
  const app = open(2_000);
  for (const { orderId } of app.orders) app.hub.set(orderId, { kind: 'unfit', why: 'it is Running' });
  expect((await app.run()).finished).toBe(false);
  const passed = app.orders.filter(({ updatedAt }) => updatedAt <= app.progress().seenUntil);
  expect(app.progress().kept.map(({ orderId }) => orderId)).toEqual(passed.map(({ orderId }) => orderId));
  for (const { orderId } of app.orders) app.hub.set(orderId, { kind: 'ended', record: recordOf(orderId) });
  app.pass(DAY_MS);
  expect(await app.run()).toEqual({ purged: 2_000, kept: 0, finished: true });
});

test('of two runs at once one ends, and nothing that was kept is forgotten', async () => {
  const app = open(40);
  app.hub.set('order-3', { kind: 'unfit', why: 'it is Running' });
  const results = await Promise.all([app.run(), app.run()]);
  expect(results.map(({ finished }) => finished).sort()).toEqual([false, true]);
  expect(app.progress().kept.map(({ orderId }) => orderId)).toEqual(['order-3']);
  expect([...app.hub.keys()]).toEqual(['order-3']);
});

test('whenever a run is cut off, everything is in the hub or in the archive, and the next runs finish', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 60 }),
      fc.array(fc.integer({ min: 0, max: 60 })),
      async (count, cuts) => {
        const app = open(count);
        const all = [...app.hub.keys()];
        for (const cut of cuts) {
          app.state.dies = (orderId) => orderId === `order-${cut}`;
          await app.run().catch(() => undefined);
          expect(all.filter((id) => !app.hub.has(id) && !app.archived.has(id))).toEqual([]);
        }
        app.state.dies = () => false;
        await app.run();
        expect([app.hub.size, app.archived.size]).toEqual([0, count]);
      },
    ),
  );
});
