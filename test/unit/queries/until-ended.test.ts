// POST /api/orders?wait: what becomes of the answer when the store stumbles after the order was taken.
import { TransientError } from '../../../src/errors';
import { untilEnded } from '../../../src/queries/until-ended';
import { completedOrder, orderAfter, started } from '../../support/orders';

const placed = orderAfter(started);

test('a store that is away for a moment does not end the wait: the answer is the ended order', async () => {
  const answers = [
    () => Promise.reject(new TransientError('STORE_UNAVAILABLE', 'away', { outage: true })),
    () => Promise.resolve({ order: placed, etag: '1' }),
    () => Promise.resolve({ order: orderAfter(...completedOrder), etag: '2' }),
  ];
  const read = () => answers.shift()?.() ?? Promise.reject(new Error('asked after the end'));
  expect(await untilEnded({ read }, placed, 30)).toMatchObject({ status: 'completed', ended: true });
});

test('a bug is not waited out', async () => {
  const read = () => Promise.reject(new TypeError('a bug'));
  await expect(untilEnded({ read }, placed, 30)).rejects.toThrow('a bug');
});
