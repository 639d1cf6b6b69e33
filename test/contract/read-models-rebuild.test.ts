// Rebuilding the read models on the Cosmos DB look-alike, through the official SDK, while the feed goes on.
import type { EventEnvelope } from '../../src/domain/event-envelope';
import type { CustomerScope } from '../../src/domain/scope';
import { fold } from '../../src/domain/order';
import { replayEvents } from '../../src/operations/replay';
import { createDailyStats } from '../../src/projections/daily-stats';
import { createOrderStreams } from '../../src/projections/order-streams';
import { asChange, envelopes, viewOf } from '../support/memory-read-models';
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';
import { DECLINED, HAPPY, newId, openReadModels, type ReadModels } from './read-models-fixture';
import { SCOPE } from '../support/orders';

let cosmos: Cosmos;
beforeAll(async () => {
  cosmos = await openCosmos();
});
afterAll(() => cosmos.close());
const open = (): ReadModels => openReadModels(cosmos);

describe('a rebuild', () => {
  /** Stores these streams as the saga would, and gives what the feed brings of them. */
  async function stored({ orders }: ReadModels, ...streams: EventEnvelope[][]): Promise<object[]> {
    for (const stream of streams) {
      const order = fold(stream[0]?.orderId ?? '', stream);
      if (order !== undefined) await orders.create(SCOPE, order, stream);
    }
    return streams.flat().map(asChange);
  }

  /** All documents that stay, without what Cosmos DB adds, in one order. */
  async function bytes({ container }: ReadModels, name: string): Promise<string[]> {
    const { resources } = await container(name)
      .items.query<Record<string, unknown>>(
        "SELECT * FROM c WHERE NOT STARTSWITH(c.id, 'counted:') AND c.id != 'feed'",
      )
      .fetchAll();
    return resources
      .map(({ _rid, _self, _etag, _attachments, _ts, ...document }) => canonical(document))
      .sort();
  }

  function canonical(value: unknown): string {
    return JSON.stringify(value, (_, inner: unknown) =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    );
  }

  const someStreams = (count: number): EventEnvelope[][] =>
    Array.from({ length: count }, (_, index) =>
      envelopes(newId(), index % 3 === 0 ? DECLINED : HAPPY, Date.UTC(2026, 0, 1 + (index % 4), index % 24)),
    );

  test.each(['customer-orders', 'daily-stats'] as const)(
    'of %s gives the bytes that the feed gave, whatever had become of them',
    async (projection) => {
      const system = open();
      const project = system.host();
      await project(...(await stored(system, ...someStreams(30))));
      const before = await bytes(system, projection);
      for (const [index, document] of before.entries()) {
        const { id, customerKey, dayShard } = JSON.parse(document) as Record<string, string>;
        const item = system.container(projection).item(id ?? '', customerKey ?? dayShard);
        if (index % 2 === 0) await item.delete();
        else await item.patch([{ op: 'set', path: '/completed', value: 99 }]);
      }
      const ghost = {
        id: 'ghost',
        customerKey: 'default\nghost',
        day: '2020-02-02',
        dayShard: '2020-02-02:0',
      };
      await system
        .container(projection)
        .items.create({ ...ghost, id: projection === 'daily-stats' ? 'stats:ghost' : 'ghost' });
      expect((await system.rebuilt(projection)).orders).toBe(30);
      expect(await bytes(system, projection)).toEqual(before);
    },
  );

  test('rebuild.R1, rebuild.R2: events that happen meanwhile, and those that the feed brings again, count once', async () => {
    const system = open();
    const project = system.host();
    const early = await stored(system, ...someStreams(6));
    await project(...early.slice(0, 20));
    let meanwhile: object[] = [];
    await system.rebuilt('daily-stats', async () => {
      if (meanwhile.length > 0) return;
      meanwhile = await stored(system, ...someStreams(6));
      await expect(project(...meanwhile)).rejects.toMatchObject({ code: 'FEED_HELD' });
    });
    await project(...early.slice(15), ...meanwhile);
    const live = await bytes(system, 'daily-stats');
    await system.rebuilt('daily-stats');
    expect(await bytes(system, 'daily-stats')).toEqual(live);
    const days = (await system.daily('?from=2026-01-01&to=2026-01-04')).jsonBody as readonly {
      created: number;
    }[];
    expect(days.reduce((sum, { created: count }) => sum + count, 0)).toBe(12);
  });

  test('a replay of events whose marks have expired leaves them to a rebuild, and counts none twice', async () => {
    const system = open();
    const project = system.host();
    const changes = await stored(system, ...someStreams(4));
    await project(...changes);
    const live = await bytes(system, 'daily-stats');
    cosmos.clock.advance(3 * 24 * 3_600_000);
    const { orders, feedHold, dailyStats } = system;
    const clock = { nowMs: () => Date.UTC(2026, 0, 8) };
    const projections = [createDailyStats(dailyStats, createOrderStreams(orders))];
    const replayed = await replayEvents(
      { orders, clock, feedHold, projections },
      { reach: SCOPE, dryRun: false },
    );
    expect(replayed).toMatchObject({ matched: changes.length, tooOld: { 'daily-stats': changes.length } });
    expect(await bytes(system, 'daily-stats')).toEqual(live);
  });

  test('rebuild.R3: that breaks off leaves the feed held, and the next one mends it', async () => {
    const system = open();
    const changes = await stored(system, ...someStreams(3));
    const broken = system.rebuilt('daily-stats', () => Promise.reject(new Error('the host stops')));
    await expect(broken).rejects.toThrow('the host stops');
    await expect(system.host()(...changes)).rejects.toMatchObject({ code: 'FEED_HELD' });
    await system.rebuilt('daily-stats');
    await system.host()(...changes);
    const days = (await system.daily('?from=2026-01-01&to=2026-01-03')).jsonBody as readonly {
      created: number;
    }[];
    expect(days.map(({ created: count }) => count)).toEqual([1, 1, 1]);
  });

  test('rebuild.R5: that another one overtakes stops, counts nothing, and leaves the feed as the other left it', async () => {
    const system = open();
    const project = system.host();
    await project(...(await stored(system, ...someStreams(6))));
    let meanwhile: object[] = [];
    const overtaken = system.rebuilt('daily-stats', async () => {
      if (meanwhile.length > 0) return;
      await system.rebuilt('daily-stats');
      meanwhile = await stored(system, ...someStreams(6));
    });
    await expect(overtaken).rejects.toMatchObject({ code: 'FEED_HELD' });
    await project(...meanwhile);
    const days = (await system.daily('?from=2026-01-01&to=2026-01-04')).jsonBody as readonly {
      created: number;
    }[];
    expect(days.reduce((sum, { created: count }) => sum + count, 0)).toBe(12);
  });

  test('rebuild.R5: lets the feed go on only if nobody else holds it since', async () => {
    const { feedHold } = open();
    expect(await feedHold.release('the earlier')).toBe(false);
    await feedHold.hold('the earlier');
    await feedHold.hold('the "later"');
    expect(await feedHold.release('the earlier')).toBe(false);
    expect(await feedHold.holder()).toBe('the "later"');
    expect(await feedHold.release('the "later"')).toBe(true);
    expect(await feedHold.holder()).toBeNull();
  });

  test('rebuild.R4: of customer-orders does not take back what the feed writes meanwhile', async () => {
    const system = open();
    const project = system.host();
    const stream = envelopes(newId(), HAPPY);
    const [before, after] = [stream.slice(0, 3), stream.slice(3)];
    const order = fold(stream[0]?.orderId ?? '', before);
    if (order === undefined) throw new Error('no order');
    const { etag } = await system.orders.create(SCOPE, order, before);
    await project(...before.map(asChange));
    // Between the rebuild's look at the document and its write, the order ends and the feed tells of it.
    let looked = false;
    const customerOrders = {
      ...system.customerOrders,
      read: async (scope: CustomerScope, orderId: string) => {
        const document = await system.customerOrders.read(scope, orderId);
        if (!looked) {
          looked = true;
          const ended = fold(orderId, stream);
          await project(...after.map(asChange));
          if (ended !== undefined) await system.orders.append(SCOPE, order, etag, ended, after);
        }
        return document;
      },
    };
    await system.rebuilt('customer-orders', undefined, { customerOrders });
    expect(looked).toBe(true);
    expect((await system.list('cust-1')).jsonBody).toEqual([viewOf(stream)]);
  });
});
