// What a batch that the store did not do is thrown as, by the statuses of its operations.
import type { Container } from '@azure/cosmos';
import { createCosmosDailyStats } from '../../../src/adapters/cosmos-daily-stats';
import { createCosmosOrderStore } from '../../../src/adapters/cosmos-order-store';
import { NOTHING } from '../../../src/projections/daily-counts';
import { SCOPE, orderAfter } from '../../support/orders';

const A_PAGE = { eventIds: ['a'], newestAt: '2026-01-01T00:00:00.000Z' };

/** A container whose batches fail with `status` at their first operation. */
function failing(status: number): () => Promise<Container> {
  const result = [{ statusCode: status }, { statusCode: 424 }];
  return () =>
    Promise.resolve({ items: { batch: () => Promise.resolve({ result }) } } as unknown as Container);
}

describe.each<[string, (status: number) => Promise<unknown>]>([
  [
    'a step of an order',
    (status) => createCosmosOrderStore(failing(status)).append(SCOPE, orderAfter(), 'e', orderAfter(), []),
  ],
  ['an order', (status) => createCosmosOrderStore(failing(status)).create(SCOPE, orderAfter(), [])],
  [
    'a day of counts',
    (status) => createCosmosDailyStats(failing(status)).count(SCOPE, '2026-01-01', 'etag', NOTHING, A_PAGE),
  ],
])('a batch with %s', (_, write) => {
  test.each([408, 410, 429, 449, 500, 503, 504])(
    'is an outage when an operation ends with %i',
    async (status) => {
      await expect(write(status)).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        details: { outage: true },
      });
    },
  );

  test.each([400, 403, 413])('is refused for good when an operation ends with %i', async (status) => {
    await expect(write(status)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
  });
});
