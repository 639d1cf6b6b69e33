// Cosmos DB orders events by time alone; what happened at one moment is put into sequence, across its pages too.
import { scanEvents } from '../../../src/adapters/cosmos-event-scan';
import type { ExportFiles } from '../../../src/ports/exports';
import { SCOPE } from '../../support/orders';

/** Nothing has been exported. */
const NO_FILES: ExportFiles = {
  create: () => Promise.resolve(undefined),
  read: () => Promise.reject(new Error('nothing is asked for')),
};
const AT_1 = '2026-01-01T00:00:01.000Z';
const AT_2 = '2026-01-01T00:00:02.000Z';
const AT_3 = '2026-01-01T00:00:03.000Z';

/** The ids that a scan gives, page by page, when the store answers `pages` (undefined: a page without its list). */
async function scanned(...pages: (readonly [string, number, string][] | undefined)[]): Promise<string[][]> {
  const left = [...pages];
  const query = {
    hasMoreResults: () => left.length > 0,
    fetchNext: () =>
      Promise.resolve({
        resources: left
          .shift()
          ?.map(([orderId, sequence, occurredAt]) => ({ orderId, sequence, occurredAt, kind: 'event' })),
      }),
  };
  const connect = (): Promise<never> => Promise.resolve({ items: { query: () => query } } as never);
  const found: string[][] = [];
  for await (const page of scanEvents(connect, SCOPE, { untilIso: AT_3 }, NO_FILES))
    found.push(page.map(({ orderId, sequence }) => `${orderId}:${sequence}`));
  return found;
}

test('events of one moment come in sequence, order by order, also when a page ends between them', async () => {
  expect(
    await scanned(
      [
        ['a', 1, AT_1],
        ['b', 2, AT_2],
        ['a', 3, AT_2],
      ],
      [
        ['b', 1, AT_2],
        ['a', 2, AT_2],
        ['a', 4, AT_3],
      ],
    ),
  ).toEqual([['a:1'], ['a:2', 'a:3', 'b:1', 'b:2'], ['a:4']]);
});

test('empty pages change nothing', async () => {
  expect(await scanned([], [['a', 1, AT_1]], undefined)).toEqual([['a:1']]);
  expect(await scanned(undefined)).toEqual([]);
});
