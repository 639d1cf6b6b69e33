// Replaying events to the read models.
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import { replayAnswer } from '../../../src/functions/ops.http';
import { ROUTES } from '../../../src/functions/routes/routes';
import type { ReplayPorts } from '../../../src/operations/replay';
import { minute, storeLongStream } from '../../support/long-streams';
import { createMemoryOrderStore } from '../../support/memory-order-store';
import { createMemoryFeedHold } from '../../support/memory-read-models';
import { callTo } from '../../support/route-calls';
import { SCOPE, ORDER_ID } from '../../support/orders';

const OTHER_ID = ORDER_ID.replace(/1$/, '2');

/** Two orders of 150 and 5 events, and a projection that notes what it is fed. */
async function replaying(): Promise<ReplayPorts & { fed: EventEnvelope[] }> {
  const orders = createMemoryOrderStore();
  await storeLongStream(orders, { orderId: ORDER_ID, length: 150 });
  await storeLongStream(orders, { orderId: OTHER_ID, length: 5 });
  const fed: EventEnvelope[] = [];
  const project = (events: readonly EventEnvelope[]): Promise<void> => {
    fed.push(...events);
    return Promise.resolve();
  };
  const clock = { nowMs: () => Date.parse(minute(1_000)) };
  return { orders, clock, projections: [{ name: 'noted', project }], feedHold: createMemoryFeedHold(), fed };
}

const replay = async (ports: ReplayPorts, body: object) =>
  replayAnswer(ports, await callTo(ROUTES.ReplayEvents, { body }));

describe('POST /api/ops/replay', () => {
  test.each<[object, number]>([
    [{}, 155],
    [{ type: 'OrderCreated' }, 2],
    [{ from: minute(5) }, 147],
    [{ type: 'InterventionOpened', from: '2026-01-01T01:02:00+01:00' }, 151],
    [{ type: 'OrderFailed' }, 0],
  ])('of %j feeds exactly the matching events, in sequence, and tells how many', async (body, matched) => {
    const ports = await replaying();
    const answer = await replay(ports, body);
    expect(answer.jsonBody).toEqual({
      ...{ matched, unreadable: 0, projections: ['noted'], untilIso: minute(1_000), dryRun: false },
      tooOld: { noted: 0 },
    });
    expect(ports.fed).toHaveLength(matched);
    const sequences = ports.fed.filter((event) => event.orderId === ORDER_ID).map((event) => event.sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
  });

  test('as a dry run counts and feeds nothing', async () => {
    const ports = await replaying();
    const answer = await replay(ports, { dryRun: true });
    expect(answer.jsonBody).toMatchObject({ matched: 155, dryRun: true });
    expect(ports.fed).toEqual([]);
  });

  test('replay.R1: brings a projection nothing older than it remembers, and tells how much that was', async () => {
    const ports = await replaying();
    const [noted] = ports.projections;
    if (noted === undefined) throw new Error('no projection');
    const projections = [{ ...noted, remembersMs: 900 * 60_000 }];
    const answer = await replay({ ...ports, projections }, {});
    expect(ports.fed.length).toBeGreaterThan(0);
    for (const { occurredAt } of ports.fed) expect(occurredAt >= minute(100)).toBe(true);
    expect(answer.jsonBody).toMatchObject({ matched: 155, tooOld: { noted: 155 - ports.fed.length } });
  });

  test('replay.R3: feeds nothing while a rebuild holds the feed', async () => {
    const ports = await replaying();
    const feedHold = { holder: () => Promise.resolve('a rebuild') };
    await expect(replay({ ...ports, feedHold }, {})).rejects.toMatchObject({ code: 'FEED_HELD' });
    expect(ports.fed).toEqual([]);
    expect((await replay({ ...ports, feedHold }, { dryRun: true })).jsonBody).toMatchObject({
      matched: 155,
    });
  });

  test('leaves out what happens after it began, and counts what it cannot read', async () => {
    const ports = await replaying();
    const stored = (
      await ports.orders
        .scanEvents(SCOPE, { untilIso: minute(1) })
        [Symbol.asyncIterator]()
        .next()
    ).value as readonly EventEnvelope[];
    const newer = { ...stored[0], schemaVersion: 99 } as EventEnvelope;
    const pages = [[newer, ...stored]];
    let until = '';
    const orders: ReplayPorts['orders'] = {
      async *scanEvents(_, { untilIso }) {
        until = untilIso;
        for (const page of pages) yield await Promise.resolve(page);
      },
    };
    const answer = await replay({ ...ports, orders }, {});
    expect(until).toBe(minute(1_000));
    expect(answer.jsonBody).toMatchObject({ matched: 3, unreadable: 1 });
    expect(ports.fed).toEqual(stored);
  });

  test.each([
    [{ type: 'Invented' }, 'type'],
    [{ from: 'yesterday' }, 'from'],
    [{ dryRun: 'yes' }, 'dryRun'],
    [{ tpye: 'OrderCreated' }, 'tpye'],
  ])('refuses %j at the path %s', async (body, path) => {
    const ports = await replaying();
    await expect(replay(ports, body)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ path }],
    });
    expect(ports.fed).toEqual([]);
  });
});
