// Pages of the change feed as the projections take them, on the Cosmos DB look-alike through the official SDK: what is
// parked, what comes again, and what a page costs.
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { asChange, envelopes } from '../support/memory-read-models';
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';
import { SCOPE } from '../support/orders';
import { HAPPY, newId, openReadModels, type ReadModels } from './read-models-fixture';

let cosmos: Cosmos;
beforeAll(async () => {
  cosmos = await openCosmos();
});
afterAll(() => cosmos.close());
const open = (): ReadModels => openReadModels(cosmos);

describe('a page of the feed', () => {
  test('with what cannot be read parks it once with the reason, and projects the rest', async () => {
    const { host, list, parking } = open();
    const stream = envelopes(newId(), HAPPY);
    const [first, , third, ...others] = stream.map(asChange);
    const poison = { ...third, data: { step: 7 } };
    const newer = { ...third, id: 'newer', schemaVersion: 99 };
    const unnamable = { ...third, id: 'unnamable', orderId: 'a/b' };
    const unknown = { ...third, id: 'unknown', type: 'OrderTeleported' };
    const project = host();
    const page = [first, poison, newer, unnamable, unknown, { kind: 'order' }, null, 'x', ...others];
    expect(await project(...page)).toEqual({ events: 5, unknownTypes: 1, parked: 3 });
    await project(...page);
    const parked = (await parking.list(SCOPE, 10)).map(({ source, reason, text }) => [
      source,
      reason,
      JSON.parse(text) as unknown,
    ]);
    expect(new Set(parked)).toEqual(
      new Set([
        ['ProjectOrders', expect.stringContaining('data.step'), poison],
        ['ProjectOrders', 'this release cannot read version 99 of StockReserved', newer],
        ['ProjectOrders', expect.stringContaining('orderId must'), unnamable],
      ]),
    );
    expect((await list('cust-1')).jsonBody).toEqual([
      expect.objectContaining({ status: 'completed', version: 7 }),
    ]);
  });

  test('S21: with a new event of a version that only a newer release reads comes again, whole', async () => {
    const { host, list } = open();
    const stream = envelopes(newId(), HAPPY, Date.now()).map(asChange);
    const newer = { ...stream[2], schemaVersion: 99 };
    const project = host();
    const page = [stream[0], stream[1], newer, ...stream.slice(3)];
    await expect(project(...page)).rejects.toMatchObject({ code: 'EVENT_NEWER' });
    expect((await list('cust-1')).jsonBody).toEqual([]);
  });

  test.each<[string, number, (event: EventEnvelope) => object]>([
    ['a moment that there is not', 7, () => ({ occurredAt: '2026-13-01T00:00:00.000Z' })],
    ['a currency that is no code', 1, ({ data }) => ({ data: { ...data, currency: 'a/b' } })],
  ])('with an event of %s parks it, and projects the other orders', async (_what, sequence, change) => {
    const { host, list } = open();
    const poisoned = envelopes(newId(), HAPPY).map((event) =>
      event.sequence === sequence ? { ...event, ...change(event) } : event,
    );
    const page = [...poisoned, ...envelopes(newId(), HAPPY)] as EventEnvelope[];
    expect(await host()(...page.map(asChange))).toMatchObject({ events: 13, parked: 1 });
    expect((await list('cust-1')).jsonBody).toContainEqual(expect.objectContaining({ status: 'completed' }));
  });

  test('costs one request per order, one per part of a day, and two for the page', async () => {
    const { host } = open();
    const project = host();
    await project(...envelopes(newId(), HAPPY).map(asChange));
    cosmos.server.resetCounters();
    const streams = Array.from({ length: 20 }, () => envelopes(newId(), HAPPY, Date.UTC(2026, 0, 1, 1)));
    await project(...streams.flat().map(asChange));
    const { create, batch, read, patch, query } = cosmos.server.counters();
    expect([create, batch, read, patch, query].map((count) => count?.requests ?? 0)).toEqual([
      20, 1, 1, 0, 0,
    ]);
  });

  test('that is held for a rebuild is not taken', async () => {
    const { host, list, feedHold } = open();
    await feedHold.hold('daily-stats');
    const changes = envelopes(newId(), HAPPY).map(asChange);
    await expect(host()(...changes)).rejects.toMatchObject({ code: 'FEED_HELD' });
    expect((await list('cust-1')).jsonBody).toEqual([]);
    await feedHold.release('daily-stats');
    await host()(...changes);
    expect((await list('cust-1')).jsonBody).toHaveLength(1);
  });
});
