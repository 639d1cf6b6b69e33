// A system whose processes were killed and whose disk had lied: the end of a log is gone. Orders whose acknowledgement
// lay there may be gone; nothing else may be half there, and where engine and store disagree somebody is told.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ManualClock } from 'azure-local/kit/clock';
import { createCosmosServer } from 'azure-local/cosmos/server';
import { poll } from '../../local/demo/system-client';
import { createStore } from 'azure-local/durable/store';
import { createLedger } from 'order-saga-simulators/ledger';
import { createStock } from 'order-saga-simulators/stock';
import { Journal } from 'azure-local/storage/journal';
import type { WalContent } from 'azure-local/storage/wal-file';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { fold, headOf, type OrderHead } from '../../src/domain/order';
import { imbalance } from '../../tools/crash/end';
import { crashSystem, QUANTITY, storeAt } from '../../tools/crash/system';
import { SCOPE } from '../support/orders';
import { copyDatabase, cutWal, walOf } from 'azure-local/testing/torn-files';

const PRODUCT = 'torn-lamp';
const STOCK = 1_000;
const SETTINGS = {
  'OrderProcessing:ReconcileAfterSeconds': '1',
  'OrderProcessing:BreakerOpenSeconds': '0.2',
};
/** How many places each log is cut at. */
const CUTS = Number(process.env['TORN_CUTS'] ?? 16);
const WITHIN_MS = 150_000;

const ENDED = Array.from({ length: 5 }, (_, index) => `${index === 2 ? 'noship-' : ''}ended-${index}`);
const RUNNING = Array.from({ length: 8 }, (_, index) => `running-${index}`);

let folder: string;
let killed: string;
const ids = new Map<string, string>();

const orderOf = (key: string) => ({ customerId: key, key, productId: PRODUCT });
/** What the document of a stream holds. */
function documentOf(...stream: Parameters<typeof fold>): OrderHead | undefined {
  const order = fold(...stream);
  return order === undefined ? undefined : headOf(order);
}
const fileOf = (dataDir: string, name: 'platform' | 'host'): string => path.join(dataDir, `${name}.db`);

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'order-saga-torn-'));
  killed = path.join(folder, 'killed');
  const system = await startSystem({ dataDir: killed, settings: SETTINGS });
  const before = crashSystem(system);
  await before.client.setStock(PRODUCT, STOCK);
  for (const key of ENDED) ids.set(key, await before.postUntilTaken(orderOf(key)));
  await poll(
    () => Promise.all([...ids.values()].map((id) => before.store.read(SCOPE, id))),
    (orders) => orders.every((stored) => stored?.order.ended),
    WITHIN_MS,
  );
  await Promise.all(RUNNING.map(async (key) => ids.set(key, (await before.post(orderOf(key))).id)));
  await system.kill('all');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Numbers of frames at which to cut: over the whole log, at ends of transactions and between them. */
function cutsOf({ commits, framesInFile }: WalContent): number[] {
  const first = commits[commits.length >> 2] ?? 0;
  return Array.from({ length: CUTS }, (_, index) =>
    index % 2 === 0
      ? (commits[Math.floor((commits.length - 1) * (1 - index / CUTS))] ?? 0)
      : Math.floor(first + ((framesInFile - first) * index) / CUTS),
  );
}

