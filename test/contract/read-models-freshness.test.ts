// How fresh the read models say they are while several readers bring the feed: each host of these tests stands for the
// reader of one lease, and one of them is behind.
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { fold } from '../../src/domain/order';
import type { OrderView } from '../../src/queries/order-view';
import { asChange, envelopes } from '../support/memory-read-models';
import { facts, SCOPE, started } from '../support/orders';
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';
import { HAPPY, newId, openReadModels, type ReadModels } from './read-models-fixture';

let cosmos: Cosmos;
beforeAll(async () => {
  cosmos = await openCosmos();
});
afterAll(() => cosmos.close());
const open = (): ReadModels => openReadModels(cosmos);

const [created, ...afterCreated] = HAPPY;
const JANUARY_FIRST = Date.UTC(2026, 0, 1);
const atHour = (hour: number): number => JANUARY_FIRST + hour * 3_600_000;

/** An order of `customerId` whose events begin at `hour`, a second apart. */
function orderOf(customerId: string, hour: number, rest = afterCreated): EventEnvelope[] {
  if (created?.type !== 'OrderCreated') throw new Error('the happy path begins with OrderCreated');
  const first = { ...created, data: { ...created.data, customerId } };
  return envelopes(newId(), [first, ...rest], atHour(hour));
}

const endOf = (stream: readonly EventEnvelope[]): string | undefined => stream.at(-1)?.occurredAt;
const headerOf = ({
  headers,
}: {
  readonly headers?: Readonly<Record<string, string>> | undefined;
}): unknown => headers?.['X-As-Of'];
const versionsOf = ({ jsonBody }: Awaited<ReturnType<ReadModels['list']>>): readonly number[] =>
  (jsonBody as readonly OrderView[]).map(({ version }) => version);

describe('while one reader of the feed is behind another', () => {
  test('the list of a customer tells nothing by what is shown of another customer', async () => {
    const { host, list } = open();
    const [one, other] = [host(), host()];
    const [early, late] = [orderOf('cust-behind', 8), orderOf('cust-ahead', 9)];
    await one(...late.map(asChange));
    expect(headerOf(await list('cust-ahead'))).toBe(endOf(late));
    expect(headerOf(await list('cust-behind'))).toBeUndefined();
    await other(...early.slice(0, 3).map(asChange));
    expect(headerOf(await list('cust-behind'))).toBe(early[2]?.occurredAt);
    await other(...early.slice(3).map(asChange));
    expect(headerOf(await list('cust-behind'))).toBe(endOf(early));
    expect(headerOf(await list('cust-ahead'))).toBe(endOf(late));
  });

  test('each order says by its version how much of it is shown, and the moment of its customer does not go back', async () => {
    const { host, list } = open();
    const [one, other] = [host(), host()];
    const [early, late] = [orderOf('cust-1', 8), orderOf('cust-1', 9)];
    await other(...early.slice(0, 2).map(asChange));
    await one(...late.map(asChange));
    const before = await list('cust-1');
    expect([versionsOf(before), headerOf(before)]).toEqual([[late.length, 2], endOf(late)]);
    await other(...early.slice(2).map(asChange));
    const after = await list('cust-1');
    expect([versionsOf(after), headerOf(after)]).toEqual([[late.length, early.length], endOf(late)]);
  });

  test('every page of a list, and every filter, has the moment of the customer', async () => {
    const { host, list } = open();
    const streams = [8, 9, 10].map((hour) => orderOf('cust-1', hour));
    await host()(...streams.flat().map(asChange));
    const newest = endOf(streams[2] ?? []);
    for (const query of ['?limit=1', '?status=failed', '?to=2026-01-01T09:00:00Z'])
      expect([query, headerOf(await list('cust-1', query))]).toEqual([query, newest]);
  });

  test('daily-stats.D3: figures give the newest event counted on their days, and a late one does not take it back', async () => {
    const { host, daily, orders } = open();
    const [one, other] = [host(), host()];
    // Of one order, so that both are counted in one part of the day.
    const stream = orderOf('cust-1', 8, [started, facts.completed]);
    const order = fold(stream[0]?.orderId ?? '', stream);
    if (order !== undefined) await orders.create(SCOPE, order, stream);
    const [first, , end] = stream.map(asChange);
    await one(end);
    expect(headerOf(await daily('?from=2026-01-01&to=2026-01-01'))).toBe(endOf(stream));
    await other(first);
    const answer = await daily('?from=2026-01-01&to=2026-01-01');
    expect(answer.jsonBody).toEqual([expect.objectContaining({ created: 1, completed: 1 })]);
    expect(headerOf(answer)).toBe(endOf(stream));
    await one(...orderOf('cust-1', 30).map(asChange));
    expect(headerOf(await daily('?from=2026-01-01&to=2026-01-01'))).toBe(endOf(stream));
  });

  test('figures of days without events give no moment', async () => {
    const { host, daily } = open();
    await host()(...orderOf('cust-1', 8).map(asChange));
    expect((await daily('?from=2025-12-30&to=2025-12-31')).headers).toEqual({});
  });
});
