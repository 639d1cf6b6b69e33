import * as fc from 'fast-check';
import { bucketOf } from '../../../src/domain/bucket';

test.each([
  ['00000000-0000-4000-8000-000000000001', 4, 0],
  ['7fffffff-0000-4000-8000-000000000001', 4, 7],
  ['ffffffff-0000-4000-8000-000000000001', 4, 15],
  ['80000000-0000-4000-8000-000000000001', 1, 1],
  ['00000001-0000-4000-8000-000000000001', 32, 1],
])('the bucket of %s by %i bits is %i', (orderId, bits, bucket) => {
  expect(bucketOf(orderId, bits)).toBe(bucket);
});

test('a bucket by fewer bits holds whole buckets by more', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.integer({ min: 1, max: 31 }), (orderId, bits) => {
      expect(bucketOf(orderId, bits)).toBe(Math.floor(bucketOf(orderId, bits + 1) / 2));
    }),
  );
});