describe('a log that was cut off anywhere', () => {
  /** Calls `look` with a copy of the database, cut at each of the places. */
  async function atEveryCut(
    name: 'platform' | 'host',
    look: (journal: Journal) => Promise<void> | void,
  ): Promise<void> {
    const wal = walOf(fileOf(killed, name));
    for (const [index, frames] of cutsOf(wal).entries()) {
      const copy = path.join(folder, `${name}-${index}.db`);
      copyDatabase(fileOf(killed, name), copy);
      // Inside a frame as often as at its end.
      cutWal(copy, wal, frames, frames < wal.framesInFile ? (index % 3) * 1_000 : 0);
      const journal = new Journal(copy);
      await look(journal);
      await journal.close();
      rmSync(copy);
    }
  }

  test('S5: leaves streams without gaps, and documents that are the fold of them', async () => {
    const seen = new Set<number>();
    await atEveryCut('platform', async (journal) => {
      const log = { info: jest.fn(), warn: jest.fn(), error: jest.fn() };
      const server = createCosmosServer({ journal, clock: new ManualClock(), log });
      const store = storeAt((await server.listen(0)).replace(/\/$/, ''));
      let orders = 0;
      for (const id of ids.values()) {
        const stored = await store.read(SCOPE, id).catch(() => undefined);
        if (stored === undefined) continue;
        orders += 1;
        const events = await store.eventsAfter(SCOPE, id, 0);
        expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
        expect(stored.order).toEqual(documentOf(id, events));
      }
      seen.add(orders);
      await server.close();
    });
    // Some cuts lose orders and some do not: the cuts were where the orders are.
    expect(seen.size).toBeGreaterThan(1);
  });

  test('S2: leaves a stock that is what the ledger says, effect by effect', async () => {
    await atEveryCut('platform', (journal) => {
      const ledger = createLedger(journal, new ManualClock());
      const lines = ledger
        .lines({ after: 0, limit: 10_000 })
        .filter(({ productIds }) => productIds?.includes(PRODUCT));
      const count = (effect: string): number =>
        lines.filter((line) => line.effect === effect).length * QUANTITY;
      const level = createStock(journal, undefined).level(PRODUCT);
      if (level.unlimited) return;
      expect(level).toMatchObject({
        onHand: STOCK - count('stockConfirmed'),
        reserved: count('stockReserved') - count('stockReleased') - count('stockConfirmed'),
      });
    });
  });

  test('durable-store.D1: leaves orchestrations with every episode up to some moment, each whole', async () => {
    await atEveryCut('host', (journal) => {
      const unfinished = createStore(journal).loadUnfinished();
      for (const { facts, history } of unfinished) {
        expect(ids.values()).toContain(facts.id);
        expect(JSON.parse(`[${history}]`)).toBeInstanceOf(Array);
      }
      const gaps = journal.statement(
        'SELECT key FROM durable_episodes GROUP BY key HAVING count(*) <> max(number) + 1 UNION ' +
          'SELECT key FROM durable_episodes WHERE key NOT IN (SELECT key FROM durable_instances)',
      );
      expect(gaps.all()).toEqual([]);
    });
  });
});

describe.each([
  ['the platform', ['platform']],
  ['the host', ['host']],
  ['both', ['platform', 'host']],
] as const)('a system where %s lost the end of its log', (_what, names) => {
  let system: RunningSystem;

  beforeAll(async () => {
    const dataDir = path.join(folder, names.join('-'));
    mkdirSync(dataDir);
    cpSync(killed, dataDir, { recursive: true, filter: (file) => !/(?:shm|run\.json)$/.test(file) });
    for (const name of names) {
      const wal = walOf(fileOf(dataDir, name));
      cutWal(fileOf(dataDir, name), wal, Math.floor(wal.framesCommitted * 0.85));
    }
    system = await startSystem({ dataDir, settings: SETTINGS });
  });
  afterAll(() => system.stop());

  test('S6: takes orders, and every stored order ends with all of its effects or none, or is handed to an operator', async () => {
    const after = crashSystem(system);
    const fresh = await after.postUntilTaken(orderOf('fresh'));
    let ended = 0;
    for (const id of [fresh, ...ids.values()]) {
      const stored = await poll(
        () => after.store.read(SCOPE, id),
        (found) => found === undefined || found.order.ended || found.order.saga.needsIntervention,
        WITHIN_MS,
      );
      if (stored === undefined) continue;
      const { order } = stored;
      const events = await after.store.eventsAfter(SCOPE, id, 0);
      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
      expect(order).toEqual(documentOf(id, events));
      if (order.saga.needsIntervention) continue;
      ended += 1;
      expect(imbalance({ order, folded: order } as never, await after.effects(id))).toBeUndefined();
    }
    expect((await after.store.read(SCOPE, fresh))?.order.status).toBe('completed');
    expect(ended).toBeGreaterThan(1);
  });

  test('takes an order that was lost when it is sent again', async () => {
    const after = crashSystem(system);
    const again = await Promise.all(RUNNING.map((key) => after.postUntilTaken(orderOf(key))));
    expect(again).toEqual(RUNNING.map((key) => ids.get(key)));
    for (const id of again) {
      await poll(
        () => after.store.read(SCOPE, id),
        (found) => found?.order.ended === true || found?.order.saga.needsIntervention === true,
        WITHIN_MS,
      );
    }
  });
});
