// What is purged, in which order, and where the next run goes on.
import fc from 'fast-check';
import { TransientError } from '../../src/errors';
import { purgeHistories, type Purged } from '../../src/ops/purge-histories';
import type { EndedOrder, FoundHistory, SagaRecord } from '../../src/ports/saga-histories';
import { toIso } from '../../src/ports/clock';

const RETENTION_MS = 1_000_000;
const NOW_MS = Date.UTC(2026, 0, 31);
const LONG_AGO_MS = NOW_MS - 2 * RETENTION_MS;
const PAGE = 200;

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
  let mark = '';
  const state = { refuses: new Set<string>(), dies: ((): boolean => false) as (orderId: string) => boolean };
  const run = (budgetMs = Infinity): Promise<Purged> =>
    purgeHistories(
      {
        endedOrders: {
          async *between(from, before) {
            const seen = orders.filter(({ updatedAt }) => updatedAt >= from && updatedAt < before);
            for (let at = 0; at < seen.length; at += PAGE)
              yield await Promise.resolve(seen.slice(at, at + PAGE));
          },
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
          seenUntil: () => Promise.resolve(mark),
          see: (iso) => {
            mark = iso;
            return Promise.resolve();
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
  return { orders, hub, archived, warnings, state, run, spentMs: () => nowMs - NOW_MS };
}

test('NEW-05: 10,000 histories go over several runs, none longer than its budget; as many are archived as purged', async () => {
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

test('OPS-08: an order that changed within the retention keeps its history', async () => {
  const app = open(1);
  app.orders.push({ orderId: 'young', updatedAt: toIso(NOW_MS - RETENTION_MS + 1) });
  app.hub.set('young', { kind: 'ended', record: recordOf('young') });
  expect(await app.run()).toEqual({ purged: 1, kept: 0, finished: true });
  expect([...app.hub.keys()]).toEqual(['young']);
});

test('OPS-08: an instance that still lives, and one too large for the archive, stay and are told of', async () => {
  const app = open(3);
  app.hub.set('order-0', { kind: 'unfit', why: 'it is Running' });
  app.state.refuses.add('order-2');
  expect(await app.run()).toEqual({ purged: 1, kept: 2, finished: true });
  expect([...app.hub.keys()]).toEqual(['order-0', 'order-2']);
  expect(app.warnings).toEqual(['it is Running', 'it is too large for the archive']);
});

test('NEW-05: whenever a run is cut off, everything is in the hub or in the archive, and the next runs finish', async () => {
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
